"""The store: named arrays in shards, each a whole file, with checksums."""

import contextlib
import os
import shutil
import tracemalloc

import google_crc32c
import numpy as np
import pytest
import xarray
import zarr

from gsn import __version__
from gsn.runtime import reading, shards, store, view
from gsn.runtime.store import Variable

ROWS = np.arange(10 * 6 * 2 * 2, dtype=np.float32).reshape(10, 6, 2, 2)


@pytest.fixture
def path(tmp_path):
    """A store for 10 rows in shards of 4, of which the last is ragged, with no row written."""
    path = tmp_path / "train.zarr"
    variables = {
        "S": Variable(
            ("image", "channel", "row", "column"), shape=ROWS.shape, dtype="float32", shard=4
        ),
        "order": Variable(("channel",), np.arange(6, dtype=np.int8), attrs={"long_name": "order"}),
    }
    with store.whole(path) as folder:
        store.create(folder, variables, J=2)
    return path


def write(path, *numbers):
    for i in numbers:
        shards.write_shard(path, "S", i, [ROWS[4 * i : 4 * i + 4]])


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_each_shard_is_one_file_and_reads_back(path, order):
    write(path, *order)
    files = sorted(
        file.relative_to(path).as_posix() for file in path.glob("S/c/**/*") if file.is_file()
    )
    assert files == [f"S/c/{i}/0/0/0" for i in range(3)]
    assert shards.shard_path(path, "S", 1, 4) == path / files[1]
    np.testing.assert_array_equal(store.read(path, "S")[...], ROWS)


@pytest.mark.parametrize("rows", [1, 3, 10, 64])
def test_the_dask_view_is_flat(path, rows):
    write(path, 0, 1, 2)
    flat = view.blocks(path, "S", rows)
    assert flat.shape == (10, 24)
    assert flat.numblocks[1] == 1
    np.testing.assert_array_equal(flat.compute(), ROWS.reshape(10, -1))


def test_a_shard_of_zeros_is_a_file(path):
    shards.write_shard(path, "S", 0, [np.zeros((4, 6, 2, 2), dtype=np.float32)])
    assert shards.shard_path(path, "S", 0, 4).exists()


def test_a_missing_shard_is_an_error_and_not_zeros(path):
    write(path, 0, 2)
    with pytest.raises(
        FileNotFoundError,
        match=r"S/c/1/0/0/0 must exist: it is missing on .*--force \S+S/c/1/0/0/0`",
    ):
        view.blocks(path, "S")


@pytest.mark.parametrize("dtype", ["uint8", "float16", "float32"])
@pytest.mark.parametrize("rows", [1, 3, 5, 64])
def test_a_shard_has_the_bytes_that_zarr_itself_would_write(tmp_path, monkeypatch, dtype, rows):
    """Batches have any number of rows, and the last shard and its last chunk are ragged."""
    monkeypatch.setattr(store, "CHUNK_BYTES", 4 * 24 * np.dtype(dtype).itemsize)  # of 4 rows
    values = np.random.default_rng(0).random((43, 6, 2, 2)).round(1).astype(dtype)
    with store.whole(tmp_path / "a.zarr") as folder:
        names = ("image", "channel", "row", "column")
        store.create(folder, {"S": Variable(names, shape=values.shape, dtype=dtype, shard=16)})
    shutil.copytree(tmp_path / "a.zarr", tmp_path / "b.zarr")
    b = zarr.open_group(tmp_path / "b.zarr")["S"]
    b.with_config({"write_empty_chunks": True})[...] = values
    for i in range(3):
        shard = values[16 * i : 16 * (i + 1)]
        batches = (shard[k : k + rows] for k in range(0, len(shard), rows))
        shards.write_shard(tmp_path / "a.zarr", "S", i, batches)
        a, b = (
            shards.shard_path(tmp_path / name, "S", i, 4).read_bytes()
            for name in ("a.zarr", "b.zarr")
        )
        index = 16 * 4 + shards.CHECKSUM  # of the four chunks of a shard
        stamp = shards.stamp(zarr.open_group(tmp_path / "a.zarr")["S"], i)
        assert a == b[:-index] + stamp + b[-index:]
    np.testing.assert_array_equal(store.read(tmp_path / "a.zarr", "S")[...], values)


def test_a_shard_may_be_larger_than_the_array(tmp_path):
    with store.whole(tmp_path / "a.zarr") as folder:
        variable = Variable(
            ("image", "channel", "row", "column"), shape=ROWS.shape, dtype="float32", shard=64
        )
        store.create(folder, {"S": variable})
    shards.write_shard(tmp_path / "a.zarr", "S", 0, [ROWS])
    np.testing.assert_array_equal(view.blocks(tmp_path / "a.zarr", "S"), ROWS.reshape(10, -1))


def test_a_shard_is_written_in_the_memory_of_a_few_chunks(tmp_path, monkeypatch):
    rows = 400
    monkeypatch.setattr(store, "CHUNK_BYTES", 2**18)  # of 2 rows
    with store.whole(tmp_path / "a.zarr") as folder:
        store.create(
            folder,
            {"S": Variable(("image", "channel"), shape=(rows, 2**15), dtype="float32", shard=rows)},
        )
    noise = np.random.default_rng(0)
    tracemalloc.start()
    shards.write_shard(
        tmp_path / "a.zarr", "S", 0, (noise.random((2, 2**15), "float32") for _ in range(rows // 2))
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # less than 40 rows: the batch of 2, and two chunks with their codes at each encoder and ahead
    assert peak < 40 * 2**17


def test_an_empty_shard_is_an_error_and_not_zeros(path):
    write(path, 0, 1, 2)
    shards.shard_path(path, "S", 1, 4).write_bytes(b"")
    with pytest.raises(
        ValueError, match=r"S/c/1/0/0/0 must be as it was written: it is empty; make it again with"
    ):
        view.blocks(path, "S")


def test_missing_rows_are_nan_for_other_readers(path):
    write(path, 0, 2)
    assert np.isnan(zarr.open_group(path, mode="r")["S"][4:8]).all()


READERS = {
    "whole": lambda array: array[...],
    "slice": lambda array: array[2:9],
    "row": lambda array: array[5],
    "last rows": lambda array: array[-6:],
    "rows in a list": lambda array: array[[0, 5, 9]],
    "part of a row": lambda array: array[5, 1:],
    "blocks": lambda array: list(reading.blocks(array)),
    "chosen rows": lambda array: reading.rows(array, np.array([1, 5])),
    "numpy": lambda array: np.asarray(array),
}
FAULTS = {
    "it is missing on": lambda file: file.unlink(),
    "it is empty": lambda file: file.write_bytes(b""),
    "it is damaged": lambda file: file.write_bytes(file.read_bytes()[:-30] + bytes(30)),
}


@pytest.fixture(params=["with its store", "shard by shard"])
def stored(request, tmp_path):
    """A store of whole numbers, whose fill value is a number like any other."""
    path, values = tmp_path / "a.zarr", ROWS.astype(np.uint8)
    with store.whole(path) as folder:
        axes = ("image", "channel", "row", "column")
        variable = Variable(axes, shape=ROWS.shape, dtype="uint8", shard=4)
        store.create(folder, {"x": variable, "y": Variable(("column",), np.arange(7))})
        if request.param == "with its store":
            for i in range(3):
                shards.write_shard(folder, "x", i, [values[4 * i : 4 * i + 4]])
    if request.param == "shard by shard":
        for i in range(3):
            shards.write_shard(path, "x", i, [values[4 * i : 4 * i + 4]])
    return path


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize(("fault", "damage"), FAULTS.items(), ids=FAULTS)
def test_no_reader_takes_absence_for_a_value(stored, read, fault, damage):
    """The message names the file, and the command that makes it: alone, or with its store."""
    file = shards.shard_path(stored, "x", 1, 4)
    damage(file)
    made = "/x/c/1/0/0/0" if "written_by_shard" in store.attributes(stored) else "/zarr.json"
    with pytest.raises((ValueError, FileNotFoundError), match=fault) as refusal:
        read(store.read(stored, "x"))
    assert str(file) in str(refusal.value)
    assert f"--force {stored}{made}`" in str(refusal.value)
    np.testing.assert_array_equal(store.read(stored, "x")[:4], ROWS[:4].astype(np.uint8))


@pytest.mark.parametrize(("fault", "damage"), FAULTS.items(), ids=FAULTS)
def test_an_array_in_one_file_is_checked_too(stored, fault, damage):
    damage(stored / "y/c/0")
    with pytest.raises((ValueError, FileNotFoundError), match=f"y/c/0 must .*{fault}.*zarr.json`"):
        store.read(stored, "y")[...]


def test_a_shard_without_one_of_its_chunks_is_incomplete(stored):
    array = store.read(stored, "x")
    index = np.full((array.shards[0] // array.chunks[0], 2), shards.ABSENT, dtype="<u8").tobytes()
    checksum = google_crc32c.value(index).to_bytes(shards.CHECKSUM, "little")
    shards.shard_path(stored, "x", 0, 4).write_bytes(index + checksum)
    with pytest.raises(ValueError, match="c/0/0/0/0 must be as it was written: it is incomplete"):
        store.read(stored, "x")[0]


def test_a_shard_of_another_run_or_of_another_place_is_named(path, tmp_path):
    """It is complete, of the right shape, and its checksums fit."""
    write(path, 0, 1, 2)
    other = tmp_path / "other.zarr"
    with store.whole(other) as folder:
        axes = ("image", "channel", "row", "column")
        variable = Variable(axes, shape=ROWS.shape, dtype="float32", shard=4)
        store.create(folder, {"S": variable}, J=2, images="others")
    write(other, 0, 1, 2)
    for source, i in ((other, 1), (path, 0)):
        kept = shards.shard_path(path, "S", 1, 4).read_bytes()
        shutil.copy(shards.shard_path(source, "S", i, 4), shards.shard_path(path, "S", 1, 4))
        with pytest.raises(ValueError, match=r"S/c/1/0/0/0 must be .*: it is of another run; make"):
            store.read(path, "S")[4]
        shards.shard_path(path, "S", 1, 4).write_bytes(kept)
    np.testing.assert_array_equal(store.read(path, "S")[4], ROWS[4])
    np.testing.assert_array_equal(zarr.open_group(path, mode="r")["S"][...], ROWS)


def test_a_shard_without_a_stamp_is_read_where_the_array_has_no_origin(path):
    """As stores of earlier versions have none."""
    metadata = path / "S/zarr.json"
    metadata.write_text(metadata.read_text().replace('"origin"', '"beginning"'))
    (path / "zarr.json").write_text(
        (path / "zarr.json").read_text().replace('"origin"', '"beginning"')
    )
    write(path, 0, 1, 2)
    assert len(shards.shard_path(path, "S", 0, 4).read_bytes()) > 0
    np.testing.assert_array_equal(store.read(path, "S")[...], ROWS)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", bytes(100)])
def test_damaged_metadata_are_named(stored, content):
    (stored / "zarr.json").write_bytes(content)
    for reader in (lambda: store.read(stored, "x"), lambda: store.attributes(stored)):
        with pytest.raises(ValueError, match=r"a.zarr/zarr.json must be as it was written: it is"):
            reader()


def test_the_files_are_flushed_before_they_appear_and_the_folder_after(stored, monkeypatch):
    """What a power cut leaves is then either the old store or the new one."""
    calls, flush, rename = [], os.fsync, os.rename
    monkeypatch.setattr(
        os, "fsync", lambda handle: (calls.append(os.fstat(handle).st_ino), flush(handle))
    )
    monkeypatch.setattr(os, "rename", lambda *names: (calls.append("rename"), rename(*names)))
    with store.whole(stored) as folder:
        store.create(folder, {"a": Variable(("n",), np.zeros(3))})
    place = calls.index("rename")
    written = {file.stat().st_ino for file in (stored, *stored.rglob("*"))}
    assert written <= set(calls[:place])
    assert stored.parent.stat().st_ino in calls[place:]


@pytest.mark.parametrize(
    "damage",
    [lambda b: b[: len(b) // 2], lambda b: bytes(len(b)), lambda b: b[:50] + b"?" + b[51:]],
)
@pytest.mark.parametrize("rows", [3, 4, 10])
def test_a_damaged_shard_is_named(path, damage, rows):
    write(path, 0, 1, 2)
    file = shards.shard_path(path, "S", 1, 4)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(
        ValueError, match=r"S/c/1/0/0/0 must be as it was written: it is (damaged|incomplete); make"
    ):
        view.blocks(path, "S", rows).compute()


def test_a_part_of_a_shard_is_refused(path):
    requirement = r"shard 2 of .* must have 2 rows of the shape \(6, 2, 2\): got "
    with pytest.raises(ValueError, match=f"{requirement}1"):
        shards.write_shard(path, "S", 2, [ROWS[:1]])
    with pytest.raises(
        ValueError, match=rf"{requirement}1 of them and then an array of the shape \(2, 6, 2, 2\)"
    ):
        shards.write_shard(path, "S", 2, [ROWS[:1], ROWS[:2]])
    with pytest.raises(
        ValueError, match=rf"{requirement}0 of them and then an array of the shape \(2, 24\)"
    ):
        shards.write_shard(path, "S", 2, [ROWS[:2].reshape(2, 24)])
    assert not [file for file in path.rglob("S/c/**/*") if file.is_file()]
    with pytest.raises(ValueError, match=r"S must have a shard 3: it has 10 rows, 4 in each"):
        shards.write_shard(path, "S", 3, [])


def test_an_interrupted_shard_leaves_no_file(path):
    def batches():
        yield ROWS[:1]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shards.write_shard(path, "S", 0, batches())
    assert not [file for file in path.rglob("S/c/**/*") if file.is_file()]


def test_missing_arrays_and_stores_are_refused(path):
    with pytest.raises(FileNotFoundError, match="must hold a zarr array 'T'"):
        store.read(path, "T")
    with pytest.raises(FileNotFoundError, match="must hold a zarr store: found none"):
        store.read(path / "nothing", "S")


@pytest.mark.filterwarnings("error")
def test_xarray_opens_a_store_with_its_names(path):
    write(path, 0, 1, 2)
    data = xarray.open_zarr(path)
    assert data.S.dims == ("image", "channel", "row", "column")
    assert data.attrs.items() >= {"J": 2, "gsn_version": __version__}.items()
    np.testing.assert_array_equal(data.S[:, (data.order == 3).values].values[:, 0], ROWS[:, 3])


def test_the_metadata_change_with_the_values(tmp_path):
    """A workflow that compares only the bytes of zarr.json must notice a change of the values."""
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
