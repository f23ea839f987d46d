"""MNIST: 60,000 training and 10,000 test images of handwritten digits, 28 x 28, with their labels.

References:
    Y. LeCun, L. Bottou, Y. Bengio & P. Haffner, Gradient-based learning applied to document
    recognition, Proceedings of the IEEE 86 (11), 1998.
    The idx format: http://yann.lecun.com/exdb/mnist/.
"""

import functools
import gzip
import math
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gsn.data import pixels
from gsn.data.files import File, verify
from gsn.data.items import Item, Source

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
MD5 = {  # of the .gz, and of its contents
    "train-images-idx3-ubyte": (
        "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "6bbc9ace898e44ae57da46a324031adb",
    ),
    "train-labels-idx1-ubyte": (
        "d53e105ee54ea40749a09fcbcd1e9432",
        "a25bea736e30d166cdddb491f175f624",
    ),
    "t10k-images-idx3-ubyte": (
        "9fb629c4189551a2d022fa330f9573f3",
        "2646ac647ad5339dbf082846283269ea",
    ),
    "t10k-labels-idx1-ubyte": (
        "ec29112dd5afa0611ce80d1b7f02629c",
        "27ae3e4e09519cfbb04c329615203637",
    ),
}
FILES = {
    f"{name}.gz": File(
        f"mnist/{name}.gz", md5, tuple(f"{url}{name}.gz" for url in MIRRORS), unpacked_md5=unpacked
    )
    for name, (md5, unpacked) in MD5.items()
}
SPLITS = {  # images, labels
    "train": ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    "test": ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
}


OTHER = (  # hint for a wrong checksum
    "; or, for Fashion-MNIST and other sets of this format, write the images and labels to an "
    "HDF5 file and use source: hdf5"
)


def read(files: dict[str, Path], split: str, *, n: int, N: int, channels: int) -> Source:
    """Return the first n digits of a split.

    Args:
        files: Paths of the `images` and the `labels` of the split, in one folder.
        split: `train` or `test`.
        n: Number of digits.
        N: Side of the images, in pixels.
        channels: Number of colours, 1 or 3.

    Returns:
        The digits. Iterating over them raises the errors of `items`.
    """
    digits = items(files["images"].parent, split, n=n, N=N, channels=channels)
    return Source(digits, [str(digit) for digit in range(10)], {"source": "mnist"})


def items(folder: Path, split: str, *, n: int, N: int, channels: int) -> Iterator[Item]:
    """Yield the first n digits of a split of MNIST.

    Memory holds all images and labels of the split: 47 MB for the training images.

    Args:
        folder: Path of the folder of the four files.
        split: `train` or `test`.
        n: Number of digits.
        N: Side of the images, in pixels. 28 keeps the pixels as they are.
        channels: Number of colours, 1 or 3. Three channels are equal.

    Raises:
        ValueError: A file has the wrong checksum, or n exceeds the number of digits in the split.
    """
    paths = [existing(folder, name) for name in SPLITS[split]]
    for name, path in zip(SPLITS[split], paths, strict=True):
        verify(FILES[name], path, hint=OTHER)
    images, labels = map(read_idx, paths)
    if n > len(images):
        raise ValueError(
            f"{split} must be at most {len(images)}, all of MNIST: got {n}; ask for fewer."
        )
    square = functools.partial(pixels.square, N=N, channels=channels)
    for i in range(n):
        yield Item(f"{SPLITS[split][0]}[{i}]", functools.partial(square, images[i]), int(labels[i]))


def existing(folder: Path, name: str) -> Path:
    """Return the path of a file of MNIST: the .gz, or the unzipped file if only that exists."""
    packed = folder / name
    plain = packed.with_suffix("")
    return plain if plain.is_file() and not packed.exists() else packed


def read_idx(path: Path) -> np.ndarray:
    """Return the array of an idx file of unsigned bytes, gzipped or not.

    The format: the bytes 0, 0, type (8 for unsigned bytes) and number of axes; the length of each
    axis as a big-endian uint32; the values, in row-major order.

    Args:
        path: Path of the file.

    Returns:
        The array, in the shape that the file gives, uint8.

    Raises:
        ValueError: The values are not unsigned bytes, or their number is not the product of the
            axes, as in a truncated file.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "labels.gz")
        ...     size = path.write_bytes(gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4])))
        ...     labels = read_idx(path)
        >>> labels
        array([5, 0, 4], dtype=uint8)
    """
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"{path} must be a whole gzip: {error}; fetch it again.") from error
    if data[:3] != b"\x00\x00\x08" or len(data) < 4 or len(data) < 4 + 4 * data[3]:
        raise ValueError(
            f"{path} must be an idx file of bytes: it begins with {data[:4].hex(' ')}; "
            "fetch it again."
        )
    shape = np.frombuffer(data, ">u4", count=data[3], offset=4)
    values = np.frombuffer(data, np.uint8, offset=4 + 4 * data[3])
    n = math.prod(shape.tolist())
    if len(values) != n:
        raise ValueError(f"{path} must hold {n} values: found {len(values)}; fetch it again.")
    return values.reshape(shape)
