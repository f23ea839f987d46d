"""MNIST: 60,000 + 10,000 handwritten digits of 28 x 28 (LeCun et al. 1998), with their labels."""

import functools
import gzip
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gsn.images import Item, pixels
from gsn.images.files import File, verify

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
MD5 = {  # of the .gz, and of what it holds
    "train-images-idx3-ubyte": ("f68b3c2dcbeaaa9fbdd348bbdeb94873", "6bbc9ace898e44ae57da46a324031adb"),
    "train-labels-idx1-ubyte": ("d53e105ee54ea40749a09fcbcd1e9432", "a25bea736e30d166cdddb491f175f624"),
    "t10k-images-idx3-ubyte": ("9fb629c4189551a2d022fa330f9573f3", "2646ac647ad5339dbf082846283269ea"),
    "t10k-labels-idx1-ubyte": ("ec29112dd5afa0611ce80d1b7f02629c", "27ae3e4e09519cfbb04c329615203637"),
}
FILES = {
    f"{name}.gz": File(f"mnist/{name}.gz", md5, tuple(f"{url}{name}.gz" for url in MIRRORS), unpacked_md5=unpacked)
    for name, (md5, unpacked) in MD5.items()
}
SPLITS = {  # images, labels
    "train": ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    "test": ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
}


def items(folder: Path, split: str, *, n: int, N: int, channels: int) -> Iterator[Item]:
    """The first n digits of MNIST's own split.

    Args:
        folder: with the four files.
        split: `train` or `test`.
        n: how many.
        N: side, in pixels; other than 28 they are resized.
        channels: 1, or 3 equal ones.

    Raises:
        ValueError: if a file is not that of MNIST, or n is more than it holds.
    """
    for name in SPLITS[split]:
        verify(FILES[name], folder / name)
    images, labels = (read_idx(folder / name) for name in SPLITS[split])
    if n > len(images):
        raise ValueError(f"{split} must be at most {len(images)}, all of MNIST: got {n}; ask for fewer.")
    square = functools.partial(pixels.square, N=N, channels=channels)
    for i in range(n):
        yield Item(f"{SPLITS[split][0]}[{i}]", functools.partial(square, images[i]), int(labels[i]))


def read_idx(path: Path) -> np.ndarray:
    """An array in the idx format: 0, 0, type, number of axes; the axes, big-endian; the values.

    Raises:
        ValueError: if it is not one of bytes, or too short.
    """
    with gzip.open(path) as file:
        data = file.read()
    if data[:3] != b"\x00\x00\x08":
        raise ValueError(f"{path} must be an idx file of bytes: it begins with {data[:4].hex(' ')}; fetch it again.")
    shape = np.frombuffer(data, ">u4", count=data[3], offset=4)
    values = np.frombuffer(data, np.uint8, offset=4 + 4 * data[3])
    if len(values) != np.prod(shape):
        raise ValueError(f"{path} must hold {np.prod(shape)} values: found {len(values)}; fetch it again.")
    return values.reshape(shape)
