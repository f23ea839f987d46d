"""Files made to do harm: nothing is executed, nothing is written elsewhere, nothing waits for ever.

The tests of each kind of file have more: pickles in test_cifar10.py and test_npy.py, links in
test_hdf5.py, pipes and devices in test_folder.py and test_pixels.py, large pictures in
test_pixels.py.
"""

import gzip
import hashlib
import io
import os
import pickle
import re
import struct
import subprocess
import sys
import zipfile
import zlib

import h5py
import numcodecs
import numpy as np
import pyarrow.parquet
import pytest
import torch
import zarr
from PIL import Image

import gsn
from gsn.data import celeba, hdf5, lsun, npy, pixels
from gsn.data import files as data_files
from gsn.data.fields import files as fields
from gsn.data.files import File
from gsn.data.items import Unreadable
from gsn.networks import generator
from gsn.runtime import store, weights
from gsn.samplers import laws

LOAD = "from gsn.networks import generator\ngenerator.load(sys.argv[1])"
ZEROS = 200_000_000  # bytes that a bomb of these tests unpacks to


class Evil:
    """Makes a folder when it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.fixture
def untouched(tmp_path):
    """A folder that no attack may make, and a listing that none may change."""
    outside = tmp_path / "outside"
    outside.mkdir()
    yield outside / "touched"
    assert list(outside.iterdir()) == []


def limited(program, *arguments, megabytes=2000, seconds=60):
    """Run a program in bounded memory and time; return what it raises, in one line."""
    lines = ["import resource, sys", "import torch"]
    lines += [f"resource.setrlimit(resource.RLIMIT_DATA, ({megabytes} * 2**20,) * 2)"]
    lines += ["try:", *(f"    {line}" for line in program.splitlines())]
    lines += ["except Exception as error:", "    print(type(error).__name__, error)"]
    command = [sys.executable, "-c", "\n".join(lines), *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


# Bombs


def test_a_bomb_in_a_gz_of_a_data_set_is_not_unpacked_to_its_end(tmp_path, monkeypatch):
    path, read = tmp_path / "train-images-idx3-ubyte.gz", []
    path.write_bytes(gzip.compress(bytes(ZEROS), 1))
    monkeypatch.setattr(data_files, "_most", lambda packed: ZEROS // 10)
    update = hashlib.md5

    class Counted:
        def __init__(self, **_):
            self.known = update()

        def update(self, block):
            read.append(len(block))
            self.known.update(block)

        def hexdigest(self):
            return self.known.hexdigest()

    monkeypatch.setattr(data_files.hashlib, "md5", Counted)
    file = File("mnist/train-images-idx3-ubyte.gz", "0" * 32, unpacked_md5="1" * 32)
    with pytest.raises(
        ValueError, match=r"must be the expected train-images-idx3-ubyte\.gz: its md5"
    ):
        data_files.verify(file, path)
    assert sum(read) < ZEROS // 10 + path.stat().st_size + 2**22
    data_files.unwrap(file, path)
    assert path.stat().st_size < ZEROS // 100


def test_what_may_come_out_of_a_gz_is_bounded_by_what_goes_in():
    assert data_files._most(10) == 2**30
    assert data_files._most(2**30) == 20 * 2**30


def test_an_npz_that_promises_too_much_is_refused(tmp_path, monkeypatch):
    """A header may promise any shape; 200 MB of zeros are 200 kB on the disk."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f4", "fortran_order": False, "shape": (10**6, 10**6)}
    )
    with zipfile.ZipFile(tmp_path / "x.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", header.getvalue() + bytes(ZEROS))
    assert (tmp_path / "x.npz").stat().st_size < ZEROS / 100
    program = "from gsn.data.fields import files\nfiles.read(sys.argv[1])"
    assert limited(program, tmp_path / "x.npz")  # any refusal, in bounded memory
    program = (
        "from gsn.data import npy\nnext(npy.items(sys.argv[1], 'train', key=None, labels=None,"
    )
    program += " train=1, test=0, seed=0, N=8, channels=1))"
    assert limited(
        program.replace("sys.argv[1]", "__import__('pathlib').Path(sys.argv[1])"),
        tmp_path / "x.npz",
    )
    from gsn.data import npy_storage

    monkeypatch.setattr(npy_storage, "MOST", ZEROS // 2)
    with pytest.raises(ValueError, match="x must have at most 100000000 bytes: found 200000128"):
        fields.read(tmp_path / "x.npz")


def test_a_field_of_too_many_points_is_refused_before_it_is_read(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("x", (10**6, 10**6), "f4", chunks=(1000, 1000), compression="gzip")
    with pytest.raises(ValueError, match=r"x must have at most 268435456 points in a field: found"):
        fields.read(tmp_path / "x.h5")


def test_an_hdf5_file_of_enormous_chunks_is_refused(tmp_path):
    """Each would be unpacked as a whole for a single image."""
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("x", (2**21, 32, 32), "u1", chunks=(2**21, 32, 32), compression="gzip")
    with pytest.raises(
        ValueError, match="x must have chunks of at most 1073741824 bytes: got 2147"
    ):
        hdf5.counts(tmp_path / "x.h5", "x")


def test_a_picture_with_a_bomb_in_its_metadata_is_read_or_refused(tmp_path):
    """A compressed text, or a colour profile, of 200 MB in a PNG of a few hundred kB."""
    file = io.BytesIO()
    Image.effect_noise((16, 16), 50).save(file, "PNG")
    good, bomb = file.getvalue(), zlib.compress(bytes(ZEROS), 9)
    for kind, start in ((b"zTXt", b"Comment\0\0"), (b"iCCP", b"profile\0\0")):
        part = kind + start + bomb
        chunk = struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part))
        (tmp_path / "x.png").write_bytes(good[:33] + chunk + good[33:])
        program = "from pathlib import Path\nfrom gsn.data.pixels import square\n"
        program += "print(square(Path(sys.argv[1]), 16, channels=1).sum() > 0)"
        assert limited(program, tmp_path / "x.png") in ("True", "Unreadable")


def test_weights_in_a_compressed_archive_are_refused(tmp_path):
    """torch.save compresses nothing. A compressed archive may unpack to any size."""
    path = tmp_path / "generator.pt"
    generator.save(generator.Generator(d=4, N=8, width=2), path)
    with (
        zipfile.ZipFile(path) as stored,
        zipfile.ZipFile(tmp_path / "packed.pt", "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for name in stored.namelist():
            packed.writestr(name, stored.read(name))
    with pytest.raises(ValueError, match="must be a complete trained generator: it cannot be read"):
        generator.load(tmp_path / "packed.pt")


def test_a_small_file_that_names_an_enormous_generator_is_refused(tmp_path):
    path = tmp_path / "generator.pt"
    G = generator.Generator(d=4, N=8, width=2)
    torch.save({"settings": G.settings | {"width": 10**5}, "weights": G.state_dict()}, path)
    said = limited(LOAD, path)
    assert said.startswith("ValueError")
    assert "must hold the settings and the weights of a generator" in said
    assert "alloc" not in said  # it was not the memory that ended it


@pytest.mark.parametrize("kind", ["strides of 0", "meta"])
def test_weights_that_the_file_does_not_hold_are_refused(tmp_path, kind):
    """Their shapes fit the network that the settings name, and they take next to nothing."""
    settings = {"d": 4, "N": 8, "width": 3000}
    with torch.device("meta"):
        weights = generator.Generator(**settings).state_dict()
    assert sum(value.nbytes for value in weights.values()) > 3 * 10**9
    if kind == "strides of 0":
        weights = {
            name: torch.zeros((), dtype=x.dtype).expand(x.shape) for name, x in weights.items()
        }
    torch.save({"settings": settings, "weights": weights}, tmp_path / "generator.pt")
    assert (tmp_path / "generator.pt").stat().st_size < 10_000
    said = limited(LOAD, tmp_path / "generator.pt")
    assert said.startswith("ValueError")
    assert "the weights are not stored in full" in said


def test_a_small_file_that_names_an_enormous_law_is_refused(tmp_path):
    enormous = {"mixture": {"components": 10**8}, "flow_matching": {"hidden": 10**5}}
    enormous |= {name: {"hidden": 10**5} for name in ("vae", "gan", "flow")}
    for name, large in enormous.items():
        law = laws.new(name, 4)
        known = {"law": name, "settings": law.settings | large, "weights": law.state_dict()}
        torch.save(known, tmp_path / f"{name}.pt")
    program = "\n".join(
        [
            "from pathlib import Path",
            "from gsn.samplers import laws",
            "for path in sorted(Path(sys.argv[1]).iterdir()):",
            "    try:",
            "        laws.load(path)",
            "    except ValueError as error:",
            "        print(path.stem, 'alloc' in str(error))",
        ]
    )
    said = limited(program, tmp_path)
    assert said.split() == [word for name in sorted(enormous) for word in (name, "False")]


def test_a_negative_side_of_an_array_is_refused(tmp_path):
    """A stream that is asked for a negative number of bytes gives all that it has."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": (50, 8, 8)}
    )
    header = header.getvalue().replace(b"(50, 8, 8)", b"(5, -8, 8)")
    with zipfile.ZipFile(tmp_path / "x.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", header + bytes(ZEROS))
    (tmp_path / "x.npy").write_bytes(header + bytes(1000))
    for name in ("x.npz", "x.npy"):
        for read in (npy.counts, fields.read):
            with pytest.raises(ValueError, match=rf"x\.{name[2:]} must be"):
                read(tmp_path / name)


def test_a_file_that_promises_too_many_images_is_refused(tmp_path):
    """To draw some of them would take 8 bytes for each."""
    header, n = io.BytesIO(), 2**40
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": (n, 8, 8)}
    )
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("x.npy", header.getvalue())
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("x", (n, 8, 8), "u1", chunks=(1, 8, 8))
        file.create_dataset("y", (n,), "u1", chunks=(1,))
    for count in (
        lambda: npy.counts(tmp_path / "x.npz"),
        lambda: hdf5.counts(tmp_path / "x.h5", "x", labels="y"),
        lambda: fields.read(tmp_path / "x.h5", key="x", place=(0,)),
    ):
        with pytest.raises(ValueError, match=f"must be at most 1073741824: found {n}"):
            count()


def test_a_value_of_a_parquet_file_in_every_row_is_read_once_at_a_time(tmp_path):
    """A dictionary stores it once: a file of a few kB would unpack to 25 GB."""
    rows, large = 256, bytes(ZEROS // 2)
    column = pyarrow.DictionaryArray.from_arrays(
        pyarrow.array([0] * rows, pyarrow.int32()), pyarrow.array([large], pyarrow.large_binary())
    )
    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(
        pyarrow.table({"image": column}), path, compression="zstd", store_schema=False
    )
    assert path.stat().st_size < 20_000
    program = "from pathlib import Path\nfrom gsn.data import lsun\n"
    program += "next(lsun.items(Path(sys.argv[1]), 'train', train=2, test=1, N=8, channels=3))"
    program += ".load()"
    said = limited(program, tmp_path)
    assert said.startswith("Unreadable its bytes are of no known format"), said


def test_a_jpeg_of_thousands_of_scans_is_refused(tmp_path):
    """Each is a few bytes in the file, and passes over all of its pixels."""
    file = io.BytesIO()
    Image.new("L", (64, 64), 128).save(file, "JPEG", progressive=True)
    data, last = file.getvalue(), file.getvalue().rindex(b"\xff\xda")
    assert pixels.square(data, 8, channels=1).mean() == 128
    many = data[:last] + data[last:-2] * 1000 + data[-2:]
    (tmp_path / "x.jpg").write_bytes(many)
    for raw in (many, tmp_path / "x.jpg"):
        with pytest.raises(Unreadable, match="it must have at most 500 scans: got 10"):
            pixels.square(raw, 8, channels=1)


def test_a_store_that_promises_too_much_is_refused(tmp_path):
    """The first missing file ends it: the others are not listed."""
    with store.whole(tmp_path / "a.zarr") as folder:
        store.create(folder, {"x": store.Variable(("row",), np.zeros(1, np.float32))})
    for metadata in (tmp_path / "a.zarr").rglob("zarr.json"):
        text = metadata.read_text()
        assert '"shape": [' in text
        metadata.write_text(re.sub(r'"shape": \[\s*1\s*\]', f'"shape": [{2**40}]', text))
    program = "from gsn.runtime import store\nstore.read(sys.argv[1], 'x')[...]"
    said = limited(program, tmp_path / "a.zarr")
    assert said.startswith("FileNotFoundError")
    assert "x/c/1 must exist" in said


# Names that lead elsewhere


@pytest.mark.parametrize(
    "name", ["../../outside/touched/data.mdb", "/outside/touched/data.mdb", "a\\..\\data.mdb"]
)
def test_an_entry_of_a_zip_goes_nowhere_but_to_its_place(tmp_path, untouched, name):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, b"an LMDB")
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    target = tmp_path / "data/lsun/data.mdb"
    lsun.unpack(tmp_path / "a.zip", target)
    assert target.read_bytes() == b"an LMDB"
    assert [path.name for path in target.parent.iterdir()] == ["data.mdb"]


def test_faces_are_read_inside_of_their_zip(tmp_path, untouched):
    file = io.BytesIO()
    Image.new("RGB", (178, 218), "red").save(file, "JPEG")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("../outside/000001.jpg", file.getvalue())
        link = zipfile.ZipInfo("000002.jpg")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, str(tmp_path / "secret.jpg"))
    Image.new("RGB", (178, 218), "blue").save(tmp_path / "secret.jpg")
    first, second = celeba.items(tmp_path / "a.zip", "train", train=2, test=0, N=8, channels=3)
    assert first.load()[0].min() > 250
    with pytest.raises(Unreadable, match="of no known format"):
        second.load()


# Code


def test_a_store_with_pickles_is_refused(tmp_path, untouched):
    """The former format of zarr could name them."""
    folder = tmp_path / "J2_L4"
    group = zarr.open_group(folder / "pca.zarr", mode="w", zarr_format=2)
    group.attrs["gsn_version"] = "0"
    (folder / "pca.zarr/mu").mkdir()
    codec = {"id": "pickle", "protocol": 4}
    array = {"shape": [1], "chunks": [1], "dtype": "|O", "fill_value": None, "order": "C"}
    array |= {"filters": [codec], "compressor": None, "zarr_format": 2}
    (folder / "pca.zarr/mu/.zarray").write_text(
        str(array).replace("'", '"').replace("None", "null")
    )
    (folder / "pca.zarr/mu/0").write_bytes(pickle.dumps([Evil(untouched), [1], "|O"]))
    assert numcodecs.get_codec(codec)  # which would run them
    with pytest.raises((ValueError, FileNotFoundError), match=r"pca\.zarr"):
        store.read(folder / "pca.zarr", "mu")[...]
    (folder / "d8").mkdir()
    generator.save(generator.Generator(d=8, N=16, width=2), folder / "d8/generator.pt")
    with pytest.raises((ValueError, FileNotFoundError)):
        gsn.load(folder / "d8")


@pytest.mark.parametrize("archived", [True, False])
def test_weights_with_code_in_them_are_refused(tmp_path, untouched, archived):
    path = tmp_path / "generator.pt"
    if archived:
        torch.save({"settings": Evil(untouched), "weights": {}}, path)
    else:
        path.write_bytes(pickle.dumps(Evil(untouched)))
    for load in (generator.load, lambda path: weights.load(path, "a state")):
        with pytest.raises(ValueError, match="it cannot be read"):
            load(path)


# Pipes and devices


def test_pipes_and_devices_are_not_read(tmp_path):
    """In the places of the files of a trained generator, of a store, and of downloads."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "a.zarr").mkdir()
    (tmp_path / "b.zarr").mkdir()
    with store.whole(tmp_path / "c.zarr") as folder:
        axes = ("image", "component")
        x = store.Variable(axes, np.zeros((4, 2), np.float32))
        store.create(folder, {"x": x})
    os.mkfifo(tmp_path / "a.zarr/zarr.json")
    (tmp_path / "b.zarr/zarr.json").symlink_to("/dev/zero")
    (tmp_path / "c.zarr/x/c/0/0").unlink()
    os.mkfifo(tmp_path / "c.zarr/x/c/0/0")
    program = "\n".join(
        [
            "from pathlib import Path",
            "from gsn.data import download, files, hdf5, head_ct, npy",
            "from gsn.data.fields import files as fields",
            "from gsn.networks import generator",
            "from gsn.runtime import store",
            "folder, refused = Path(sys.argv[1]), 0",
            "known = files.File('mnist/x', '0' * 32, unpacked_md5='1' * 32)",
            "calls = [lambda p=folder / n, f=f: f(p) for n in ('pipe', 'zero') for f in (",
            "    generator.load, fields.read, npy.counts, lambda p: hdf5.counts(p, 'x'),",
            "    head_ct.read,",
            "    lambda p: download.fetch(known, p))]",
            "calls += [lambda n=n: store.read(folder / n, 'x')[...] for n in",
            "    ('a.zarr', 'b.zarr', 'c.zarr')]",
            "for call in calls:",
            "    try:",
            "        call()",
            "    except (ValueError, OSError):",
            "        refused += 1",
            "print(refused, len(calls))",
        ]
    )
    assert limited(program, tmp_path) == "15 15"


def test_an_array_of_hdf5_that_is_mapped_to_a_pipe_is_refused(tmp_path):
    """HDF5 would open the pipe for any row of the array, and wait."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = np.ones((4, 8, 8), np.uint8)
    os.mkfifo(tmp_path / "pipe.h5")
    layout = h5py.VirtualLayout((8, 8, 8), "u1")
    for k, name in enumerate(("a.h5", "pipe.h5")):
        layout[4 * k : 4 * k + 4] = h5py.VirtualSource(name, "x", (4, 8, 8))
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file.create_virtual_dataset("x", layout)
    images = "from pathlib import Path\nfrom gsn.data import hdf5\npath = Path(sys.argv[1])\n"
    images += "known = {'key': 'x', 'labels': None, 'train': 7, 'test': 1, 'seed': 0, 'N': 8}\n"
    images += "list(hdf5.items(path, 'train', channels=1, **known))"
    field = "from gsn.data.fields import files\nfiles.read(sys.argv[1], place=(0,))"
    for program in (images, field):
        said = limited(program, tmp_path / "b.h5", seconds=30)
        assert "x must be mapped to regular files: found" in said


def test_a_field_that_is_mapped_to_itself_is_refused(tmp_path):
    """Reading it would end the process."""
    layout = h5py.VirtualLayout((8, 8), "f4")
    layout[:] = h5py.VirtualSource(".", "x", (8, 8))
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_virtual_dataset("x", layout)
    said = limited("from gsn.data.fields import files\nfiles.read(sys.argv[1])", tmp_path / "x.h5")
    assert "found a virtual array that is mapped to itself" in said
