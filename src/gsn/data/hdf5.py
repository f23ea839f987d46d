"""Images in an HDF5 file, as in astronomy: read in order, a few megabytes at a time, never whole.

An array of images is uint8 in 0..255 or float in [0, 1]. Its shape is (n, H, W), (n, H, W, c) or
(n, c, H, W) with c = 1 or 3.
"""

import functools
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np

from gsn.data import pixels, splits
from gsn.data.items import Item, Source, Unreadable

BYTES = 2**25  # read at once
MOST = 2**28  # read at once if a chunk of the file is larger than BYTES


def open_images(path: Path, key: str) -> h5py.Dataset:
    """Open a file and return its array of images.

    Args:
        path: Path of the file.
        key: Name of the array.

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
    array = _array(file, key)
    _colour_axis(array)
    if not (array.dtype == np.uint8 or array.dtype.kind == "f"):
        raise ValueError(
            f"{path}: {key} must be of uint8, or of float in [0, 1]: got {array.dtype}; "
            "scale it to one of these."
        )
    return array


def _array(file: h5py.File, key: str) -> h5py.Dataset:
    array = file.get(key)
    if isinstance(array, h5py.Dataset):
        return array
    names: list[str] = []
    file.visititems(
        lambda name, node: names.append(name) if isinstance(node, h5py.Dataset) else None
    )
    raise ValueError(
        f"{file.filename} has no array {key!r}: found {', '.join(names) or 'none'}; "
        "use one of them."
    )


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
) -> dict[str, int]:
    """Return the size of each split, with the sizes that are not given filled in (`splits.counts`).

    Args:
        path: Path of the file.
        key: Name of the array of images.
        labels: Name of the array of labels, if any.
        train, test: Numbers of training and test images, if given.

    Raises:
        FileNotFoundError: The file does not exist.
        ValueError: The file has no such images or labels, or too few images.
    """
    array = open_images(path, key)
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
        square: Keywords N, channels and crop of `pixels.square`.

    Raises:
        FileNotFoundError: The file does not exist.
        ValueError: The file has no such images or labels, or too few images.
    """
    array = open_images(path, key)
    label = _labels(array, labels) if labels else None
    chosen = splits.drawn(split, train, test, len(array), seed)
    window = max(1, BYTES // (array.dtype.itemsize * int(np.prod(array.shape[1:]))))
    if array.chunks:  # whole chunks, so that none is decoded twice
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
                f"floats must be in [0, 1]: got {low:.4g} to {high:.4g}; "
                "divide them by 255, or by their maximum"
            )
        image = np.rint(255 * image.astype(np.float32)).astype(np.uint8)
    if colour_axis == 1:
        image = np.moveaxis(image, 0, 2)
    return pixels.square(np.ascontiguousarray(image), **square)
