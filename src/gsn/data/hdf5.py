"""Images in an HDF5 file, as in astronomy: read in order, a few megabytes at a time, never whole.

`gsn.data.stack` says which arrays are images.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np

from gsn.data import hdf5_storage, splits, stack
from gsn.data.items import Item, Source
from gsn.data.scale import Scale

MOST = 2**28  # read at once if a chunk of the file is larger than stack.BYTES


def open_images(path: Path, key: str, full_scale: float | None = None) -> h5py.Dataset:
    """Open a file and return its array of images.

    Args:
        path: Path of the file.
        key: Name of the array.
        full_scale: Value that becomes 255, which allows other dtypes.

    Raises:
        FileNotFoundError: The file does not exist.
        ValueError: The file has no such array, or its shape or dtype is not that of images.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"path must be an HDF5 file: found none at {path.absolute()}; correct the path."
        )
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise ValueError(f"{path} must be an HDF5 file: {error}.") from error
    with hdf5_storage.intact(path):
        array = _array(file, key)
        stack.colour_axis(array.shape, f"{path}: {array.name}")
        stack.check_numbers(array.dtype, full_scale, f"{path}: {key}")
        splits.check_total(len(array))
    return array


def _array(file: h5py.File, key: str) -> h5py.Dataset:
    if (array := hdf5_storage.find(file, key)) is not None:
        return array
    names: list[str | bytes] = []  # bytes if it is not UTF-8
    file.visititems(
        lambda name, node: names.append(name) if isinstance(node, h5py.Dataset) else None
    )
    found = ", ".join(map(os.fsdecode, names)) or "none"
    raise ValueError(f"{file.filename} has no array {key!r}: found {found}; use one of them.")


def counts(
    path: Path,
    key: str,
    labels: str | None = None,
    train: int | None = None,
    test: int | None = None,
    full_scale: float | None = None,
) -> dict[str, int]:
    """Return the size of each split, with the sizes that are not given filled in (`splits.counts`).

    Args:
        path: Path of the file.
        key: Name of the array of images.
        labels: Name of the array of labels, if any.
        train, test: Numbers of training and test images, if given.
        full_scale: Value that becomes 255 (`scale.Scale`).

    Raises:
        FileNotFoundError: The file does not exist.
        ValueError: The file has no such images or labels, or too few images.
    """
    array = open_images(path, key, full_scale)
    with array.file:
        if labels:
            _labels(array, labels)
        return splits.counts(len(array), train, test)


def read(
    files: dict[str, Path],
    split: str,
    *,
    key: str,
    seed: int,
    full_scale: float | None = None,
    **settings: object,
) -> Source:
    """Return the images of a split of an array.

    Args:
        files: Path of the `file`.
        split: `train` or `test`.
        key: Name of the array of images.
        seed: Seed of the shuffle.
        full_scale: Value that becomes 255 (`scale.Scale`).
        settings: Other keywords of `items`.

    Returns:
        The images. Iterating over them raises the errors of `items`.
    """
    values = Scale(full_scale)
    images = items(files["file"], split, key=key, seed=seed, scale=values, **settings)
    attrs = {"source": "hdf5", "path": str(files["file"]), "key": key, "seed": seed}
    return Source(images, attrs=attrs, check=values.check)


def items(
    path: Path,
    split: str,
    *,
    key: str,
    labels: str | None,
    train: int,
    test: int,
    seed: int,
    scale: Scale | None = None,
    **square: int | None,
) -> Iterator[Item]:
    """Yield the images of a split, which a seeded shuffle chooses, in the order of the file.

    Makes one pass over the array. Memory holds about 32 MB of it, or up to 256 MB if its chunks are
    larger, and all labels.

    Args:
        path: Path of the file.
        split: `train` or `test`.
        key: Name of the array of images.
        labels: Name of the array of labels, (n,) integers, if any.
        train, test: Numbers of training and test images.
        seed: Seed of the shuffle.
        scale: Full scale, which notes the range of numbers of 16 bits.
        square: Keywords N, channels, crop and max_pixels of `pixels.square`.

    Raises:
        FileNotFoundError: The file does not exist.
        ValueError: The file has no such images or labels, or too few images.
    """
    scale = scale or Scale()
    array = open_images(path, key, scale.full)
    label = _labels(array, labels) if labels else None
    chosen = splits.drawn(split, train, test, len(array), seed)
    row = stack.check_size(array.shape, array.dtype, f"{path}: {key}", square.get("max_pixels"))
    window = max(1, stack.BYTES // row)
    if array.chunks:  # whole chunks, so that none is decoded twice
        rows = array.chunks[0]
        window = max(min(rows, window * MOST // stack.BYTES), window // rows * rows)
    yield from stack.items(
        _chosen(array, window, chosen, path),
        shape=array.shape,
        place=f"{path}/{key}",
        labels=label,
        scale=scale,
        **square,
    )


def _chosen(
    array: h5py.Dataset, window: int, chosen: np.ndarray, path: Path
) -> Iterator[tuple[int, np.ndarray | str]]:
    """Yield the chosen rows, each with its image, or with why it cannot be read."""
    with hdf5_storage.intact(path):
        absent = hdf5_storage.absent(array)
    for start in range(0, len(array), window):
        inside = chosen[np.searchsorted(chosen, start) : np.searchsorted(chosen, start + window)]
        yield from _rows(array, start, window, inside, absent)


def _rows(
    array: h5py.Dataset, start: int, window: int, inside: np.ndarray, absent: np.ndarray
) -> Iterator[tuple[int, np.ndarray | str]]:
    """Yield some rows of a window, each with its image, or with why it cannot be read."""
    try:
        block = array[start : start + window] if not absent[inside].all() else None
    except hdf5_storage.DAMAGE:  # somewhere, or an unknown filter: each row is tried
        block = None
    for i in inside:
        if absent[i]:
            yield i, "its data were never written, or lie in a file that is missing"
        elif block is not None:
            yield i, block[i - start].copy()
        else:
            try:
                image: np.ndarray | str = array[i]
            except hdf5_storage.DAMAGE as error:
                image = " ".join(str(error).split())
            yield i, image


def _labels(array: h5py.Dataset, key: str) -> np.ndarray:
    with hdf5_storage.intact(array.file.filename):
        label = _array(array.file, key)
    place = f"{array.file.filename}: {key}"
    stack.check_labels(label.shape, label.dtype, len(array), place)
    with hdf5_storage.intact(array.file.filename):
        gone = np.flatnonzero(hdf5_storage.absent(label))
    if len(gone):
        raise ValueError(f"{place} must be complete: row {gone[0]} was never written; write it.")
    try:
        values = label[...]
    except hdf5_storage.DAMAGE as error:
        raise ValueError(f"{place} must be readable: {error}; write it again.") from error
    stack.check_range(values, place)
    return values
