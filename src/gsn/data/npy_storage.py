"""What lies in a `.npy` file or an `.npz`: the shapes and the types of arrays, and their blocks."""

import contextlib
import lzma
import math
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

MOST = 2**33  # bytes of an array that is read as a whole
# What reading a damaged file raises; a RuntimeError is of a password, or a method of compression.
DAMAGE = (
    ValueError,
    OSError,
    EOFError,
    OverflowError,
    RuntimeError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
)


@dataclass(frozen=True)
class Array:
    """An array in a file.

    Attributes:
        place: Its name in messages.
        shape, dtype: Those of the array.
        blocks: Function of a number of rows that yields the array, so many rows at a time.
    """

    place: str
    shape: tuple[int, ...]
    dtype: np.dtype
    blocks: Callable[[int], Iterator[np.ndarray]]


@contextlib.contextmanager
def intact(path: Path) -> Iterator[None]:
    """Raise a ValueError that names the file in place of what a damaged one raises."""
    try:
        yield
    except DAMAGE as error:
        if isinstance(error, PermissionError):
            raise
        said = " ".join(str(error).split()) or "it ends early"
        raise ValueError(
            f"{path} must be a whole .npy or .npz of numbers: {said}; write it again, with "
            "numpy.save or numpy.savez."
        ) from error


def zipped(path: Path) -> bool:
    """Return whether a file is an .npz.

    Raises:
        FileNotFoundError: The file does not exist.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"path must be a .npy or .npz file: found none at {path.absolute()}; correct the path."
        )
    return zipfile.is_zipfile(path)


def names(path: Path) -> list[str]:
    """Return the names of the arrays of an .npz."""
    with intact(path), zipfile.ZipFile(path) as file:
        return [name.removesuffix(".npy") for name in file.namelist() if name.endswith(".npy")]


def mapped(path: Path) -> Array:
    """Return the array of a .npy file, which stays on the disk.

    Raises:
        ValueError: The file is damaged, or holds Python objects.
    """
    with intact(path):
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    starts = range(0, len(array) if array.ndim else 0)
    return Array(
        str(path),
        array.shape,
        array.dtype,
        lambda rows: (array[start : start + rows] for start in starts[::rows]),
    )


def whole(path: Path, key: str) -> np.ndarray:
    """Return an array of an .npz in memory.

    Raises:
        ValueError: The array is larger than 8.6 GB, the file is damaged, or it holds Python
            objects.
    """
    with intact(path), zipfile.ZipFile(path) as file:
        size = file.getinfo(f"{key}.npy").file_size
    if size > MOST:
        raise ValueError(
            f"{path}: {key} must have at most {MOST} bytes: found {size}; store it as .npy, of "
            "which a part can be read."
        )
    with intact(path), np.load(path, allow_pickle=False) as file:
        return file[key]


def member(path: Path, key: str) -> Array:
    """Return an array of an .npz, compressed or not; its blocks are read as a stream.

    Raises:
        ValueError: There is no such array, the file is damaged, or the array holds Python objects
            or is in Fortran order.
    """
    if key not in (found := names(path)):
        raise ValueError(
            f"{path} has no array {key!r}: found {', '.join(found) or 'none'}; use one of them."
        )
    with intact(path), zipfile.ZipFile(path) as file, file.open(f"{key}.npy") as stream:
        shape, fortran, dtype = _header(stream)
    if fortran:
        raise ValueError(
            f"{path}: {key} must have its images one behind the other: found Fortran order; store "
            "numpy.ascontiguousarray of it."
        )
    if dtype.hasobject:
        raise ValueError(f"{path}: {key} must hold numbers: found Python objects; convert them.")

    def blocks(rows: int) -> Iterator[np.ndarray]:
        size = dtype.itemsize * math.prod(shape[1:])
        with intact(path), zipfile.ZipFile(path) as file, file.open(f"{key}.npy") as stream:
            _header(stream)
            for start in range(0, shape[0], rows):
                k = min(rows, shape[0] - start)
                data = stream.read(k * size)
                if len(data) < k * size:
                    raise EOFError(f"{key} ends before row {start + len(data) // size}")
                yield np.frombuffer(data, dtype).reshape(k, *shape[1:])

    return Array(f"{path}/{key}", shape, dtype, blocks)


def _header(stream: BinaryIO) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Return the shape of an array, whether it is in Fortran order, and its dtype."""
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        header = np.lib.format.read_array_header_1_0(stream)
    elif version == (2, 0):
        header = np.lib.format.read_array_header_2_0(stream)
    else:
        raise ValueError(f"the format {version[0]}.{version[1]} is for arrays of records")
    if any(side < 0 for side in header[0]):  # a stream that is read by a negative number has no end
        raise ValueError(f"its shape is {header[0]}")
    return header
