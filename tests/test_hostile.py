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
import struct
import subprocess
import sys
import zipfile
import zlib

import h5py
import numcodecs
import numpy as np
import pytest
import torch
import zarr
from PIL import Image

import gsn
from gsn.data import celeba, hdf5, lsun
from gsn.data import files as data_files
from gsn.data.fields import files as fields
from gsn.data.files import File
from gsn.data.items import Unreadable
from gsn.networks import generator
from gsn.runtime import store, weights

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
    said = limited("from gsn.networks import generator\ngenerator.load(sys.argv[1])", path)
    assert said.startswith("ValueError")
    assert "must hold the settings and the weights of a generator" in said


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
            "from gsn.data import download, files, hdf5, npy",
            "from gsn.data.fields import files as fields",
            "from gsn.networks import generator",
            "from gsn.runtime import store",
            "folder, refused = Path(sys.argv[1]), 0",
            "known = files.File('mnist/x', '0' * 32, unpacked_md5='1' * 32)",
            "calls = [lambda p=folder / n, f=f: f(p) for n in ('pipe', 'zero') for f in (",
            "    generator.load, fields.read, npy.counts, lambda p: hdf5.counts(p, 'x'),",
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
    assert limited(program, tmp_path) == "13 13"
