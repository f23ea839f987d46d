"""CIFAR-10, from small files of its true format: a tar.gz of pickles of Python 2."""

import hashlib
import io
import os
import pickle
import struct
import tarfile
import threading
from typing import ClassVar

import numpy as np
import pytest

from gsn.data import cifar10, download
from gsn.data.files import File

SIZE = 6  # images in a batch, here


class Python2(pickle._Pickler):
    """Writes protocol 2 as Python 2 did: byte strings, and the paths of numpy as they were."""

    dispatch: ClassVar = dict(pickle._Pickler.dispatch)

    def save_string(self, value):
        data = value.encode() if isinstance(value, str) else value
        short = len(data) < 256
        self.write(b"U" + bytes([len(data)]) if short else b"T" + struct.pack("<i", len(data)))
        self.write(data)
        self.memoize(value)

    dispatch[bytes] = dispatch[str] = save_string


def pickled(value):
    file = io.BytesIO()
    Python2(file, protocol=2).dump(value)
    return file.getvalue().replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")


def batch(name, seed, **other):
    """Return the pixels, the labels and the pickle of a batch."""
    rng = np.random.default_rng(seed)
    pixels, labels = (
        rng.integers(0, 256, (SIZE, 3072), np.uint8),
        rng.integers(0, 10, SIZE).tolist(),
    )
    known = {
        b"batch_label": f"batch {name}".encode(),
        b"labels": labels,
        b"data": pixels,
        b"filenames": [f"{i}.png".encode() for i in range(SIZE)],
    }
    return pixels, labels, pickled(known | other)


@pytest.fixture
def batches(monkeypatch):
    """All batches of CIFAR-10, of 6 images each, with matching checksums."""
    made = {name: batch(name, seed) for seed, name in enumerate(cifar10.MD5)}
    monkeypatch.setattr(cifar10, "IMAGES", SIZE)
    monkeypatch.setattr(
        cifar10, "MD5", {name: hashlib.md5(data).hexdigest() for name, (*_, data) in made.items()}
    )
    return made


def packed(batches, monkeypatch):
    """Return the bytes of the archive, whose members lie in no order, as in the original."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name in sorted(batches, key=lambda name: name[::-1]):
            info = tarfile.TarInfo(f"{cifar10.FOLDER}/{name}")
            info.size = len(batches[name][2])
            archive.addfile(info, io.BytesIO(batches[name][2]))
    digest = hashlib.md5(file.getvalue()).hexdigest()
    monkeypatch.setitem(
        cifar10.FILES, cifar10.ARCHIVE, File(f"cifar10/{cifar10.ARCHIVE}", digest, ("address",))
    )
    return file.getvalue()


@pytest.fixture
def archive(batches, tmp_path, monkeypatch):
    (tmp_path / cifar10.ARCHIVE).write_bytes(packed(batches, monkeypatch))
    return tmp_path / cifar10.ARCHIVE


@pytest.fixture
def folder(batches, tmp_path):
    (tmp_path / cifar10.FOLDER).mkdir()
    for name, (*_, data) in batches.items():
        (tmp_path / cifar10.FOLDER / name).write_bytes(data)
    return tmp_path / cifar10.FOLDER


def expected(batches, split, n):
    """Return images (n, 3, 32, 32) and labels, read by Python's own unpickler."""
    read = [pickle.loads(batches[name][2], encoding="bytes") for name in cifar10.BATCHES[split]]
    images = np.concatenate([one[b"data"] for one in read]).reshape(-1, 3, 32, 32)
    return images[:n], [label for one in read for label in one[b"labels"]][:n]


WHOLE = {"N": 32, "channels": 3}


@pytest.mark.filterwarnings("ignore:numpy.core")
@pytest.mark.parametrize(("split", "n"), [("train", 30), ("train", 13), ("test", 6), ("test", 2)])
def test_photographs_come_with_their_labels(batches, archive, folder, split, n):
    images, labels = expected(batches, split, n)
    parts = {name: folder / name for name in cifar10.BATCHES[split]}
    for files in ({"archive": archive}, parts):
        source = cifar10.read(files, split, n=n, **WHOLE)
        items = list(source.items)
        np.testing.assert_array_equal(np.stack([item.load() for item in items]), images)
        assert [item.label for item in items] == labels
        assert source.classes[labels[0]] == cifar10.CLASSES[labels[0]]
        assert items[0].name == f"{cifar10.BATCHES[split][0]}[0]"
    if n == 13:
        assert items[12].name == "data_batch_3[0]"


def test_the_pickles_are_of_python_2(batches):
    """In the test, as in the original: no unicode keys, no codecs, numpy.core."""
    data = batches["test_batch"][2]
    assert b"_codecs" not in data
    assert b"X\2\0\0\0u1" not in data
    assert b"U\2u1" in data
    assert b"cnumpy.core.multiarray\n_reconstruct\n" in data
    assert pickle.loads(pickled(b"data"), encoding="ASCII") == "data"


def test_photographs_come_in_another_size_and_in_grey(archive):
    item = next(cifar10.items({"archive": archive}, "test", n=1, N=16, channels=1))
    assert item.load().shape == (1, 16, 16)


def test_too_many_photographs_are_refused(archive):
    with pytest.raises(ValueError, match="train must be at most 30, all of CIFAR-10: got 31"):
        next(cifar10.items({"archive": archive}, "train", n=31, **WHOLE))
    with pytest.raises(ValueError, match="test must be at most 6, all of CIFAR-10: got 7"):
        next(cifar10.items({"archive": archive}, "test", n=7, **WHOLE))


def test_the_original_has_the_published_numbers():
    assert {split: cifar10.IMAGES * len(names) for split, names in cifar10.BATCHES.items()} == {
        "train": 50_000,
        "test": 10_000,
    }
    (file,) = cifar10.FILES.values()
    assert file.mirrors()[0] == "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"


def test_nothing_is_unpickled_before_its_checksum(archive, folder, monkeypatch):
    def never(*_):
        raise AssertionError

    monkeypatch.setattr(cifar10, "unpickled", never)
    for path in (archive, folder / "test_batch"):
        path.write_bytes(path.read_bytes() + b"x")
    for files, name in (({"archive": archive}, archive.name), ({"test_batch": path}, path.name)):
        with pytest.raises(ValueError, match=f"{name} must be the expected {name}: its md5 is"):
            next(cifar10.items(files, "test", n=1, **WHOLE))


class Evil:
    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call[0], self.call[1:]


@pytest.mark.parametrize(
    ("call", "named"),
    [
        ((os.system, "touch {}"), "system"),
        ((eval, "open('{}', 'w')"), r"__builtin__\.eval"),
        ((getattr, "x", "y"), r"__builtin__\.getattr"),
        ((np.load, "{}"), r"numpy.*\.load"),
        ((bytes.fromhex, "00"), "getattr"),
    ],
)
def test_a_pickle_runs_nothing(tmp_path, call, named):
    """Even if its checksum were right."""
    first, *rest = call
    call = (first, *(text.format(tmp_path / "touched") for text in rest))
    data = batch("evil", 0, **{"x": Evil(*call)})[2]
    with pytest.raises(ValueError, match=rf"it must be a batch of CIFAR-10: it names .*{named}"):
        cifar10.unpickled(data, "it")
    assert not (tmp_path / "touched").exists()


def test_the_names_in_allowed_modules_are_refused_too():
    for name in (b"cnumpy\nload\n", b"cnumpy.core.multiarray\nfromfile\n", b"cbuiltins\nprint\n"):
        with pytest.raises(ValueError, match="it names"):
            cifar10.unpickled(b"\x80\x02" + name + b".", "it")


def test_other_pickles_and_damaged_ones_are_refused(batches):
    good = batches["test_batch"][2]
    for data in (good[:-1], good[:50], b"", b"<html>", good.replace(b"numpy.core", b"numpy.cure")):
        with pytest.raises(ValueError, match=r"must be a batch of CIFAR-10: .+; fetch it again"):
            cifar10.unpickled(data, "it")
    pixels, labels, _ = batches["test_batch"]
    for other, sentence in (
        ({b"data": pixels[:5]}, "must hold 6 images of 3072 bytes"),
        ({b"data": pixels.astype(np.int16)}, "must hold 6 images of 3072 bytes"),
        ({b"data": pixels.tolist()}, "must hold 6 images of 3072 bytes"),
        ({b"labels": labels[:5]}, r"must hold 6 labels in 0\.\.9"),
        ({b"labels": [*labels[:5], 10]}, r"must hold 6 labels in 0\.\.9"),
        ({b"labels": [*labels[:5], b"1"]}, r"must hold 6 labels in 0\.\.9"),
    ):
        with pytest.raises(ValueError, match=sentence):
            cifar10.unpickled(changed(good, other), "it")


def changed(data, other):
    return pickled(pickle.loads(data, encoding="bytes") | other)


def test_an_archive_without_a_batch_is_refused(batches, tmp_path, monkeypatch):
    path = tmp_path / cifar10.ARCHIVE
    path.write_bytes(packed({"data_batch_1": batches["data_batch_1"]}, monkeypatch))
    with pytest.raises(ValueError, match="must have the file cifar-10-batches-py/test_batch"):
        next(cifar10.items({"archive": path}, "test", n=1, **WHOLE))
    path.write_bytes(path.read_bytes()[:-40])
    digest = hashlib.md5(path.read_bytes()).hexdigest()
    monkeypatch.setitem(cifar10.FILES, cifar10.ARCHIVE, File("cifar10/x", digest))
    with pytest.raises(ValueError, match=r"must be a whole \.tar\.gz: .*; fetch it again"):
        next(cifar10.items({"archive": path}, "test", n=1, **WHOLE))


def test_the_archive_is_fetched_from_a_mirror_and_continued(batches, tmp_path, monkeypatch):
    from test_download import Server, truncated, whole

    body = packed(batches, monkeypatch)
    server = Server()
    server.scripts = {f"/cifar10/{cifar10.ARCHIVE}": [truncated(10_000, body), whole(body)]}
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setattr(download, "WAIT", 0)
    monkeypatch.setenv("GSN_MIRROR", server.url)
    path = tmp_path / "data/cifar10" / cifar10.ARCHIVE
    try:
        download.fetch(cifar10.FILES[cifar10.ARCHIVE], path)
    finally:
        server.shutdown()
        server.server_close()
    assert [sent.range is None for sent in server.sent] == [True, False]
    items = list(cifar10.items({"archive": path}, "test", n=SIZE, **WHOLE))
    assert [item.label for item in items] == batches["test_batch"][1]
