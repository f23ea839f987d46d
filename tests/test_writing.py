"""From items to a store: order, labels, unreadable images, ragged arrays, and constant memory."""

import logging
import os
import subprocess
import sys

import numpy as np
import pytest
import xarray

from gsn.data import arrays, writing
from gsn.data.arrays import Array, image
from gsn.data.items import Item, Source, Unreadable
from gsn.runtime import log, store


def item(i, label=None, broken=False):
    def load():
        if broken:
            raise Unreadable("cut off")
        return np.full((3, 4, 4), i, dtype=np.uint8)

    return Item(f"picture {i}", load, label)


def written(path, items, classes=(), attrs=None, **settings):
    settings = {"n": len(items), "arrays": image(3, 4), "split": "train", "threads": 3} | settings
    writing.write(path, Source(iter(items), list(classes), attrs or {}), **settings)
    return xarray.open_zarr(path)


@pytest.fixture
def small_shards(monkeypatch):
    monkeypatch.setattr(arrays, "SHARD_ROWS", 8)


@pytest.mark.parametrize("n", [1, 7, 8, 9, 30])
def test_images_and_labels_keep_their_order(tmp_path, small_shards, n):
    found = written(
        tmp_path / "train.zarr",
        [item(i, label=i % 3) for i in range(n)],
        classes=["a", "b", "c"],
        attrs={"seed": 4},
    )
    np.testing.assert_array_equal(found.x[:, 0, 0, 0], range(n))
    np.testing.assert_array_equal(found.label, np.arange(n) % 3)
    assert found.x.shape == (n, 3, 4, 4)
    assert found.label.classes == ["a", "b", "c"]
    assert (found.split, found.seed) == ("train", 4)
    assert len(list((tmp_path / "train.zarr/x/c").iterdir())) == -(-n // 8)


def test_a_source_without_labels_stores_none(tmp_path):
    assert "label" not in written(tmp_path / "train.zarr", [item(0)])


def test_an_unreadable_image_stops_the_run_by_default(tmp_path):
    with pytest.raises(ValueError, match=r"^picture 5 cannot be read \(cut off\); repair it,"):
        written(tmp_path / "train.zarr", [item(i, broken=i == 5) for i in range(9)])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("broken", [{0}, {5, 8}, {15}, set(range(7, 16))])
def test_unreadable_images_may_be_skipped(tmp_path, small_shards, capsys, broken):
    items = [item(i, label=i, broken=i in broken) for i in range(16)]
    found = written(tmp_path / "train.zarr", items, on_error="skip")
    left = [i for i in range(16) if i not in broken]
    np.testing.assert_array_equal(found.x[:, 0, 0, 0], left)
    np.testing.assert_array_equal(found.label, left)
    assert found.skipped == len(broken)
    said = f"train: skipped {len(broken)} of 16 images that cannot be read: picture {min(broken)}"
    assert said in capsys.readouterr().err


def test_a_split_without_a_readable_image_is_refused(tmp_path):
    with pytest.raises(
        ValueError, match="train must hold at least one image that can be read: found none of 2"
    ):
        written(tmp_path / "train.zarr", [item(i, broken=True) for i in range(2)], on_error="skip")


def test_a_fault_in_the_settings_is_never_skipped(tmp_path):
    def load():
        raise ValueError(
            "crop must be at most the sides of an image: got crop=30; use a smaller one"
        )

    with pytest.raises(
        ValueError, match=r"^picture 0: crop must be at most .*; use a smaller one\.$"
    ):
        written(tmp_path / "train.zarr", [Item("picture 0", load)], on_error="skip")


def test_a_source_that_ends_early_is_refused(tmp_path):
    with pytest.raises(ValueError, match="train must have 9 images: its source gave 5; run again"):
        written(tmp_path / "train.zarr", [item(i) for i in range(5)], n=9)
    assert not list(tmp_path.iterdir())


def test_an_error_of_another_kind_is_never_skipped(tmp_path):
    def load():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        written(tmp_path / "train.zarr", [Item("picture", load)], on_error="skip")


def molecule(i, atoms):
    positions = np.random.default_rng(i).random((atoms, 3), dtype=np.float32)
    return Item(
        f"molecule {i}",
        lambda: {"position": positions, "energy": np.float64(i), "charge": np.arange(atoms)},
    )


MOLECULE = {
    "position": Array(("atom", "axis"), (None, 3), "float32", {"units": "angstrom"}),
    "charge": Array(("atom",), (None,), "int16"),
    "energy": Array((), (), "float64", {"units": "eV"}),
}


@pytest.mark.parametrize("bytes_of_a_shard", [24, 2**26])
def test_ragged_arrays_are_values_and_offsets(tmp_path, monkeypatch, bytes_of_a_shard):
    """Molecules have different numbers of atoms, one of them none, in many shards or in one."""
    monkeypatch.setattr(arrays, "SHARD_BYTES", bytes_of_a_shard)
    monkeypatch.setattr(arrays, "RAGGED_BYTES", min(bytes_of_a_shard, 2**20))
    sizes = [3, 1, 0, 7, 5]
    items = [molecule(i, atoms) for i, atoms in enumerate(sizes)]
    found = written(tmp_path / "train.zarr", items, arrays=MOLECULE, axis="molecule")
    assert found.position.dims == ("atom", "axis")
    assert found.energy.dims == ("molecule",)
    ends = found.position_offsets.values
    np.testing.assert_array_equal(ends, np.concatenate([[0], np.cumsum(sizes)]))
    for i, item in enumerate(items):
        np.testing.assert_array_equal(
            found.position[ends[i] : ends[i + 1]], item.load()["position"]
        )
        np.testing.assert_array_equal(found.charge[ends[i] : ends[i + 1]], np.arange(sizes[i]))
    np.testing.assert_array_equal(found.energy, range(5))
    assert (found.position.units, found.energy.units) == ("angstrom", "eV")


@pytest.mark.parametrize(
    ("axes", "shape", "dtype"), [(("row", "column"), (5, 6), "complex64"), (("t",), (16,), "int16")]
)
def test_fields_and_sounds_of_any_rank_and_type_are_stored(
    tmp_path, small_shards, axes, shape, dtype
):
    values = (100 * np.random.default_rng(0).standard_normal((19, *shape))).astype(dtype)
    items = [Item(str(i), lambda i=i: values[i]) for i in range(19)]
    written(
        tmp_path / "train.zarr",
        items,
        arrays={"x": Array(axes, shape, dtype)},
        axis="field",
    )
    x = store.read(tmp_path / "train.zarr", "x")
    assert (x.dims, x.dtype) == (("field", *axes), dtype)
    np.testing.assert_array_equal(x[...], values)


@pytest.mark.parametrize("row", [1, 8, 24, 40, 50, 144, 2**21])
def test_chunks_of_ragged_values_are_neither_tiny_nor_huge(row):
    variable = Array(("t", "byte"), (None, row), "uint8").variable("sound", 1)
    assert variable.shard % variable.chunk == 0
    assert variable.chunk == 1 or 2**19 < variable.chunk * row <= 2**20
    assert variable.shard * row <= max(2**26, 64 * row)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            np.zeros((3, 4, 5)),
            r"x of picture is wrong: it must have the shape \(3, 4, 4\): got \(3, 4, 5\)",
        ),
        (np.zeros((4, 4), np.uint8), r"must have the shape \(3, 4, 4\): got \(4, 4\)"),
        (np.zeros((3, 4, 4)), "it must be uint8: got float64; convert it when it is loaded"),
        ({"y": np.zeros((3, 4, 4))}, "picture must have the arrays x: got y"),
    ],
)
def test_values_that_do_not_fit_are_refused(tmp_path, values, sentence):
    """Nothing is broadcast, and nothing is cast to another kind of number."""
    with pytest.raises(ValueError, match=sentence):
        written(tmp_path / "train.zarr", [Item("picture", lambda: values)])
    assert not list(tmp_path.iterdir())


def test_a_missing_label_is_refused(tmp_path):
    with pytest.raises(
        ValueError, match="all images must have a label, or none: picture 1 has none"
    ):
        written(tmp_path / "train.zarr", [item(0, label=1), item(1), item(2, label=0)])


def test_memory_does_not_grow_with_the_number_of_images(tmp_path):
    """Storing 100,000 images, drawn lazily, has the same peak as storing 2,048."""
    script = """
import resource, sys
import numpy as np
from gsn.data import writing
from gsn.data.arrays import image
from gsn.data.items import Item, Source
n = int(sys.argv[1])
items = (Item(str(i), lambda i=i: np.full((3, 32, 32), i % 256, dtype=np.uint8)) for i in range(n))
writing.write(sys.argv[2], Source(items), arrays=image(3, 32), n=n, split="train", threads=2)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    peaks = []
    for n in (2048, 100_000):
        command = [sys.executable, "-c", script, str(n), tmp_path / f"{n}.zarr"]
        peaks.append(int(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout))
    # 100,000 images are 300 MB; the allocator may keep a few MB more after a longer run
    assert peaks[1] - peaks[0] < 30_000, peaks


def test_labels_beyond_32_bits_are_refused(tmp_path):
    items = (Item(f"{i}", lambda: np.zeros((1, 8, 8), "uint8"), 2**31 + i) for i in range(2))
    settings = {"arrays": arrays.image(1, 8), "n": 2, "split": "train", "threads": 1}
    with pytest.raises(ValueError, match=r"labels must be in .*: got 2147483648 to 2147483649"):
        writing.write(tmp_path / "a.zarr", Source(items), **settings)
    assert not (tmp_path / "a.zarr").exists()


def test_a_name_that_is_not_utf8_keeps_its_line_of_the_log(tmp_path):
    before = logging.root.handlers[:], sys.excepthook
    try:
        log.to_file(str(tmp_path / "log"))
        logging.getLogger("gsn").warning("skipped %s", os.fsdecode(b"caf\xe9.png"))
    finally:
        for handler in logging.root.handlers:
            handler.close()
        logging.root.handlers[:], sys.excepthook = before
    assert "skipped caf\\udce9.png" in (tmp_path / "log").read_text()
