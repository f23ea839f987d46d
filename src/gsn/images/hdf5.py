"""Images in an HDF5 file, such as those of astronomy: read in order, some megabytes at a time, never whole."""

import functools
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np

from gsn.images import Item, Unreadable, pixels, splits

BYTES, MOST = 2**25, 2**28  # read at once, and what the images of a chunk may make of it


def open_images(path: Path, key: str) -> h5py.Dataset:
    """The array of images of a file.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it has no such array, or one that cannot be of images.
    """
    if not path.is_file():
        raise FileNotFoundError(f"path must be an HDF5 file: found none at {path.absolute()}; mend the path.")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise ValueError(f"{path} must be an HDF5 file: {error}.") from error
    array = _array(file, key)
    _colour_axis(array)
    if not (array.dtype == np.uint8 or array.dtype.kind == "f"):
        raise ValueError(
            f"{path}: {key} must be of uint8, or of float in [0, 1]: got {array.dtype}; scale it to one of these."
        )
    return array


def _array(file: h5py.File, key: str) -> h5py.Dataset:
    array = file.get(key)
    if isinstance(array, h5py.Dataset):
        return array
    names: list[str] = []
    file.visititems(lambda name, node: names.append(name) if isinstance(node, h5py.Dataset) else None)
    raise ValueError(f"{file.filename} has no array {key!r}: found {', '.join(names) or 'none'}; use one of them.")


def _colour_axis(array: h5py.Dataset) -> int | None:
    """1 if channels come first, 3 if last, None for grey images (n, H, W)."""
    axes = [axis for axis in (1, 3) if array.ndim == 4 and array.shape[axis] in (1, 3)]
    grey = array.ndim == 3 and array.shape[2] > 3  # and not a single image in colour
    if (grey or len(axes) == 1) and 0 not in array.shape:
        return axes[0] if axes else None
    raise ValueError(
        f"{array.file.filename}: {array.name} must have the shape (n, H, W), (n, H, W, c) or (n, c, H, W) with "
        f"c = 1 or 3: got {array.shape}; give another key."
    )


def counts(
    path: Path, key: str, labels: str | None = None, train: int | None = None, test: int | None = None
) -> dict[str, int]:
    """The size of each split, where a size left out takes all that there is: of everything, test takes a fifth.

    Raises:
        FileNotFoundError, ValueError: if there are no such images or labels, or fewer than asked for.
    """
    array = open_images(path, key)
    with array.file:
        if labels:
            _labels(array, labels)
        return splits.counts(len(array), train, test)


def items(
    path: Path, split: str, *, key: str, labels: str | None, train: int, test: int, seed: int, **square: int | None
) -> Iterator[Item]:
    """The images of a split, which a seeded shuffle decides; within it they keep the order of the file.

    Args:
        path: the file.
        split: `train` or `test`.
        key: name of the array of images, uint8 or float in [0, 1], channels last or first or none.
        labels: name of the array (n) of integer labels, if any.
        train, test: how many of each.
        seed: of the shuffle.
        square: N, channels and crop, for `pixels.square`.

    Raises:
        FileNotFoundError, ValueError: if there are no such images or labels, or fewer than asked for.
    """
    array = open_images(path, key)
    label = _labels(array, labels) if labels else None
    chosen = splits.drawn(split, train, test, len(array), seed)
    window = max(1, BYTES // (array.dtype.itemsize * int(np.prod(array.shape[1:]))))
    if array.chunks:  # no chunk is decoded twice
        rows = array.chunks[0]
        window = max(min(rows, window * MOST // BYTES), window // rows * rows)
    for start in range(0, len(array), window):
        inside = chosen[np.searchsorted(chosen, start) : np.searchsorted(chosen, start + window)]
        block = array[start : start + window] if len(inside) else None
        for i in inside:
            load = functools.partial(_load, block[i - start].copy(), _colour_axis(array), **square)
            yield Item(f"{path}/{key}[{i}]", load, None if label is None else int(label[i]))


def _labels(array: h5py.Dataset, key: str) -> np.ndarray:
    label = _array(array.file, key)
    if label.shape != array.shape[:1] or label.dtype.kind not in "iu":
        raise ValueError(
            f"{array.file.filename}: {key} must hold one integer for each of {len(array)} images: "
            f"got {label.dtype} of shape {label.shape}; give another key."
        )
    return label[...]


def _load(image: np.ndarray, colour_axis: int | None, **square: int | None) -> np.ndarray:
    if image.dtype != np.uint8:
        low, high = image.min(), image.max()
        if np.isnan(low):
            raise Unreadable("a pixel is not a number")
        if low < 0 or high > 1:
            raise ValueError(
                f"floats must be in [0, 1]: got {low:.4g} to {high:.4g}; divide them by 255, or by their maximum"
            )
        image = np.rint(255 * image.astype(np.float32)).astype(np.uint8)
    if colour_axis == 1:
        image = np.moveaxis(image, 0, 2)
    return pixels.square(np.ascontiguousarray(image), **square)
