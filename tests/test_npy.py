"""Images in .npy and .npz files: layouts, types, labels, blocks, and refusals."""

import io
import os
import zipfile

import numpy as np
import pytest

from gsn.data import hdf5, npy, splits, stack
from gsn.data.scale import Scale
from pictures import WHOLE, numbers, picture

SIZES = {"train": 7, "test": 3}
IMAGES = np.stack([np.asarray(picture(10 * i)) for i in range(10)])
LABELS = np.arange(10) % 3
LAYOUTS = {
    "last": IMAGES,
    "first": np.moveaxis(IMAGES, 3, 1),
    "float": IMAGES.astype(np.float32) / 255,
    "double": np.moveaxis(IMAGES, 3, 1) / 255,
    "uint16": IMAGES.astype(np.uint16) << 8,
    "big": (IMAGES.astype(np.uint16) << 8).astype(">u2"),
    "grey": IMAGES[..., 0],
    "fortran": np.asfortranarray(IMAGES),
}


def saved(path, array, **others):
    """Save an array by each of the functions of numpy, by the suffix of the path."""
    if path.suffix == ".npy":
        np.save(path, array)
    elif path.suffix == ".npz":
        np.savez(path, images=array, **others)
    else:
        np.savez_compressed(path.with_suffix(".npz"), images=array, **others)
        path = path.with_suffix(".npz")
    return path


def known(**settings):
    return {"key": None, "labels": None, **SIZES, "seed": 1} | WHOLE | settings


@pytest.mark.parametrize("suffix", ["npy", "npz", "compressed"])
@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "fortran"])
def test_every_layout_gives_the_drawn_pictures(tmp_path, monkeypatch, layout, suffix):
    monkeypatch.setattr(stack, "BYTES", 3000)  # one or two images
    np.save(tmp_path / "y.npy", LABELS)
    path = saved(tmp_path / f"x.{suffix}", np.ascontiguousarray(LAYOUTS[layout]), y=LABELS)
    labels = str(tmp_path / "y.npy") if suffix == "npy" else "y"
    for split in ("train", "test"):
        items = list(npy.items(path, split, **known(labels=labels)))
        expected = splits.drawn(split, 7, 3, 10, 1)
        assert numbers(items) == (10 * expected).tolist()
        assert [item.label for item in items] == (expected % 3).tolist()
    assert npy.counts(path, labels=labels) == {"train": 8, "test": 2}


def test_the_images_are_those_of_hdf5(tmp_path):
    import h5py

    rng = np.random.default_rng(0)
    for kind, full in (("uint16", 4095), ("float32", None), ("int32", 4095), ("uint8", None)):
        values = rng.random((9, 3, 20, 24)) * (1 if kind == "float32" else 200)
        np.save(tmp_path / "x.npy", values.astype(kind))
        with h5py.File(tmp_path / "x.h5", "w") as file:
            file["x"] = values.astype(kind)
        asked = {"labels": None, "train": 5, "test": 4, "seed": 3, "full_scale": full} | WHOLE
        asked |= {"crop": 18}
        sources = (
            npy.read({"file": tmp_path / "x.npy"}, "test", key=None, **asked),
            hdf5.read({"file": tmp_path / "x.h5"}, "test", key="x", **asked),
        )
        ours, theirs = ([item.load() for item in source.items] for source in sources)
        np.testing.assert_array_equal(ours, theirs)


def test_a_file_in_fortran_order_is_mapped_and_one_in_an_npz_is_refused(tmp_path):
    path = saved(tmp_path / "x.npy", LAYOUTS["fortran"])
    expected = 10 * splits.drawn("test", 7, 3, 10, 1)
    assert numbers(npy.items(path, "test", **known())) == expected.tolist()
    path = saved(tmp_path / "x.npz", LAYOUTS["fortran"])
    with pytest.raises(ValueError, match=r"x\.npz: images must have its images one behind"):
        next(npy.items(path, "test", **known()))


@pytest.mark.parametrize("suffix", ["npy", "npz", "compressed"])
def test_a_file_is_read_block_by_block(tmp_path, monkeypatch, suffix):
    """Of 400 images in a file, no more than a block and a chunk of a stream are in memory."""
    import tracemalloc

    values = np.random.default_rng(0).integers(0, 256, (400, 64, 64), np.uint8)
    path = saved(tmp_path / f"x.{suffix}", values)
    monkeypatch.setattr(stack, "BYTES", 20 * 64**2)
    tracemalloc.start()
    try:
        asked = known(train=300, test=100, N=64, crop=None)
        assert sum(1 for _ in npy.items(path, "train", **asked)) == 300
        assert tracemalloc.get_traced_memory()[1] < values.nbytes / 2
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"key": "z"}, r"x\.npz has no array 'z': found images, y, bands, one; use one of them"),
        ({"key": "y"}, r"x\.npz/y must have the shape \(n, H, W\).*got \(10,\); give another"),
        ({"key": "bands"}, r"with c = 1 or 3: got \(10, 20, 24, 5\)"),
        ({"key": None}, r"must have one array, or key must name one: found images, y, bands, one"),
        ({"key": "one"}, r"must have the shape .*got \(\)"),
        ({"labels": "images"}, "must hold one integer for each of 10 images: got uint8 of shape"),
        ({"labels": "none"}, r"x\.npz has no array 'none'"),
        ({"labels": "none.npy"}, "labels must be a .npy file: found none at"),
        ({"train": 9}, "at most the number of images, 10: got train=9, test=3"),
        ({"max_pixels": 100}, "must have at most 800 bytes in an image: got 1440"),
        ({"crop": 21}, "crop must be at most the sides of an image: got crop=21"),
    ],
)
def test_wrong_settings_get_one_sentence(tmp_path, settings, sentence):
    bands, one = np.zeros((10, 20, 24, 5), np.uint8), np.float32(1)
    path = saved(tmp_path / "x.npz", IMAGES, y=LABELS, bands=bands, one=one)
    with pytest.raises((ValueError, FileNotFoundError), match=sentence) as error:
        next(npy.items(path, "train", **known(**({"key": "images"} | settings)))).load()
    assert "\n" not in str(error.value)


class Evil:
    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("suffix", ["npy", "npz", "compressed"])
def test_nothing_is_unpickled(tmp_path, suffix):
    objects = np.array([Evil(tmp_path / "touched")] * 10)
    path = saved(tmp_path / f"x.{suffix}", objects)
    with pytest.raises(ValueError, match=r"x\.np[yz].*Python objects|Object arrays"):
        npy.counts(path)
    assert not (tmp_path / "touched").exists()


@pytest.mark.parametrize("kind", ["int32", "int64", "bool", "complex64", "<U3", "datetime64[s]"])
def test_other_numbers_are_refused(tmp_path, kind):
    path = saved(tmp_path / "x.npy", np.zeros((10, 20, 24), kind))
    with pytest.raises(ValueError, match=r"x\.npy must be of uint8, uint16, or float in \[0, 1\]"):
        npy.counts(path)
    records = saved(tmp_path / "r.npz", np.zeros((10, 20, 24), "u1,f4"))
    with pytest.raises(ValueError, match="must be of uint8, uint16, or float"):
        npy.counts(records)


def test_the_full_scale_becomes_white_and_dark_numbers_are_refused(tmp_path):
    values = np.array([0, 2048, 4095])[:, None, None] * np.ones((3, 16, 16))
    for kind in ("<u2", ">u2", "i4", "f4"):
        path = saved(tmp_path / "x.npy", values.astype(kind))
        asked = known(train=3, test=0, scale=Scale(4095))
        items = list(npy.items(path, "train", **asked))
        assert [int(item.load().max()) for item in items] == [0, 128, 255]
    path = saved(tmp_path / "x.npy", values.astype("u2"))
    asked = known(train=3, test=0)
    source = npy.read({"file": path}, "train", **asked)
    assert [int(item.load().max()) for item in source.items] == [0, 8, 15]
    with pytest.raises(ValueError, match="found 0 to 4095; set full_scale: 4095"):
        source.check()


def test_damaged_files_are_named(tmp_path):
    whole = saved(tmp_path / "whole.npz", IMAGES).read_bytes()
    array = saved(tmp_path / "whole.npy", IMAGES).read_bytes()
    packed = saved(tmp_path / "packed.compressed", IMAGES).read_bytes()
    flipped = bytearray(packed)
    flipped[len(packed) // 2] ^= 255
    path = tmp_path / "x"
    for data in (array[:-1], array[:60], array[:7], b"", b"text", whole[:-30], bytes(flipped)):
        path.write_bytes(data)
        with pytest.raises(ValueError, match=r"x must be a whole \.npy or \.npz of numbers: .+;"):
            list(npy.items(path, "train", **known()))
    with pytest.raises(FileNotFoundError, match=r"path must be a \.npy or \.npz file: found none"):
        npy.counts(tmp_path / "none.npy")


def test_an_array_that_is_shorter_than_its_header_is_named(tmp_path):
    file = io.BytesIO()
    np.save(file, IMAGES)
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("images.npy", file.getvalue()[:-1])
    with pytest.raises(ValueError, match="images ends before row 9; write it again"):
        list(npy.items(tmp_path / "x.npz", "train", **known()))


def test_a_key_of_a_npy_and_a_name_of_its_labels_are_refused(tmp_path):
    path = saved(tmp_path / "x.npy", IMAGES)
    with pytest.raises(ValueError, match=r"must be an \.npz to have the array 'x'; remove key"):
        npy.counts(path, key="x")
    with pytest.raises(ValueError, match=r"labels must be the path of a \.npy file, since"):
        npy.counts(path, labels="y")
    np.save(tmp_path / "y.npy", np.arange(10) + 2**31 - 3)
    with pytest.raises(ValueError, match="got 2147483648 in row 3; number the classes from 0"):
        npy.counts(path, labels=str(tmp_path / "y.npy"))
