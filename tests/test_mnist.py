"""MNIST and Fashion-MNIST, from small files of their format: images, labels, and refusals."""

import gzip
import hashlib

import numpy as np
import pytest

from gsn.data import fashion_mnist, idx, mnist
from gsn.data.files import File


def encoded(array):
    return (
        bytes([0, 0, 8, array.ndim])
        + np.array(array.shape, dtype=">u4").tobytes()
        + array.tobytes()
    )


@pytest.fixture
def digits(tmp_path, monkeypatch):
    """Files in the format of MNIST, of 5 digits each, with matching checksums."""
    arrays = {}
    for split, (images, labels) in idx.SPLITS.items():
        rng = np.random.default_rng(len(split))
        arrays[split] = (
            rng.integers(0, 256, (5, 28, 28), np.uint8),
            rng.integers(0, 10, 5, np.uint8),
        )
        for name, array in zip((images, labels), arrays[split], strict=True):
            (tmp_path / name).write_bytes(gzip.compress(encoded(array)))
            digest = hashlib.md5(encoded(array)).hexdigest()
            for known in (mnist, fashion_mnist):
                monkeypatch.setitem(known.FILES, name, File(name, md5="0", unpacked_md5=digest))
    return tmp_path, arrays


@pytest.mark.parametrize("split", ["train", "test"])
def test_digits_come_with_their_labels(digits, split):
    path, arrays = digits
    items = list(idx.items(mnist.KNOWN, path, split, n=4, N=28, channels=1))
    np.testing.assert_array_equal(
        np.stack([item.load() for item in items]), arrays[split][0][:4, None]
    )
    assert [item.label for item in items] == arrays[split][1][:4].tolist()


def test_digits_come_in_another_size_and_in_three_channels(digits):
    image = next(idx.items(mnist.KNOWN, digits[0], "train", n=1, N=32, channels=3)).load()
    assert image.shape == (3, 32, 32)
    np.testing.assert_array_equal(image[0], image[2])


def test_too_many_digits_and_damaged_files_are_refused(digits):
    path, _ = digits
    with pytest.raises(ValueError, match="train must be at most 5, all of MNIST: got 6"):
        next(idx.items(mnist.KNOWN, path, "train", n=6, N=28, channels=1))
    (path / "t10k-labels-idx1-ubyte.gz").write_bytes(b"something else")
    with pytest.raises(ValueError, match=r"t10k-labels-idx1-ubyte.gz must be the .*: its md5 is"):
        next(idx.items(mnist.KNOWN, path, "test", n=5, N=28, channels=1))
    (path / "truncated.gz").write_bytes(gzip.compress(encoded(np.zeros((3, 4), np.uint8))[:-1]))
    with pytest.raises(ValueError, match=r"truncated.gz must hold 12 values: found 11"):
        idx.read_idx(path / "truncated.gz")
    (path / "other.gz").write_bytes(gzip.compress(b"other"))
    with pytest.raises(
        ValueError, match="must be an idx file of bytes: it begins with 6f 74 68 65"
    ):
        idx.read_idx(path / "other.gz")


def test_unzipped_files_are_read_and_other_sets_are_refused_with_a_remedy(digits):
    path, arrays = digits
    for name in idx.SPLITS["train"]:
        plain = (path / name).with_suffix("")
        plain.write_bytes(gzip.decompress((path / name).read_bytes()))
        (path / name).unlink()
        assert idx.existing(path, name) == plain
    items = list(idx.items(mnist.KNOWN, path, "train", n=5, N=28, channels=1))
    assert [item.label for item in items] == arrays["train"][1].tolist()
    np.testing.assert_array_equal(items[3].load(), arrays["train"][0][3:4])
    plain.write_bytes(plain.read_bytes()[:-1] + b"x")
    with pytest.raises(ValueError, match=r"or, for another set of this format, .* source: npy"):
        next(idx.items(mnist.KNOWN, path, "train", n=5, N=28, channels=1))


@pytest.mark.parametrize("length", range(8))
def test_a_truncated_idx_file_is_refused(tmp_path, length):
    whole = encoded(np.zeros(3, np.uint8))
    for data in (whole[:length], gzip.compress(whole)[: length + 10]):
        (tmp_path / "a.gz").write_bytes(data)
        with pytest.raises(ValueError, match=r"a\.gz must (be|hold) .*fetch it again"):
            idx.read_idx(tmp_path / "a.gz")


def test_clothes_are_read_as_digits_are(digits):
    path, arrays = digits
    files = dict(
        zip(("images", "labels"), (path / name for name in idx.SPLITS["test"]), strict=True)
    )
    for source in (mnist, fashion_mnist):
        read = source.read(files, "test", n=5, N=28, channels=1)
        items = list(read.items)
        np.testing.assert_array_equal(
            np.stack([item.load() for item in items]), arrays["test"][0][:, None]
        )
        assert [item.label for item in items] == arrays["test"][1].tolist()
        assert len(read.classes) == 10
    assert read.attrs == {"source": "fashion-mnist"}
    assert read.classes[8] == "Bag"
    with pytest.raises(ValueError, match="test must be at most 5, all of Fashion-MNIST: got 6"):
        next(fashion_mnist.read(files, "test", n=6, N=28, channels=1).items)


def test_each_set_has_its_own_files_and_mirrors():
    for source, folder in ((mnist, "mnist"), (fashion_mnist, "fashion-mnist")):
        for name, file in source.FILES.items():
            assert file.name == f"{folder}/{name}"
            assert all(url.endswith(f"/{name}") for url in file.mirrors())
    sums = [file.md5 for source in (mnist, fashion_mnist) for file in source.FILES.values()]
    assert len(set(sums)) == 8
