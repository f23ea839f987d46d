"""Sets of images in the format of MNIST, idx: their four files, and the images with their labels.

References:
    The idx format: http://yann.lecun.com/exdb/mnist/.
"""

import functools
import gzip
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gsn.data import pixels
from gsn.data.files import File, verify
from gsn.data.items import Item, Source

SPLITS = {  # images, labels
    "train": ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    "test": ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
}
OTHER = (  # hint for a wrong checksum
    "; or, for another set of this format, write the images and the labels to .npy files and use "
    "source: npy"
)


@dataclass(frozen=True)
class Idx:
    """A set of images in four idx files.

    Attributes:
        source: Name of the source in the configuration.
        title: Name of the set in messages.
        files: Descriptions of the four files, by name.
        classes: Names of the labels, in order.
    """

    source: str
    title: str
    files: dict[str, File]
    classes: tuple[str, ...]


def described(
    source: str, mirrors: tuple[str, ...], md5: dict[str, tuple[str, str]]
) -> dict[str, File]:
    """Return the descriptions of the files of a set, by name.

    Args:
        source: Name of the source, the folder of the files in `data/`.
        mirrors: Addresses to which the names of the files are appended.
        md5: Checksums of each .gz and of its contents, by the name without .gz.
    """
    return {
        f"{name}.gz": File(
            f"{source}/{name}.gz",
            packed,
            tuple(f"{url}{name}.gz" for url in mirrors),
            unpacked_md5=plain,
        )
        for name, (packed, plain) in md5.items()
    }


def read(known: Idx, files: dict[str, Path], split: str, **settings: int) -> Source:
    """Return the first n images of a split of a set.

    Args:
        known: The set.
        files: Paths of the `images` and the `labels` of the split, in one folder.
        split: `train` or `test`.
        settings: Other keywords of `items`: n, N and channels.

    Returns:
        The images. Iterating over them raises the errors of `items`.
    """
    images = items(known, files["images"].parent, split, **settings)
    return Source(images, list(known.classes), {"source": known.source})


def items(known: Idx, folder: Path, split: str, *, n: int, N: int, channels: int) -> Iterator[Item]:
    """Yield the first n images of a split of a set.

    Memory holds all images and labels of the split: 47 MB for 60,000 images.

    Args:
        known: The set.
        folder: Path of the folder of the four files.
        split: `train` or `test`.
        n: Number of images.
        N: Side of the images, in pixels. 28 keeps the pixels as they are.
        channels: Number of colours, 1 or 3. Three channels are equal.

    Raises:
        ValueError: A file has the wrong checksum, or n exceeds the number of images in the split.
    """
    paths = [existing(folder, name) for name in SPLITS[split]]
    for name, path in zip(SPLITS[split], paths, strict=True):
        verify(known.files[name], path, hint=OTHER)
    images, labels = map(read_idx, paths)
    if n > len(images):
        raise ValueError(
            f"{split} must be at most {len(images)}, all of {known.title}: got {n}; ask for fewer."
        )
    square = functools.partial(pixels.square, N=N, channels=channels)
    for i in range(n):
        yield Item(f"{SPLITS[split][0]}[{i}]", functools.partial(square, images[i]), int(labels[i]))


def existing(folder: Path, name: str) -> Path:
    """Return the path of a file of a set: the .gz, or the unzipped file if only that exists."""
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
