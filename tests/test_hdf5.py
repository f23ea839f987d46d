"""Images in an HDF5 file: layouts, types, labels, blocks, and refusals."""

import h5py
import numpy as np
import pytest

from gsn.data import hdf5, splits
from gsn.data.items import Unreadable
from pictures import WHOLE, numbers, picture

SIZES = {"train": 7, "test": 3}


@pytest.fixture
def table(tmp_path):
    """The same 10 pictures in every common layout, and arrays that are no images."""
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


@pytest.mark.parametrize(
    "key", ["images", "chunked", "group/first", "float", "double", "grey", "grey_last", "link"]
)
def test_every_layout_gives_the_drawn_pictures(table, key, monkeypatch):
    monkeypatch.setattr(hdf5, "BYTES", 3000)  # about two images
    for split in ("train", "test"):
        items = list(hdf5.items(table, split, key=key, labels="ans", **SIZES, seed=1, **WHOLE))
        expected = splits.drawn(split, 7, 3, 10, 1)
        assert numbers(items) == (10 * expected).tolist()
        assert [item.label for item in items] == (expected % 3).tolist()
    assert hdf5.counts(table, key) == {"train": 8, "test": 2}


def test_a_file_is_read_block_by_block(tmp_path, monkeypatch):
    """No read of a file of 400 images takes more than one block."""
    with h5py.File(tmp_path / "long.h5", "w") as file:
        file.create_dataset("images", data=np.ones((400, 16, 16), "u1"), chunks=(10, 16, 16))
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
def test_arrays_that_are_no_images_are_refused(table, settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        next(
            hdf5.items(
                table,
                "train",
                **({"key": "images", "labels": None, **SIZES, "seed": 0} | WHOLE | settings),
            )
        )


def test_nan_is_unreadable_and_floats_beyond_one_are_refused(table):
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


def test_files_other_than_hdf5_are_refused(tmp_path):
    (tmp_path / "other.h5").write_text("text")
    with pytest.raises(ValueError, match=r"other\.h5 must be an HDF5 file"):
        hdf5.counts(tmp_path / "other.h5", "images")
    with pytest.raises(FileNotFoundError, match="path must be an HDF5 file: found none at"):
        hdf5.counts(tmp_path / "none.h5", "images")
