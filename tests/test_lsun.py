"""LSUN bedrooms, from a small LMDB and small parquet files: splits, unpacking, and refusals."""

import io
import re
import subprocess
import sys
import zipfile

import lmdb
import pyarrow as pa
import pyarrow.parquet
import pytest
from PIL import Image

from gsn.data import lsun, splits
from gsn.data.items import Unreadable

KINDS = ("WEBP", "JPEG")  # the values of LSUN are of both formats
ROOM = {"N": 128, "channels": 3, "crop": 256}


@pytest.fixture
def bedrooms(tmp_path):
    """An LMDB of 12 encoded images of several shapes, with keys of 40 hex digits in their order."""
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
    """The parquet files of a sample: two files of encoded images, and a test file beside them."""
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


def room_numbers(items):
    return [round(float(item.load()[0].mean()) / 20) for item in items]


@pytest.mark.parametrize("release", ["bedrooms", "sample"])
def test_the_splits_are_the_first_or_the_drawn_rooms(release, request):
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


def test_a_folder_without_lmdb_and_parquet_is_refused(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"must hold data\.mdb or parquet files: found neither"
    ):
        next(lsun.items(tmp_path, "train", train=1, test=1, **ROOM))


def test_truncated_and_wrong_files_are_refused(bedrooms, sample):
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


def test_the_zip_is_unpacked_if_it_holds_an_lmdb(bedrooms, tmp_path):
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


def test_cells_without_bytes_cannot_be_read_and_the_others_can(sample):
    file = next((sample / "data").glob("train-0*"))
    data = pyarrow.parquet.read_table(file)["image"].to_pylist()
    data[1], data[2], data[4] = None, {"bytes": None, "path": "/etc/hostname"}, {"bytes": b""}
    kind = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    pyarrow.parquet.write_table(pa.table({"image": pa.array(data, kind)}), file)
    items = list(lsun.items(sample, "train", train=7, test=0, **ROOM))
    for i, sentence in {1: "it is null", 2: "it is null", 4: "no known format"}.items():
        with pytest.raises(Unreadable, match=sentence):
            items[i].load()
    assert room_numbers(items[i] for i in (0, 3, 5, 6)) == [0, 3, 5, 6]
    large = list(lsun.items(sample, "train", train=7, test=0, **ROOM, max_pixels=200))
    with pytest.raises(Unreadable, match=r"at most 1600 bytes: got \d+; or set max_pixels"):
        large[0].load()
    with pytest.raises(ValueError, match="must hold images of at most 80 bytes: found"):
        next(lsun.items(sample, "train", train=7, test=0, **ROOM, max_pixels=10))


def test_a_column_of_paths_is_refused(sample):
    file = next((sample / "data").glob("train-0*"))
    pyarrow.parquet.write_table(pa.table({"image": ["/etc/hostname"]}), file)
    with pytest.raises(ValueError, match=r"must have encoded images, as bytes, .*: found string"):
        next(lsun.items(sample, "train", train=1, test=0, **ROOM))


def test_damage_behind_the_beginning_names_file_and_row(bedrooms, sample):
    file = next((sample / "data").glob("train-0*"))
    data = bytearray(file.read_bytes())
    data[4:40] = bytes(36)  # the header of the first page
    file.write_bytes(data)
    with pytest.raises(
        ValueError, match=r"train-0.*must be a whole parquet file: the rows after 0"
    ):
        list(lsun.items(sample, "train", train=7, test=0, **ROOM))
    values = list(lsun.items(bedrooms, "train", train=8, test=0, **ROOM, max_pixels=10))
    with pytest.raises(Unreadable, match=r"at most 80 bytes: got \d+"):
        values[0].load()


def test_a_damaged_name_of_a_column_names_the_file(sample):
    file = next((sample / "data").glob("train-0*"))
    good = file.read_bytes()
    for place in (good.rindex(b"image"), good.index(b"image")):
        data = bytearray(good)
        data[place] = 0xFF  # no UTF-8
        file.write_bytes(data)
        with pytest.raises(ValueError, match=r"train-0.*must be a whole parquet file: .*utf-8"):
            list(lsun.items(sample, "train", train=7, test=0, **ROOM))


def test_a_damaged_page_of_an_lmdb_is_named(bedrooms):
    script = f"""
from pathlib import Path
from gsn.data import lsun
try:
    list(lsun.items(Path({str(bedrooms)!r}), "train", train=12, test=0, **{ROOM}))
except ValueError as error:
    print(error)
"""
    data = bytearray((bedrooms / "data.mdb").read_bytes())
    for page in range(2, len(data) // 4096):  # pages 0 and 1 are the heads
        data[4096 * page + 10 : 4096 * page + 12] = b"\0\0"  # no page has a type
    (bedrooms / "data.mdb").write_bytes(data)
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert re.search(r"data\.mdb must be a whole LMDB: its row \d+ gives .*; unpack", run.stdout)
