"""From items to a store: order, labels, what cannot be read, and memory that does not grow."""

import subprocess
import sys

import numpy as np
import pytest
import xarray

from gsn.images import Item, Unreadable, writing

SHAPE = {"channels": 3, "N": 4}


def item(i, label=None, broken=False):
    def load():
        if broken:
            raise Unreadable("cut off")
        return np.full((3, 4, 4), i, dtype=np.uint8)

    return Item(f"picture {i}", load, label)


def written(path, items, **settings):
    writing.write(path, items, **({"n": len(items), "split": "train", "threads": 3} | SHAPE | settings))
    return xarray.open_zarr(path)


@pytest.fixture
def small_shards(monkeypatch):
    monkeypatch.setattr(writing, "SHARD_ROWS", 8)


@pytest.mark.parametrize("n", [1, 7, 8, 9, 30])
def test_images_and_labels_in_their_order(tmp_path, small_shards, n):
    found = written(tmp_path / "train.zarr", [item(i, label=i % 3) for i in range(n)], classes=["a", "b", "c"], seed=4)
    np.testing.assert_array_equal(found.x[:, 0, 0, 0], range(n))
    np.testing.assert_array_equal(found.label, np.arange(n) % 3)
    assert found.x.shape == (n, 3, 4, 4)
    assert found.label.classes == ["a", "b", "c"]
    assert (found.split, found.seed) == ("train", 4)
    assert len(list((tmp_path / "train.zarr/x/c").iterdir())) == -(-n // 8)


def test_no_labels(tmp_path):
    assert "label" not in written(tmp_path / "train.zarr", [item(0)])


def test_stop_at_what_cannot_be_read(tmp_path):
    with pytest.raises(ValueError, match=r"^picture 5 cannot be read \(cut off\); mend it,"):
        written(tmp_path / "train.zarr", [item(i, broken=i == 5) for i in range(9)])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("broken", [{0}, {5, 8}, {15}, set(range(7, 16))])
def test_skip_what_cannot_be_read(tmp_path, small_shards, capsys, broken):
    items = [item(i, label=i, broken=i in broken) for i in range(16)]
    found = written(tmp_path / "train.zarr", items, on_error="skip")
    left = [i for i in range(16) if i not in broken]
    np.testing.assert_array_equal(found.x[:, 0, 0, 0], left)
    np.testing.assert_array_equal(found.label, left)
    assert found.skipped == len(broken)
    said = f"train: skipped {len(broken)} of 16 images that cannot be read: picture {min(broken)}"
    assert said in capsys.readouterr().err


def test_nothing_can_be_read(tmp_path):
    with pytest.raises(ValueError, match="train must hold at least one image that can be read: found none of 2"):
        written(tmp_path / "train.zarr", [item(i, broken=True) for i in range(2)], on_error="skip")


def test_a_fault_of_the_settings_is_never_skipped(tmp_path):
    def load():
        raise ValueError("crop must be at most the sides of an image: got crop=30; use a smaller one")

    with pytest.raises(ValueError, match=r"^picture 0: crop must be at most .*; use a smaller one\.$"):
        written(tmp_path / "train.zarr", [Item("picture 0", load)], on_error="skip")


def test_a_source_that_ends_early(tmp_path):
    with pytest.raises(ValueError, match="train must have 9 images: its source gave 5; run again"):
        written(tmp_path / "train.zarr", [item(i) for i in range(5)], n=9)
    assert not list(tmp_path.iterdir())


def test_another_fault_is_not_skipped(tmp_path):
    def load():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        written(tmp_path / "train.zarr", [Item("picture", load)], on_error="skip")


def test_memory_does_not_grow_with_the_number_of_images(tmp_path):
    """The peak of a process that stores 100,000 images, drawn lazily, is that of one that stores 2,048."""
    script = """
import resource, sys
import numpy as np
from gsn.images import Item, Unreadable, writing
n = int(sys.argv[1])
items = (Item(str(i), lambda i=i: np.full((3, 32, 32), i % 256, dtype=np.uint8)) for i in range(n))
writing.write(sys.argv[2], items, n=n, channels=3, N=32, split="train", threads=2)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    peaks = [
        int(
            subprocess.run([sys.executable, "-c", script, str(n), tmp_path / f"{n}.zarr"], stdout=-1, check=True).stdout
        )
        for n in (2048, 100_000)
    ]
    # 100,000 images are 300 MB; the allocator may keep some MB more of a longer run
    assert peaks[1] - peaks[0] < 30_000, peaks
