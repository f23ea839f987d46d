"""The rules of the sources: from the user's files, or from a server, to stores and numbers."""

import hashlib
import http.server
import io
import os
import threading
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pyarrow.parquet
import pytest
import xarray
import yaml
from PIL import Image

import project
from gsn.data import pixels
from gsn.data.splits import drawn

ROOT = Path(__file__).parent.parent
SPLITS = ("train", "test")
TINY = {
    "J": 2,
    "L": 4,
    "d": 4,
    "generator": {"width": 2, "kernel": 3},
    "training": {"epochs": 1, "batch": 4},
}


def photograph(seed, size=(24, 20)):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8))


def make_folder(root):
    """Write 16 images of two classes, one of them broken."""
    for i in range(16):
        place = root / ("cat" if i % 2 else "dog")
        place.mkdir(parents=True, exist_ok=True)
        photograph(i).save(place / f"{i:02d}.{('png', 'webp', 'jpg')[i % 3]}")
    (root / "cat/07.webp").write_bytes(b"RIFF")


def make_faces(path):
    """Write a stored zip of 12 JPEGs of 178 x 218, and return its MD5."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for i in range(1, 13):
            file = io.BytesIO()
            Image.new("RGB", (178, 218), (20 * i, 0, 0)).save(file, "JPEG")
            archive.writestr(f"img_align_celeba/{i:06d}.jpg", file.getvalue())
    return hashlib.md5(path.read_bytes()).hexdigest()


def make_rooms(path):
    """Write a parquet file of 8 encoded images."""
    values = []
    for i in range(8):
        file = io.BytesIO()
        photograph(i).save(file, "PNG")
        values.append({"bytes": file.getvalue(), "path": None})
    path.mkdir()
    pyarrow.parquet.write_table(pyarrow.table({"image": values}), path / "train-0-of-1.parquet")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the project beside the files of a user.

    mine.yaml configures their data sets. The targets that several tests use are made.
    """
    house = project.copy(tmp_path_factory.mktemp("house"))
    make_folder(house / "photos")
    md5 = make_faces(house / "celeba.zip")
    make_rooms(house / "rooms")
    rng = np.random.default_rng(0)
    with h5py.File(house / "sky.h5", "w") as file:
        file["images"] = rng.integers(0, 256, (15, 20, 20)) / 255
        file["ans"] = rng.integers(0, 3, 15)
        file["images"][drawn("train", 12, 3, 15, seed=0)[4], 3, 2] = np.nan
    datasets = {
        "mine": {"source": "folder", "path": "photos", "N": 16, "on_error": "skip"},
        "strict": {"source": "folder", "path": "photos", "N": 16},
        "sky": {
            "source": "hdf5",
            "path": "sky.h5",
            "key": "images",
            "labels": "ans",
            "N": 16,
            "crop": 16,
        }
        | {"channels": 1, "on_error": "skip"},
        "celeba": {"raw": "celeba.zip", "md5": md5, "N": 32, "train": 8, "test": 3},
        "other": {
            "source": "celeba",
            "splits": "first_n",
            "raw": "celeba.zip",
            "N": 32,
            "train": 8,
            "test": 3,
        },
        "rooms": {
            "source": "lsun",
            "splits": "sample",
            "raw": "rooms",
            "crop": 20,
            "N": 16,
            "train": 5,
            "test": 2,
        },
        "nowhere": {"source": "folder", "path": "nowhere", "N": 16},
    }
    (house / "mine.yaml").write_text(
        yaml.safe_dump({"defaults": TINY, "table1": ["polygon5-32"], "datasets": datasets})
    )
    targets = [
        f"results/{name}/images/{split}.zarr/zarr.json"
        for name in ("mine", "celeba", "rooms")
        for split in SPLITS
    ]
    result = snakemake(
        house,
        "--max-threads",
        "1",
        "results/sky/J2_L4/d4/bundle.h5",
        "results/mine/images/train.png",
        *targets,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return house


def snakemake(house, *arguments, **settings):
    return project.snakemake(house, "mine.yaml", *arguments, **settings)


def refused(house, *arguments, **settings):
    result = snakemake(house, *arguments, **settings)
    assert result.returncode != 0
    return result.stdout + result.stderr


def test_a_folder_of_the_user_becomes_labelled_splits(house):
    """The 16 images are split into 13 and 3; the split with the broken one is one image shorter."""
    splits = [xarray.open_zarr(house / f"results/mine/images/{split}.zarr") for split in SPLITS]
    assert sorted(len(split.image) for split in splits) in ([3, 12], [2, 13])
    assert sum(split.skipped for split in splits) == 1
    assert sum(int((split.label == 0).sum()) for split in splits) == 7  # of 8 cats
    assert splits[0].label.classes == ["cat", "dog"]
    assert splits[0].x.shape[1:] == (3, 16, 16)
    assert (house / "results/mine/images/train.png").stat().st_size > 1000


def test_a_broken_image_stops_the_run_by_default(house):
    said = refused(
        house,
        "results/strict/images/train.zarr/zarr.json",
        "results/strict/images/test.zarr/zarr.json",
    )
    assert "photos/cat/07.webp cannot be read (" in said
    assert "repair it, remove it, or set on_error: skip." in said
    assert "most recent call last" not in said.split("07.webp")[0].rsplit("\n", 1)[1]


def test_a_d_that_the_skipped_images_leave_too_large_is_named(house):
    """Of the 12 training images that the configuration has, 11 can be read."""
    target = "results/sky/J1_L4/pca.zarr/zarr.json"
    said = refused(house, "--config", "datasets={sky: {d: 11}}", "--", target)
    assert "got rank=11, n=11 images, p=320 coefficients; ask for d and rank of 10 or less" in said
    assert "(those that on_error: skip left out do not count)" in said
    assert "Traceback" not in said.split("got rank=11")[0].rsplit("\n", 2)[1]


def test_the_bundle_holds_grey_images_of_hdf5_with_their_z_and_labels(house):
    """Of 15 images, 12 are for training. One of these has a NaN pixel, and is skipped."""
    assert xarray.open_zarr(house / "results/sky/J2_L4/scattering/train.zarr").S.shape == (
        11,
        25,
        4,
        4,
    )
    with (
        h5py.File(house / "results/sky/J2_L4/d4/bundle.h5") as bundle,
        h5py.File(house / "sky.h5") as file,
    ):
        assert bundle.attrs["d"] == 4
        assert "whitened scattering embedding" in bundle.attrs["description"]
        pixels = np.rint(255 * np.nan_to_num(file["images"][:, 2:18, 2:18])).astype(np.uint8)
        label_of = dict(zip(map(bytes, pixels), file["ans"], strict=True))
        for split, n in (("train", 11), ("test", 3)):
            group = bundle[split]
            assert [axis.label for axis in group["images"].dims] == [
                "image",
                "colour",
                "row",
                "column",
            ]
            assert group["images"].shape == group["images"].chunks == (n, 1, 16, 16)
            assert group.attrs["key"] == "images"
            z = xarray.open_zarr(house / f"results/sky/J2_L4/d4/z/{split}.zarr").z
            np.testing.assert_array_equal(group["z"], z)
            assert [label_of[bytes(image)] for image in group["images"][:, 0]] == group["labels"][
                ...
            ].tolist()
            for image, name in zip(group["images"][:, 0], group["names"].asstr()[...], strict=True):
                np.testing.assert_array_equal(
                    pixels[int(name.removeprefix("sky.h5/images[")[:-1])], image
                )


def test_a_bundle_can_be_a_source(house):
    overlay = {
        "datasets": {
            "again": {
                "source": "hdf5",
                "path": "results/sky/J2_L4/d4/bundle.h5",
                "key": "train/images",
                "N": 16,
            }
            | {"channels": 1, "train": 9, "test": 2}
        }
    }
    (house / "again.yaml").write_text(yaml.safe_dump(overlay))
    target = "results/again/images/test.zarr/zarr.json"
    result = snakemake(house, "--configfile", "mine.yaml", "again.yaml", "--", target)
    assert result.returncode == 0, result.stdout + result.stderr
    with h5py.File(house / "results/sky/J2_L4/d4/bundle.h5") as bundle:
        bundled = {bytes(image) for image in bundle["train/images"][...]}
    for image in xarray.open_zarr(house / "results/again/images/test.zarr").x.values:
        assert bytes(image) in bundled


def test_a_zip_of_celeba_of_the_user_is_stored(house):
    test = xarray.open_zarr(house / "results/celeba/images/test.zarr")
    red = test.x.mean(("row", "column"))[:, 0]
    np.testing.assert_allclose(red, [180, 200, 220], atol=2)  # JPEG
    assert "non-commercial" in test.terms


def test_parquet_files_of_lsun_of_the_user_are_stored(house):
    rooms = {
        split: xarray.open_zarr(house / f"results/rooms/images/{split}.zarr") for split in SPLITS
    }
    for split in SPLITS:
        for image, i in zip(rooms[split].x, drawn(split, 5, 2, 8, seed=0), strict=True):
            np.testing.assert_array_equal(
                image, pixels.square(np.asarray(photograph(i)), 16, channels=3, crop=20)
            )


def test_a_zip_other_than_that_of_celeba_is_refused(house):
    said = refused(house, "results/other/images/test.zarr/zarr.json")
    assert "celeba.zip must be the expected img_align_celeba.zip: its md5 is" in said


def test_a_missing_folder_is_refused(house):
    said = refused(house, "results/nowhere/images/test.zarr/zarr.json")
    sentence = f"nowhere: path must be a folder of images: found none at {house}/nowhere; "
    assert f"{sentence}correct the path." in said
    assert "most recent call last" not in said


def test_a_file_that_no_mirror_has_is_reported(house):
    """The error is one sentence, and no file remains."""
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler
    ) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/no"
        said = refused(
            house, "data/celeba/img_align_celeba.zip", env=os.environ | {"GSN_MIRROR": url}
        )
        server.shutdown()
    assert "CelebA is for non-commercial research only" in said
    answer = f"none gave it ({url}/celeba/img_align_celeba.zip: 404 File not found)"
    assert (
        f"must come from a mirror: {answer}; try again later, put a copy at data/celeba/img_align"
        in said
    )
    assert not [path for path in house.glob("data/**/*") if path.is_file()]


def test_a_file_of_the_user_is_never_deleted(house):
    """Snakemake deletes the outputs of a rule before it runs the rule.

    It does so when the rule is forced, and when it runs again after a kill.
    """
    file = house / "data/mnist/t10k-labels-idx1-ubyte.gz"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"mine")
    said = refused(house, "--force", file.relative_to(house).as_posix())
    name = "t10k-labels-idx1-ubyte.gz"
    assert f"data/mnist/{name} must be the expected {name}: its md5" in said
    assert file.read_bytes() == b"mine"


def test_a_changed_image_in_the_folder_is_noticed(house):
    target = "results/mine/images/train.zarr/zarr.json"
    assert "Nothing to be done" in snakemake(house, target).stderr
    photograph(99).save(house / "photos/cat/01.webp")
    assert "store_images" in snakemake(house, "--dry-run", target).stdout
