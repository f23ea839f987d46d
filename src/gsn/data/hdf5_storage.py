"""What lies behind an array in an HDF5 file: its file, and the rows that were never written.

HDF5 reads what is missing as the fill value, which would pass as black images. It also follows
links and maps to any file of the machine. Only files in the folder of the user's file are read.
"""

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np

CHUNK = 2**30  # bytes; a chunk is unpacked as a whole, whatever part of it is asked for
LINKS = 64  # soft links on the way to one array; more are a loop
DEPTH = 8  # virtual arrays of virtual arrays; more are a loop
# What h5py raises in a damaged file.
DAMAGE = (OSError, KeyError, RuntimeError, UnicodeDecodeError)


@contextlib.contextmanager
def intact(path: Path | str) -> Iterator[None]:
    """Raise a ValueError that names the file in place of what h5py raises in a damaged one."""
    try:
        yield
    except DAMAGE as error:
        said = " ".join(str(error).strip("'").split())
        raise ValueError(
            f"{path} must be an undamaged HDF5 file: {said}; copy it again, or write it again."
        ) from error


def find(file: h5py.File, key: str) -> h5py.Dataset | None:
    """Return an array of a file, or None if there is none of this name.

    Raises:
        ValueError: The array lies in another file, or has chunks beyond 1 GB.
    """
    place, parts, links = file, [part for part in key.split("/") if part], 0
    while parts:
        name = parts.pop(0)
        link = place.get(name, getlink=True) if isinstance(place, h5py.Group) else None
        if isinstance(link, h5py.ExternalLink):
            raise ValueError(
                f"{file.filename}: {key} must lie in this file: found a link to {link.filename}; "
                "give that file as path."
            )
        if isinstance(link, h5py.SoftLink):
            links += 1
            parts = [part for part in link.path.split("/") if part] + parts
            place = file if link.path.startswith("/") else place
        elif link is None:
            return None
        else:
            place = place[name]
        if links > LINKS:
            return None
    if not isinstance(place, h5py.Dataset):
        return None
    if place.external:
        raise ValueError(
            f"{file.filename}: {key} must lie in this file: found external storage in "
            f"{place.external[0][0]}; copy it with h5repack, or with h5py."
        )
    if place.chunks and (size := math.prod(place.chunks) * place.dtype.itemsize) > CHUNK:
        raise ValueError(
            f"{file.filename}: {key} must have chunks of at most {CHUNK} bytes: got {size}; copy "
            "it with h5repack -l CHUNK=..., or with h5py."
        )
    return place


def absent(array: h5py.Dataset, depth: int = 0) -> np.ndarray:
    """Return which rows of an array have no data, wholly or in part.

    Reads the index of the chunks, and no data.

    Args:
        array: Array with at least one row.
        depth: Number of virtual arrays that led to this one.

    Returns:
        Whether each row is absent, (n,) bool.

    Raises:
        ValueError: The array is mapped to a file outside the folder of its own, to a pipe or a
            device, or to itself.
    """
    if array.is_virtual:
        if depth == DEPTH:  # reading it would end the process
            raise ValueError(
                f"{array.file.filename}: {array.name} must hold images: found a virtual array that "
                "is mapped to itself; give another key."
            )
        return _unmapped(array, depth + 1)
    if array.chunks:
        return _unwritten(array)
    properties, size = array.id.get_create_plist(), os.stat(array.file.filename).st_size
    missing = np.zeros(len(array), dtype=bool)
    if properties.get_layout() == h5py.h5d.CONTIGUOUS:
        start, row = array.id.get_offset(), array.nbytes // len(array)
        present = 0 if start is None else max(0, size - start) // row
        missing[present:] = True
    return missing


def _unwritten(array: h5py.Dataset) -> np.ndarray:
    """Return the rows of a chunked array of which a chunk was never written."""
    grid = [-(-side // chunk) for side, chunk in zip(array.shape, array.chunks, strict=True)]
    if array.id.get_num_chunks() == np.prod(grid):
        return np.zeros(len(array), dtype=bool)
    found = np.zeros(grid[0], dtype=np.int64)

    def count(chunk) -> None:
        found[chunk.chunk_offset[0] // array.chunks[0]] += 1

    array.id.chunk_iter(count)
    return np.repeat(found < np.prod(grid[1:]), array.chunks[0])[: len(array)]


def _unmapped(array: h5py.Dataset, depth: int) -> np.ndarray:
    """Return the rows of a virtual array that its sources do not cover."""
    values = np.zeros(len(array), dtype=np.int64)
    for source in array.virtual_sources():
        mapped = _selected(source.vspace, len(array))
        rows = np.flatnonzero(mapped)
        held = rows[~_source(array, source, len(rows), depth)]
        values[held] += mapped[held]
    return values < array.size // len(array)


def _selected(space: h5py.h5s.SpaceID, n: int) -> np.ndarray:
    """Return the number of values that a selection has in each of n rows, (n,) int64."""
    values = np.zeros(n, dtype=np.int64)
    if space.get_select_type() == h5py.h5s.SEL_ALL:
        values[:] = max(1, int(np.prod(space.shape[1:])))
    elif space.is_regular_hyperslab():
        start, stride, count, block = space.get_regular_hyperslab()
        # An unlimited selection ends with the array.
        starts = start[0] + stride[0] * np.arange(min(count[0], n))
        rows = (starts[:, None] + np.arange(min(block[0], n))).ravel()
        values[rows[rows < n]] = np.prod(count[1:], dtype=int) * np.prod(block[1:], dtype=int)
    else:  # such as a list of rows
        for first, last in space.get_select_hyper_blocklist():
            values[first[0] : last[0] + 1] += np.prod(last[1:] - first[1:] + 1, dtype=int)
    return values


def _source(array: h5py.Dataset, source, n: int, depth: int) -> np.ndarray:
    """Return which of n mapped rows have no data in their source: all, if it is missing."""
    own = Path(os.path.realpath(array.file.filename))  # sources lie beside what a link leads to
    path = own if source.file_name == "." else own.parent / source.file_name
    folder = str(own.parent)
    if "%b" in source.file_name:
        raise ValueError(
            f"{own}: {array.name} must be mapped to files by their names: found "
            f"{source.file_name}; copy the images into one array."
        )
    if os.path.commonpath([folder, os.path.realpath(path)]) != folder:
        raise ValueError(
            f"{own}: {array.name} must be mapped to files in its folder: found {path}; "
            "copy the images into one array."
        )
    if path.exists() and not path.is_file():  # reading a pipe would wait forever
        raise ValueError(
            f"{own}: {array.name} must be mapped to regular files: found {path}; remove it."
        )
    if not path.is_file():
        return np.ones(n, dtype=bool)
    try:
        with h5py.File(path, "r") as file:
            part = find(file, source.dset_name)
            if part is None or 0 in part.shape:
                return np.ones(n, dtype=bool)
            asked = max(len(part), *source.src_space.shape[:1], 0)
            rows = np.flatnonzero(_selected(source.src_space, asked))
            missing = np.ones(asked, dtype=bool)  # the last ones, if the source is too short
            missing[: len(part)] = absent(part, depth)
    except DAMAGE:
        return np.ones(n, dtype=bool)
    # Rows that do not correspond one to one are all present, or all absent.
    return missing[rows] if len(rows) == n else np.full(n, missing[rows].any())
