"""Every source on a small fixture of its true format: who is in which split, pixels, labels, and what it refuses."""

import gzip
import hashlib
import io
import os
import zipfile

import h5py
import lmdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from PIL import Image

from gsn.data import Unreadable, celeba, folder, hdf5, lsun, mnist, polygons, splits
from gsn.data.files import File
from gsn.runtime import files

WHOLE = {"N": 16, "channels": 3, "crop": 16}


def picture(i, height=20, width=24):
    """Its number is its colour; a dark frame stays outside of the centred square of 16."""
    image = np.full((height, width, 3), (i, 255 - i, 128), dtype=np.uint8)
    image[:2] = image[-2:] = image[:, :4] = image[:, -4:] = 0
    return Image.fromarray(image)


def encoded(i, kind="PNG", **options):
    file = io.BytesIO()
    picture(i).save(file, kind, **options)
    return file.getvalue()


def numbers(items):
    """Which pictures these are."""
    return [round(float(item.load()[0].mean())) for item in items]


# Splits


def test_first_and_drawn_are_disjoint_and_as_many_as_asked_for():
    for choose in (splits.first, lambda *sizes: splits.drawn(*sizes, seed=3)):
        train, test = choose("train", 7, 3, 12), choose("test", 7, 3, 12)
        assert (len(train), len(test)) == (7, 3)
        assert not set(train) & set(test)
        assert list(train) == sorted(train)
    assert list(splits.first("test", 7, 3, 12)) == [7, 8, 9]
    np.testing.assert_array_equal(
        splits.drawn("train", 7, 3, 12, seed=3), splits.drawn("train", 7, 5, 12, seed=3)
    )
    assert list(splits.drawn("train", 7, 3, 12, seed=3)) != list(
        splits.drawn("train", 7, 3, 12, seed=4)
    )


@pytest.mark.parametrize(
    ("train", "test", "expected"),
    [(None, None, (8, 2)), (5, None, (5, 5)), (None, 4, (6, 4)), (5, 2, (5, 2))],
)
def test_counts_left_out_take_what_is_there(train, test, expected):
    assert splits.counts(10, train, test) == dict(zip(("train", "test"), expected, strict=True))


@pytest.mark.parametrize(
    ("total", "train", "test", "sentence"),
    [
        (
            10,
            8,
            3,
            "train and test must together be at most the number of images, 10: got train=8, test=3",
        ),
        (10, 10, None, "train must leave at least 1 of 10 images: got 10; use at most 9"),
        (10, None, 11, "test must leave at least 1 of 10 images: got 11; use at most 9"),
        (4, None, None, "train must leave at least 1 of 4 images: got 4; use at most 3"),
    ],
)
def test_too_few_images(total, train, test, sentence):
    with pytest.raises(ValueError, match=sentence):
        splits.counts(total, train, test)


# Polygons: their mathematics is in test_polygons.py


def test_polygons():
    settings = {"channels": 1, "seed": 5, "points": 4, "background": [7], "min_area": 0.1}
    items = list(polygons.items("train", 3, 16, **settings))
    np.testing.assert_array_equal(items[2].load(), polygons.draw(2, 16, split="train", **settings))


# MNIST


def idx(array):
    return (
        bytes([0, 0, 8, array.ndim])
        + np.array(array.shape, dtype=">u4").tobytes()
        + array.tobytes()
    )


@pytest.fixture
def digits(tmp_path, monkeypatch):
    """Files in the format of MNIST, of 5 digits each, with checksums to match."""
    arrays = {}
    for split, (images, labels) in mnist.SPLITS.items():
        rng = np.random.default_rng(len(split))
        arrays[split] = (
            rng.integers(0, 256, (5, 28, 28), np.uint8),
            rng.integers(0, 10, 5, np.uint8),
        )
        for name, array in zip((images, labels), arrays[split], strict=True):
            (tmp_path / name).write_bytes(gzip.compress(idx(array)))
            digest = hashlib.md5(idx(array)).hexdigest()
            monkeypatch.setitem(mnist.FILES, name, File(name, md5="0", unpacked_md5=digest))
    return tmp_path, arrays


@pytest.mark.parametrize("split", ["train", "test"])
def test_mnist(digits, split):
    path, arrays = digits
    items = list(mnist.items(path, split, n=4, N=28, channels=1))
    np.testing.assert_array_equal(
        np.stack([item.load() for item in items]), arrays[split][0][:4, None]
    )
    assert [item.label for item in items] == arrays[split][1][:4].tolist()


def test_mnist_of_another_size_and_in_three_channels(digits):
    image = next(mnist.items(digits[0], "train", n=1, N=32, channels=3)).load()
    assert image.shape == (3, 32, 32)
    np.testing.assert_array_equal(image[0], image[2])


def test_mnist_refuses(digits):
    path, _ = digits
    with pytest.raises(ValueError, match="train must be at most 5, all of MNIST: got 6"):
        next(mnist.items(path, "train", n=6, N=28, channels=1))
    (path / "t10k-labels-idx1-ubyte.gz").write_bytes(b"something else")
    with pytest.raises(ValueError, match=r"t10k-labels-idx1-ubyte.gz must be the .*: its md5 is"):
        next(mnist.items(path, "test", n=5, N=28, channels=1))
    (path / "cut.gz").write_bytes(gzip.compress(idx(np.zeros((3, 4), np.uint8))[:-1]))
    with pytest.raises(ValueError, match=r"cut.gz must hold 12 values: found 11"):
        mnist.read_idx(path / "cut.gz")
    (path / "other.gz").write_bytes(gzip.compress(b"other"))
    with pytest.raises(
        ValueError, match="must be an idx file of bytes: it begins with 6f 74 68 65"
    ):
        mnist.read_idx(path / "other.gz")


# CelebA


@pytest.fixture
def faces(tmp_path):
    """A stored zip of JPEGs of 178 x 218, whose centre says their number, and the official partition."""
    path = tmp_path / "img_align_celeba.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("img_align_celeba/", "")
        archive.writestr("__MACOSX/img_align_celeba/._000001.jpg", b"")
        for i in (3, 1, 2, 4, 6, 5):  # in no order
            image = np.zeros((218, 178, 3), dtype=np.uint8)
            image[45:173, 25:153] = 20 * i
            file = io.BytesIO()
            Image.fromarray(image).save(file, "JPEG", quality=100, subsampling=0)
            archive.writestr(f"img_align_celeba/{i:06d}.jpg", file.getvalue())
    parts = {1: 2, 2: 0, 3: 0, 4: 1, 5: 2, 6: 0}
    (tmp_path / "list_eval_partition.txt").write_text(
        "".join(f"{i:06d}.jpg {part}\n" for i, part in parts.items())
    )
    return path


CENTRE = {"N": 128, "channels": 3, "crop": 128}


def face_numbers(items):
    return [round(float(item.load().mean()) / 20) for item in items]


def test_celeba_s_first_n(faces):
    assert face_numbers(celeba.items(faces, "train", train=3, test=2, **CENTRE)) == [1, 2, 3]
    assert face_numbers(celeba.items(faces, "test", train=3, test=2, **CENTRE)) == [4, 5]


def test_celeba_s_official_partition(faces):
    partition = faces.with_name("list_eval_partition.txt")
    sizes = {"train": 3, "test": 1, "partition": partition}
    assert face_numbers(celeba.items(faces, "train", **sizes, **CENTRE)) == [2, 3, 6]
    assert face_numbers(celeba.items(faces, "test", **sizes, **CENTRE)) == [1]


def test_celeba_s_window_is_exact(faces):
    image = next(celeba.items(faces, "train", train=1, test=1, **CENTRE)).load()
    assert image.shape == (3, 128, 128)
    assert (
        np.abs(image[:, 8:-8, 8:-8].astype(int) - 20).max() <= 1
    )  # JPEG; the frame around is black
    half = next(celeba.items(faces, "train", train=1, test=1, N=64, channels=3, crop=128)).load()
    assert half.shape == (3, 64, 64)
    assert np.abs(half[:, 4:-4, 4:-4].astype(int) - 20).max() <= 1  # JPEG


def test_celeba_refuses(faces, tmp_path):
    with pytest.raises(ValueError, match="at most the number of images, 6: got train=5, test=2"):
        next(celeba.items(faces, "train", train=5, test=2, **CENTRE))
    partition = faces.with_name("list_eval_partition.txt")
    with pytest.raises(ValueError, match="test must be at most 2, the official test images: got 3"):
        next(celeba.items(faces, "test", train=1, test=3, partition=partition, **CENTRE))
    partition.write_text("<html>no list today</html>")
    with pytest.raises(ValueError, match=r"must hold lines such as '000001\.jpg 0'"):
        next(celeba.items(faces, "test", train=1, test=1, partition=partition, **CENTRE))
    page = tmp_path / "page.zip"
    page.write_bytes(b"<html>")
    with pytest.raises(ValueError, match=r"page\.zip must be a zip"):
        next(celeba.items(page, "train", train=1, test=1, **CENTRE))


def test_a_corrupt_face_is_told_when_it_is_loaded(faces):
    data = bytearray(faces.read_bytes())
    with zipfile.ZipFile(faces) as archive:
        start = archive.getinfo("img_align_celeba/000002.jpg").header_offset
    data[start + 300 : start + 310] = b"0123456789"
    faces.write_bytes(data)
    first, second = celeba.items(faces, "train", train=2, test=1, **CENTRE)
    assert first.load().shape == (3, 128, 128)
    assert second.name.endswith("img_align_celeba.zip/img_align_celeba/000002.jpg")
    with pytest.raises(Unreadable, match="Bad CRC-32"):
        second.load()


# LSUN


KINDS = ("WEBP", "JPEG")  # both are found among the values


@pytest.fixture
def bedrooms(tmp_path):
    """An LMDB of 12 encoded images of several shapes; its keys of 40 hex characters sort as they are numbered."""
    path = tmp_path / "bedroom_train_lmdb"
    with (
        lmdb.open(str(path), map_size=2**24) as database,
        database.begin(write=True) as transaction,
    ):
        for i in reversed(range(12)):
            image = Image.new(
                "RGB", (256 + 10 * i, 256) if i % 2 else (256, 256 + i), (20 * i, 100, 100)
            )
            file = io.BytesIO()
            image.save(file, KINDS[i % 2], quality=95)
            transaction.put(f"{i:02x}{'0' * 38}".encode(), file.getvalue())
    return path


@pytest.fixture
def sample(tmp_path):
    """The parquet files of a sample: encoded images in two files, and a test file beside them."""
    data = tmp_path / "sample/data"
    data.mkdir(parents=True)
    for name, part in {
        "train-0-of-2": range(7),
        "train-1-of-2": range(7, 12),
        "test-0-of-1": range(50, 52),
    }.items():
        values = []
        for i in part:
            file = io.BytesIO()
            Image.new("RGB", (256, 300), (20 * i % 256, 100, 100)).save(file, "JPEG", quality=95)
            values.append({"bytes": file.getvalue(), "path": None})
        table = pa.table(
            {"image": pa.array(values, pa.struct({"bytes": pa.binary(), "path": pa.string()}))}
        )
        pyarrow.parquet.write_table(table, data / f"{name}.parquet", row_group_size=3)
    return data.parent


ROOM = {"N": 128, "channels": 3, "crop": 256}


def room_numbers(items):
    return [round(float(item.load()[0].mean()) / 20) for item in items]


@pytest.mark.parametrize("release", ["bedrooms", "sample"])
def test_lsun(release, request):
    path = request.getfixturevalue(release)
    sizes = {"train": 8, "test": 3}
    assert room_numbers(lsun.items(path, "train", **sizes, **ROOM)) == list(range(8))
    assert room_numbers(lsun.items(path, "test", **sizes, **ROOM)) == [8, 9, 10]
    drawn = [
        room_numbers(lsun.items(path, split, **sizes, seed=2, **ROOM))
        for split in ("train", "test")
    ]
    assert drawn == [splits.drawn(split, 8, 3, 12, 2).tolist() for split in ("train", "test")]
    with pytest.raises(ValueError, match="at most the number of images, 12: got train=10, test=3"):
        next(lsun.items(path, "train", train=10, test=3, **ROOM))


def test_lsun_of_a_folder_with_neither(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"must hold data\.mdb or parquet files: found neither"
    ):
        next(lsun.items(tmp_path, "train", train=1, test=1, **ROOM))


def test_lsun_that_was_cut(bedrooms, sample):
    data = bedrooms / "data.mdb"
    data.write_bytes(data.read_bytes()[: data.stat().st_size // 2])
    with pytest.raises(
        ValueError, match=r"data\.mdb must have \d+ bytes: got \d+; unpack it again"
    ):
        next(lsun.items(bedrooms, "train", train=1, test=1, **ROOM))
    data.write_bytes(b"something else" * 1000)
    with pytest.raises(ValueError, match=r"data\.mdb must be an LMDB: "):
        next(lsun.items(bedrooms, "train", train=1, test=1, **ROOM))
    file = next((sample / "data").glob("train-0*"))
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ValueError, match=r"train-0-of-2\.parquet must be a whole parquet file: "):
        next(lsun.items(sample, "train", train=1, test=1, **ROOM))
    pyarrow.parquet.write_table(pa.table({"picture": [b""]}), file)
    with pytest.raises(ValueError, match=r"must have the column image: found picture"):
        next(lsun.items(sample, "train", train=1, test=1, **ROOM))


def test_lsun_is_unpacked(bedrooms, tmp_path):
    archive = tmp_path / "bedroom_train_lmdb.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(bedrooms / "data.mdb", "bedroom_train_lmdb/data.mdb")
        packed.write(bedrooms / "lock.mdb", "bedroom_train_lmdb/lock.mdb")
    lsun.unpack(archive, tmp_path / "new/data.mdb")
    assert room_numbers(lsun.items(tmp_path / "new", "train", train=2, test=1, **ROOM)) == [0, 1]
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as packed:
        packed.writestr("readme.txt", "")
    with pytest.raises(ValueError, match=r"must hold a data\.mdb: found readme\.txt"):
        lsun.unpack(tmp_path / "other.zip", tmp_path / "newer/data.mdb")
    assert not (tmp_path / "newer/data.mdb").exists()


# A folder


def save(root, *names):
    for i, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        picture(10 * i).save(root / name)


@pytest.fixture
def mine(tmp_path):
    """A folder as people have it: mixed formats, hidden files, notes, an empty folder, a link."""
    root = tmp_path / "mine"
    save(root, "a.png", "B.PNG", "c 1.webp", "d.png", "deep/er/e.png")
    picture(50).convert("P").save(root / "f.png")
    (root / ".hidden.png").write_bytes(b"")
    (root / "._a.png").write_bytes(b"")
    (root / ".cache").mkdir()
    picture(0).save(root / ".cache/thumb.png")
    (root / "notes.txt").write_text("not an image")
    (root / "empty").mkdir()
    (root / "deep/back").symlink_to(root)  # a loop
    (root / "again").symlink_to(root / "deep")  # and a second way, which comes first
    (root / "g.png").symlink_to(root / "a.png")
    return root


def test_the_listing_is_stable_and_of_images_only(mine):
    assert folder.listing(mine) == [
        "B.PNG",
        "a.png",
        "again/er/e.png",
        "c 1.webp",
        "d.png",
        "f.png",
        "g.png",
    ]


def test_a_folder_is_split_by_a_seeded_shuffle(mine):
    sizes = folder.counts(mine)
    assert sizes == {"train": 6, "test": 1}
    train, test = (
        [item.name for item in folder.items(mine, split, **sizes, seed=1, **WHOLE)]
        for split in ("train", "test")
    )
    assert sorted(train + test) == [str(mine / name) for name in folder.listing(mine)]
    assert train == sorted(train)
    assert train != [item.name for item in folder.items(mine, "train", **sizes, seed=3, **WHOLE)]
    for split in ("train", "test"):
        for item in folder.items(mine, split, **sizes, seed=1, **WHOLE):
            assert item.load().shape == (3, 16, 16)
            assert item.label is None


def test_folders_for_the_splits_and_for_classes(tmp_path):
    save(tmp_path, "train/cat/1.png", "train/dog/2.png", "train/cat/3.png", "test/dog/4.png")
    sizes = folder.counts(tmp_path)
    assert sizes == {"train": 3, "test": 1}
    assert folder.classes(tmp_path) == ["cat", "dog"]
    train, test = (
        list(folder.items(tmp_path, split, **sizes, seed=0, **WHOLE)) for split in ("train", "test")
    )
    assert numbers(train) == [0, 20, 10]
    assert [item.label for item in train] == [0, 0, 1]
    assert [item.label for item in test] == [1]
    assert len(list(folder.items(tmp_path, "train", train=2, test=1, seed=0, **WHOLE))) == 2


def test_the_digest_sees_a_change(mine):
    splits_ = {"train": 5, "test": 2, "seed": 0}
    before = [folder.digest(mine, split, **splits_) for split in ("train", "test")]
    (mine / "notes.txt").write_text("changed")
    (mine / "a.png").touch()
    assert [folder.digest(mine, split, **splits_) for split in ("train", "test")] == before
    changed, _ = folder.chosen(mine, "test", **splits_)[0]
    Image.effect_noise((30, 30), 50).save(changed)
    after = [folder.digest(mine, split, **splits_) for split in ("train", "test")]
    assert [new != old for new, old in zip(after, before, strict=True)] == [False, True]


def test_a_link_to_nowhere_is_an_image_that_cannot_be_read(mine):
    (mine / "nowhere.png").symlink_to("gone.png")
    sizes = folder.counts(mine)
    assert folder.digest(mine, "train", **sizes, seed=0)
    items = [
        item for split in sizes for item in folder.items(mine, split, **sizes, seed=0, **WHOLE)
    ]
    with pytest.raises(Unreadable, match="No such file"):
        next(item for item in items if item.name.endswith("nowhere.png")).load()


def test_a_name_that_is_not_utf8(tmp_path):
    picture(1).save(tmp_path / "a.png")
    os.rename(tmp_path / "a.png", os.fsencode(tmp_path) + b"/caf\xe9.png")
    picture(2).save(tmp_path / "b.png")
    sizes = {"train": 1, "test": 1, "seed": 0}
    items = [
        item
        for split in ("train", "test")
        for item in folder.items(tmp_path, split, **sizes, **WHOLE)
    ]
    assert all(folder.digest(tmp_path, split, **sizes) for split in ("train", "test"))
    files.write_csv(tmp_path / "names.csv", ["image"], [[item.name] for item in items])
    assert b"/caf\xe9.png" in (tmp_path / "names.csv").read_bytes()
    assert sorted(numbers(items)) == [1, 2]


def test_what_was_found_and_what_is_left_out(mine, tmp_path):
    assert (
        folder.summary(mine)
        == f"{mine}: 7 images, without labels (6 of them lie in no folder); left out: 1 .txt."
    )
    root = tmp_path / "classes"
    save(root, "train/cat/1.png", "train/dog/2.png", "test/cat/3.png", "val/cat/4.png")
    (root / "train/cat/1.tif").touch()
    assert folder.summary(root) == (
        f"{root}: 2 images in train/ and 1 images in test/ of 2 classes (cat, dog); "
        "left out: 1 .tif, 1 images that are in neither."
    )


def test_a_folder_refuses(tmp_path):
    with pytest.raises(FileNotFoundError, match="path must be a folder of images: found none at"):
        folder.counts(tmp_path / "nowhere")
    with pytest.raises(
        ValueError, match=r"must hold images \(\.png, .*\): found no files; correct the path"
    ):
        folder.counts(tmp_path)
    (tmp_path / "1.tif").touch()
    with pytest.raises(ValueError, match=r"must hold images .*: found 1 \.tif; convert them"):
        folder.counts(tmp_path)
    (tmp_path / "Test").mkdir()
    with pytest.raises(
        ValueError, match=r"must have train/ and test/ in small letters: found Test/; rename it"
    ):
        folder.counts(tmp_path)
    (tmp_path / "Test").rmdir()
    save(tmp_path, "train/1.png", "2.png")
    with pytest.raises(
        ValueError, match=r"both of train/ and test/, or neither: found train/ only"
    ):
        folder.counts(tmp_path)
    save(tmp_path, "test/1.png")
    with pytest.raises(ValueError, match=r"train must be at most 1, the images in .*train: got 2"):
        folder.counts(tmp_path, train=2)


# HDF5


@pytest.fixture
def table(tmp_path):
    """The same 10 pictures in every layout that people have, and what is no image."""
    images = np.stack([np.asarray(picture(10 * i)) for i in range(10)])
    with h5py.File(tmp_path / "table.h5", "w") as file:
        file["images"] = images
        file.create_dataset("chunked", data=images, chunks=(3, 20, 24, 3), compression="gzip")
        file["group/first"] = np.moveaxis(images, 3, 1)
        file["float"] = images.astype(np.float32) / 255
        file["double"] = np.moveaxis(images, 3, 1) / 255
        file["grey"] = images[..., 0]
        file["grey_last"] = images[..., :1]
        file["ans"] = np.arange(10) % 3
        file["link"] = h5py.SoftLink("/group/first")
        file["none"] = np.zeros((0, 20, 24), np.uint8)
        file["out"] = np.where(np.arange(10) == 4, np.nan, 0.5)[:, None, None] * np.ones(
            (10, 20, 24)
        )
        file["int"] = images.astype(np.int32)
        file["bands"] = np.zeros((10, 20, 24, 5), np.uint8)
    return tmp_path / "table.h5"


SIZES = {"train": 7, "test": 3}


@pytest.mark.parametrize(
    "key", ["images", "chunked", "group/first", "float", "double", "grey", "grey_last", "link"]
)
def test_hdf5(table, key, monkeypatch):
    monkeypatch.setattr(hdf5, "BYTES", 3000)  # two images or so
    for split in ("train", "test"):
        items = list(hdf5.items(table, split, key=key, labels="ans", **SIZES, seed=1, **WHOLE))
        expected = splits.drawn(split, 7, 3, 10, 1)
        assert numbers(items) == (10 * expected).tolist()
        assert [item.label for item in items] == (expected % 3).tolist()
    assert hdf5.counts(table, key) == {"train": 8, "test": 2}


def test_hdf5_is_never_read_whole(tmp_path, monkeypatch):
    """Of a file of 400 images, no more than a block at a time."""
    with h5py.File(tmp_path / "long.h5", "w") as file:
        file.create_dataset("images", shape=(400, 16, 16), dtype="u1", chunks=(10, 16, 16))
    monkeypatch.setattr(hdf5, "BYTES", 25 * 256)
    most, read = 0, h5py.Dataset.__getitem__

    def counting(self, place):
        nonlocal most
        block = read(self, place)
        most = max(most, block.nbytes)
        return block

    monkeypatch.setattr(h5py.Dataset, "__getitem__", counting)
    items = hdf5.items(
        tmp_path / "long.h5",
        "train",
        key="images",
        labels=None,
        train=300,
        test=100,
        seed=0,
        **WHOLE,
    )
    assert sum(1 for _ in items) == 300
    assert most == 20 * 256  # whole chunks only


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"key": "imgs"}, "has no array 'imgs': found ans, bands, chunked, "),
        ({"key": "group"}, "has no array 'group'"),
        ({"key": "none"}, r"must have the shape .*got \(0, 20, 24\)"),
        ({"key": "ans"}, r"must have the shape \(n, H, W\).*got \(10,\)"),
        ({"key": "bands"}, r"with c = 1 or 3: got \(10, 20, 24, 5\)"),
        ({"key": "int"}, r"must be of uint8, or of float in \[0, 1\]: got int32"),
        ({"labels": "float"}, "must hold one integer for each of 10 images: got float32"),
        ({"train": 9}, "at most the number of images, 10: got train=9, test=3"),
    ],
)
def test_hdf5_refuses(table, settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        next(
            hdf5.items(
                table,
                "train",
                **({"key": "images", "labels": None, **SIZES, "seed": 0} | WHOLE | settings),
            )
        )


def test_hdf5_of_floats_beyond_one_or_not_a_number(table):
    settings = {"key": "out", "labels": None, "train": 9, "test": 1, "seed": 0}
    bad = [
        item
        for item in hdf5.items(table, "train", **settings, **WHOLE)
        if item.name.endswith("[4]")
    ]
    with pytest.raises(Unreadable, match="a pixel is not a number"):
        bad[0].load()
    with h5py.File(table, "a") as file:
        file["wide"] = np.full((10, 20, 24), 7.0)
    with pytest.raises(
        ValueError, match=r"floats must be in \[0, 1\]: got 7 to 7; divide them"
    ) as error:
        next(hdf5.items(table, "train", **(settings | {"key": "wide"}), **WHOLE)).load()
    assert not isinstance(error.value, Unreadable)


def test_hdf5_of_something_else(tmp_path):
    (tmp_path / "other.h5").write_text("text")
    with pytest.raises(ValueError, match=r"other\.h5 must be an HDF5 file"):
        hdf5.counts(tmp_path / "other.h5", "images")
    with pytest.raises(FileNotFoundError, match="path must be an HDF5 file: found none at"):
        hdf5.counts(tmp_path / "none.h5", "images")
