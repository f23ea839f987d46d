"""Images in a `.npy` file, which is memory mapped, or in an `.npz`, which is read as a stream.

`gsn.data.stack` says which arrays are images. No file is unpickled.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gsn.data import npy_storage, splits, stack
from gsn.data.items import Item, Source
from gsn.data.scale import Scale


def open_images(
    path: Path, key: str | None = None, labels: str | None = None, full_scale: float | None = None
) -> npy_storage.Array:
    """Return the array of images of a file.

    Args:
        path: Path of the file.
        key: Name of the array in an .npz; not needed if it has one array besides the labels.
        labels: Labels, as in `items`.
        full_scale: Value that becomes 255, which allows other dtypes.

    Raises:
        FileNotFoundError: The file does not exist.
        ValueError: The file has no such array, or its shape or dtype is not that of images.
    """
    if npy_storage.zipped(path):
        array = npy_storage.member(path, key or _only(path, labels))
    elif key:
        raise ValueError(f"{path} must be an .npz to have the array {key!r}; remove key.")
    else:
        array = npy_storage.mapped(path)
    stack.colour_axis(array.shape, array.place)
    stack.check_numbers(array.dtype, full_scale, array.place)
    splits.check_total(array.shape[0])
    return array


def _only(path: Path, labels: str | None) -> str:
    """Return the name of the one array besides the labels."""
    found = [name for name in npy_storage.names(path) if name != labels]
    if len(found) != 1:
        raise ValueError(
            f"{path} must have one array, or key must name one: found {', '.join(found) or 'none'}."
        )
    return found[0]


def _labels(path: Path, labels: str, n: int) -> np.ndarray:
    """Return the labels of n images: of a .npy of their own, or of an array of the .npz."""
    if labels.endswith(".npy"):
        file = Path(labels)
        if not file.is_file():
            raise FileNotFoundError(
                f"labels must be a .npy file: found none at {file.absolute()}; correct the path."
            )
        array = npy_storage.mapped(file)
    elif npy_storage.zipped(path):
        array = npy_storage.member(path, labels)
    else:
        raise ValueError(
            f"labels must be the path of a .npy file, since {path} has one array: got {labels}."
        )
    stack.check_labels(array.shape, array.dtype, n, array.place)
    values = np.concatenate(list(array.blocks(n)))
    stack.check_range(values, array.place)
    return values


def counts(
    path: Path,
    key: str | None = None,
    labels: str | None = None,
    train: int | None = None,
    test: int | None = None,
    full_scale: float | None = None,
) -> dict[str, int]:
    """Return the size of each split, with the sizes that are not given filled in (`splits.counts`).

    The arguments are those of `items`.

    Raises:
        FileNotFoundError: A file does not exist.
        ValueError: The file has no such images or labels, or too few images.
    """
    array = open_images(path, key, labels, full_scale)
    if labels:
        _labels(path, labels, array.shape[0])
    return splits.counts(array.shape[0], train, test)


def read(
    files: dict[str, Path],
    split: str,
    *,
    seed: int,
    full_scale: float | None = None,
    **settings: object,
) -> Source:
    """Return the images of a split of an array.

    Args:
        files: Path of the `file`.
        split: `train` or `test`.
        seed: Seed of the shuffle.
        full_scale: Value that becomes 255 (`scale.Scale`).
        settings: Other keywords of `items`.

    Returns:
        The images. Iterating over them raises the errors of `items`.
    """
    values = Scale(full_scale)
    images = items(files["file"], split, seed=seed, scale=values, **settings)
    attrs = {"source": "npy", "path": str(files["file"]), "seed": seed}
    return Source(images, attrs=attrs, check=values.check)


def items(
    path: Path,
    split: str,
    *,
    key: str | None,
    labels: str | None,
    train: int,
    test: int,
    seed: int,
    scale: Scale | None = None,
    **square: int | None,
) -> Iterator[Item]:
    """Yield the images of a split, which a seeded shuffle chooses, in the order of the file.

    Makes one pass over the array. Memory holds about 32 MB of it, and all labels.

    Args:
        path: Path of the file.
        split: `train` or `test`.
        key: Name of the array in an .npz; not needed if it has one array besides the labels.
        labels: Path of a .npy of the labels, (n,) integers, or the name of an array of the .npz.
        train, test: Numbers of training and test images.
        seed: Seed of the shuffle.
        scale: Full scale, which notes the range of numbers of 16 bits.
        square: Keywords N, channels, crop and max_pixels of `pixels.square`.

    Raises:
        FileNotFoundError: A file does not exist.
        ValueError: The file has no such images or labels, or too few images.
    """
    scale = scale or Scale()
    array = open_images(path, key, labels, scale.full)
    n = array.shape[0]
    label = _labels(path, labels, n) if labels else None
    chosen = splits.drawn(split, train, test, n, seed)
    row = stack.check_size(array.shape, array.dtype, array.place, square.get("max_pixels"))
    window = max(1, stack.BYTES // row)
    known = {"shape": array.shape, "place": array.place, "labels": label, "scale": scale}
    yield from stack.items(_chosen(array, window, chosen), **known, **square)


def _chosen(
    array: npy_storage.Array, window: int, chosen: np.ndarray
) -> Iterator[tuple[int, np.ndarray | str]]:
    """Yield the chosen rows, each with its image."""
    start = 0
    for block in array.blocks(window):
        last = start + len(block)
        for i in chosen[np.searchsorted(chosen, start) : np.searchsorted(chosen, last)]:
            yield i, block[i - start].copy()
        start = last
