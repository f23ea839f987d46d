import contextlib

import numpy as np
import pytest
import xarray
import zarr

from gsn import __version__, store
from gsn.store import Variable

ROWS = np.arange(10 * 6 * 2 * 2, dtype=np.float32).reshape(10, 6, 2, 2)


@pytest.fixture
def path(tmp_path):
    """A store of 10 rows in shards of 4, whose last is ragged; nothing written yet."""
    path = tmp_path / "train.zarr"
    variables = {
        "S": Variable(("image", "channel", "row", "column"), shape=ROWS.shape, dtype="float32", shard=4),
        "order": Variable(("channel",), np.arange(6, dtype=np.int8), attrs={"long_name": "order"}),
    }
    with store.whole(path) as folder:
        store.create(folder, variables, J=2)
    return path


def write(path, *shards):
    for i in shards:
        store.write_shard(path, "S", i, ROWS[4 * i : 4 * i + 4])


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_shards_are_whole_files_and_read_back(path, order):
    write(path, *order)
    files = sorted(file.relative_to(path).as_posix() for file in path.glob("S/c/**/*") if file.is_file())
    assert files == [f"S/c/{i}/0/0/0" for i in range(3)]
    assert store.shard_path(path, "S", 1, 4) == path / files[1]
    np.testing.assert_array_equal(store.read(path, "S")[...], ROWS)


@pytest.mark.parametrize("rows", [1, 3, 10, 64])
def test_dask_view_is_flat(path, rows):
    write(path, 0, 1, 2)
    view = store.blocks(path, "S", rows)
    assert view.shape == (10, 24)
    assert view.numblocks[1] == 1
    np.testing.assert_array_equal(view.compute(), ROWS.reshape(10, -1))


def test_a_shard_of_zeros_is_a_file(path):
    store.write_shard(path, "S", 0, np.zeros((4, 6, 2, 2), dtype=np.float32))
    assert store.shard_path(path, "S", 0, 4).exists()


def test_a_missing_shard_is_an_error_and_not_zeros(path):
    write(path, 0, 2)
    with pytest.raises(FileNotFoundError, match=r"S/c/1/0/0/0 is missing"):
        store.blocks(path, "S")


def test_refuses_a_part_of_a_shard(path):
    with pytest.raises(ValueError, match=r"shard 2 of .* must have the shape \(2, 6, 2, 2\): got \(1, 6, 2, 2\)"):
        store.write_shard(path, "S", 2, ROWS[:1])


def test_refuses_what_is_not_there(path):
    with pytest.raises(FileNotFoundError, match="must hold a zarr array 'T'"):
        store.read(path, "T")
    with pytest.raises(FileNotFoundError, match="must hold a zarr array"):
        store.read(path / "nothing", "S")


@pytest.mark.filterwarnings("error")
def test_xarray_opens_it_with_names(path):
    write(path, 0, 1, 2)
    data = xarray.open_zarr(path)
    assert data.S.dims == ("image", "channel", "row", "column")
    assert data.attrs.items() >= {"J": 2, "gsn_version": __version__}.items()
    np.testing.assert_array_equal(data.S[:, (data.order == 3).values].values[:, 0], ROWS[:, 3])


def test_the_metadata_change_with_the_values(tmp_path):
    """A workflow that watches zarr.json alone, by its bytes, has to see a change of the values."""
    metadata = []
    for i, values in enumerate((np.zeros(3), np.zeros(3), np.array([0, 1e-9, 0]))):
        with store.whole(tmp_path / f"{i}.zarr") as folder:
            store.create(folder, {"a": Variable(("n",), values)})
        metadata.append((tmp_path / f"{i}.zarr/zarr.json").read_bytes())
    assert metadata[0] == metadata[1] != metadata[2]


def test_a_store_appears_whole_or_not_at_all(path):
    write(path, 0)
    with contextlib.suppress(KeyboardInterrupt), store.whole(path) as folder:
        store.create(folder, {"a": Variable(("n",), np.zeros(3))})
        raise KeyboardInterrupt
    assert [file.name for file in path.parent.iterdir()] == ["train.zarr"]
    assert set(zarr.open_group(path, mode="r").array_keys()) == {"S", "order"}
    with store.whole(path) as folder:
        store.create(folder, {"a": Variable(("n",), np.zeros(3))})
    assert set(zarr.open_group(path, mode="r").array_keys()) == {"a"}
    assert [file.name for file in path.parent.iterdir()] == ["train.zarr"]
