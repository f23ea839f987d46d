"""Scripts of sources with large or remote files, run on small files with their own checksums."""

import gzip
import hashlib
import runpy
import types
import zipfile
from pathlib import Path

import lmdb
import numpy as np
import pytest
import xarray

import test_cifar10
from gsn.data import cifar10, download, idx, lsun, mnist
from gsn.data.files import File
from gsn.runtime import job

SCRIPTS = Path(__file__).parent.parent / "workflow/scripts/data"


class Named(list):
    """Files of a rule, by position and by name."""

    def __init__(self, *files, **named):
        super().__init__(map(str, (*files, *named.values())))
        self.named = {name: str(file) for name, file in named.items()}

    def __getattr__(self, name):
        return self.named[name]

    def items(self):
        return self.named.items()


@pytest.fixture
def script(tmp_path, monkeypatch):
    """A function that runs a script as Snakemake would, in this process."""
    monkeypatch.setattr(job, "start", lambda log, threads: threads)

    def script(name, output, input=(), wildcards=None, params=None):
        snakemake = types.SimpleNamespace(
            log=[str(tmp_path / "log")],
            threads=2,
            input=input,
            output=output,
            wildcards=types.SimpleNamespace(**wildcards or {}),
            params=types.SimpleNamespace(**params or {}),
        )
        runpy.run_path(str(SCRIPTS / f"{name}.py"), init_globals={"snakemake": snakemake})

    return script


def encoded(array):
    return (
        bytes([0, 0, 8, array.ndim])
        + np.array(array.shape, dtype=">u4").tobytes()
        + array.tobytes()
    )


def test_mnist_is_downloaded_and_stored(script, tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    digits, labels = rng.integers(0, 256, (5, 28, 28), np.uint8), rng.integers(0, 10, 5, np.uint8)
    files = []
    for name, array in zip(idx.SPLITS["test"], (digits, labels), strict=True):
        packed = gzip.compress(encoded(array))
        monkeypatch.setitem(
            mnist.FILES, name, File(f"mnist/{name}", hashlib.md5(packed).hexdigest(), ("address",))
        )
        monkeypatch.setattr(
            download, "_transfer", lambda _, part, packed=packed: part.write_bytes(packed)
        )
        files.append(tmp_path / f"data/mnist/{name}")
        script("download", Named(files[-1]), wildcards={"source": "mnist", "file": name})
        assert files[-1].read_bytes() == packed
    script(
        "store_images",
        Named(store=tmp_path / "images/test.zarr/zarr.json", names=tmp_path / "images/test.csv"),
        input=Named(images=files[0], labels=files[1], code="src/gsn/data/mnist.py"),
        wildcards={"split": "test"},
        params={
            "source": "mnist",
            "settings": {"n": 4, "N": 28, "channels": 1},
            "stored": {"n": 4, "N": 28, "channels": 1, "on_error": "stop"},
        },
    )
    stored = xarray.open_zarr(tmp_path / "images/test.zarr")
    np.testing.assert_array_equal(stored.x[:, 0], digits[:4])
    np.testing.assert_array_equal(stored.label, labels[:4])
    assert (tmp_path / "images/test.csv").read_text().splitlines()[:2] == [
        "row,image,label",
        f"0,t10k-images-idx3-ubyte.gz[0],{labels[0]}",
    ]
    assert stored.label.classes == list("0123456789")


def test_cifar10_is_downloaded_and_stored(script, tmp_path, monkeypatch):
    made = {name: test_cifar10.batch(name, seed) for seed, name in enumerate(cifar10.MD5)}
    packed = test_cifar10.packed(made, monkeypatch)
    monkeypatch.setattr(cifar10, "IMAGES", test_cifar10.SIZE)
    monkeypatch.setattr(download, "_transfer", lambda _, part: part.write_bytes(packed))
    archive = tmp_path / "data/cifar10/cifar-10-python.tar.gz"
    script("download", Named(archive), wildcards={"source": "cifar10", "file": archive.name})
    script(
        "store_images",
        Named(store=tmp_path / "images/train.zarr/zarr.json", names=tmp_path / "images/train.csv"),
        input=Named(archive=archive),
        wildcards={"split": "train"},
        params={
            "source": "cifar10",
            "settings": {"n": 8, "N": 32, "channels": 3},
            "stored": {"n": 8, "N": 32, "channels": 3, "on_error": "stop"},
        },
    )
    stored = xarray.open_zarr(tmp_path / "images/train.zarr")
    images, labels = test_cifar10.expected(made, "train", 8)
    np.testing.assert_array_equal(stored.x, images)
    np.testing.assert_array_equal(stored.label, labels)
    assert stored.label.classes == list(cifar10.CLASSES)
    rows = (tmp_path / "images/train.csv").read_text().splitlines()
    assert rows[7] == f"6,data_batch_2[0],{labels[6]}"


def test_the_terms_of_celeba_are_printed_before_the_download(script, tmp_path, monkeypatch, capsys):
    said = ""

    def refuse(*_):
        nonlocal said
        said += capsys.readouterr().err
        assert said.count("non-commercial research only") == 1
        raise download.Refused("404 Not Found")

    monkeypatch.setattr(download, "_fetch_from", refuse)
    with pytest.raises(
        ConnectionError, match=r"id=0B7EVK8r0v71pZjFTYXZWM3FlRnM: 404 Not Found\); try again later"
    ):
        script(
            "download",
            Named(tmp_path / "data/celeba/img_align_celeba.zip"),
            wildcards={"source": "celeba", "file": "img_align_celeba.zip"},
        )


def test_lsun_is_verified_before_it_is_unpacked(script, tmp_path, monkeypatch):
    with lmdb.open(str(tmp_path / "made")) as database, database.begin(write=True) as transaction:
        transaction.put(b"key", b"value")
    archive, output = tmp_path / "bedroom_train_lmdb.zip", tmp_path / "bedroom_train_lmdb/data.mdb"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(tmp_path / "made/data.mdb", "bedroom_train_lmdb/data.mdb")
    with pytest.raises(ValueError, match=r"bedroom_train_lmdb\.zip must be .*: its md5 is"):
        script("unpack_lsun", Named(output), input=Named(archive))
    assert not output.exists()
    md5 = hashlib.md5(archive.read_bytes()).hexdigest()
    monkeypatch.setitem(lsun.FILES, archive.name, File("lsun/zip", md5))
    script("unpack_lsun", Named(output), input=Named(archive))
    assert output.read_bytes() == (tmp_path / "made/data.mdb").read_bytes()


def test_the_sample_of_lsun_lists_its_revision_and_its_files(script, tmp_path, monkeypatch):
    monkeypatch.setattr(lsun, "fetch_sample", lambda folder: ["data/train-0-of-1.parquet"])
    script("download_lsun_sample", Named(tmp_path / "files.txt"))
    assert (
        tmp_path / "files.txt"
    ).read_text() == f"revision {lsun.REVISION}\ndata/train-0-of-1.parquet\n"
