"""Images in an HDF5 file, as in astronomy: read in order, a few megabytes at a time, never whole.

An array of images is uint8 in 0..255 or float in [0, 1], or of numbers from 0 to a full scale. Its
shape is (n, H, W), (n, H, W, c) or (n, c, H, W) with c = 1 or 3.
"""

import functools
import os
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np

from gsn.data import hdf5_storage, pixels, splits
from gsn.data.items import Item, Source, Unreadable
from gsn.data.scale import Scale

BYTES = 2**25  # read at once
MOST = 2**28  # read at once if a chunk of the file is larger than BYTES


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
        _colour_axis(array)
        dtype = array.dtype
    if not (dtype == np.uint8 or dtype.kind in ("fiu" if full_scale else "f")):
        raise ValueError(
            f"{path}: {key} must be of uint8, or of float in [0, 1]: got {dtype}; "
            "set full_scale to the value of white, such as 4095 for a camera of 12 bits."
        )
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


def _colour_axis(array: h5py.Dataset) -> int | None:
    """Return the axis of the channels: 1, 3, or None for grey images (n, H, W)."""
    axes = [axis for axis in (1, 3) if array.ndim == 4 and array.shape[axis] in (1, 3)]
    grey = array.ndim == 3 and array.shape[2] > 3  # not a single image in colour
    if (grey or len(axes) == 1) and 0 not in array.shape:
        return axes[0] if axes else None
    raise ValueError(
        f"{array.file.filename}: {array.name} must have the shape (n, H, W), (n, H, W, c) or "
        f"(n, c, H, W) with c = 1 or 3: got {array.shape}; give another key."
    )


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


def read(files: dict[str, Path], split: str, *, key: str, seed: int, **settings: object) -> Source:
    """Return the images of a split of an array.

    Args:
        files: Path of the `file`.
        split: `train` or `test`.
        key: Name of the array of images.
        seed: Seed of the shuffle.
        settings: Other keywords of `items`.

    Returns:
        The images. Iterating over them raises the errors of `items`.
    """
    images = items(files["file"], split, key=key, seed=seed, **settings)
    return Source(
        images, attrs={"source": "hdf5", "path": str(files["file"]), "key": key, "seed": seed}
    )


def items(
    path: Path,
    split: str,
    *,
    key: str,
    labels: str | None,
    train: int,
    test: int,
    seed: int,
    full_scale: float | None = None,
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
        full_scale: Value that becomes 255 (`scale.Scale`).
        square: Keywords N, channels, crop and max_pixels of `pixels.square`.

    Raises:
        FileNotFoundError: The file does not exist.
        ValueError: The file has no such images or labels, or too few images.
    """
    array = open_images(path, key, full_scale)
    label = _labels(array, labels) if labels else None
    chosen = splits.drawn(split, train, test, len(array), seed)
    row = array.dtype.itemsize * int(np.prod(array.shape[1:]))
    if row > (most := pixels.most_bytes(square.get("max_pixels"))):
        raise ValueError(
            f"{path}: an image of {key} must have at most {most} bytes: got {row}; reduce them, or "
            "set max_pixels."
        )
    window = max(1, BYTES // row)
    if array.chunks:  # whole chunks, so that none is decoded twice
        rows = array.chunks[0]
        window = max(min(rows, window * MOST // BYTES), window // rows * rows)
    load = functools.partial(_load, colour_axis=_colour_axis(array), scale=Scale(full_scale))
    with hdf5_storage.intact(path):
        absent = hdf5_storage.absent(array)
    for start in range(0, len(array), window):
        inside = chosen[np.searchsorted(chosen, start) : np.searchsorted(chosen, start + window)]
        for i, image in _rows(array, start, window, inside, absent):
            loaded = functools.partial(load, image, **square)
            yield Item(f"{path}/{key}[{i}]", loaded, None if label is None else int(label[i]))


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
    if label.shape != array.shape[:1] or label.dtype.kind not in "iu":
        raise ValueError(
            f"{array.file.filename}: {key} must hold one integer for each of {len(array)} images: "
            f"got {label.dtype} of shape {label.shape}; give another key."
        )
    place = f"{array.file.filename}: {key}"
    with hdf5_storage.intact(array.file.filename):
        gone = np.flatnonzero(hdf5_storage.absent(label))
    if len(gone):
        raise ValueError(f"{place} must be complete: row {gone[0]} was never written; write it.")
    try:
        values = label[...]
    except hdf5_storage.DAMAGE as error:
        raise ValueError(f"{place} must be readable: {error}; write it again.") from error
    most = np.iinfo(np.int32)
    if values.min() < most.min or values.max() > most.max:
        beyond = np.flatnonzero((values < most.min) | (values > most.max))[0]
        raise ValueError(
            f"{place} must hold labels in {most.min}..{most.max}: got {values[beyond]} in row "
            f"{beyond}; number the classes from 0."
        )
    return values


def _load(
    image: np.ndarray | str, *, colour_axis: int | None, scale: Scale, **square: int | None
) -> np.ndarray:
    if isinstance(image, str):
        raise Unreadable(image)
    if image.dtype != np.uint8 or scale.full is not None:
        image = scale.bytes(image)
    if colour_axis == 1:
        image = np.moveaxis(image, 0, 2)
    return pixels.square(np.ascontiguousarray(image), **square)
