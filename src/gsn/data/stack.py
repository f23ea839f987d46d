"""A stack of images in one array: its layout, its numbers, its labels, and its rows as items.

An array of images is uint8 in 0..255, uint16 in 0..65535 or float in [0, 1], or of numbers from 0
to a full scale. Its shape is (n, H, W), (n, H, W, c) or (n, c, H, W) with c = 1 or 3.
"""

import functools
import math
from collections.abc import Iterable, Iterator

import numpy as np

from gsn.data import pixels
from gsn.data.items import Item, Unreadable
from gsn.data.scale import Scale

BYTES = 2**25  # read at once


def colour_axis(shape: tuple[int, ...], place: str) -> int | None:
    """Return the axis of the channels: 1, 3, or None for grey images (n, H, W).

    Args:
        shape: Shape of the array.
        place: Name of the array in messages.

    Raises:
        ValueError: The shape is not that of images.

    Example:
        >>> colour_axis((100, 3, 32, 32), "x"), colour_axis((100, 32, 32), "x")
        (1, None)
    """
    axes = [axis for axis in (1, 3) if len(shape) == 4 and shape[axis] in (1, 3)]
    grey = len(shape) == 3 and shape[2] > 3  # not a single image in colour
    if (grey or len(axes) == 1) and 0 not in shape:
        return axes[0] if axes else None
    raise ValueError(
        f"{place} must have the shape (n, H, W), (n, H, W, c) or (n, c, H, W) with c = 1 or 3: "
        f"got {shape}; give another array."
    )


def check_numbers(dtype: np.dtype, full_scale: float | None, place: str) -> None:
    """Refuse numbers of which it is not known what is white.

    Raises:
        ValueError: The dtype is not that of images, or needs a full scale.
    """
    known = dtype.kind == "f" or (dtype.kind == "u" and dtype.itemsize <= 2)
    if not (known or (full_scale and dtype.kind in "iu")):
        raise ValueError(
            f"{place} must be of uint8, uint16, or float in [0, 1]: got {dtype}; "
            "set full_scale to the value of white, such as 4095 for a camera of 12 bits."
        )


def check_size(shape: tuple[int, ...], dtype: np.dtype, place: str, most_pixels: int | None) -> int:
    """Return the number of bytes of an image.

    Raises:
        ValueError: It is more than an image of `max_pixels` may have.
    """
    row = dtype.itemsize * math.prod(shape[1:])
    if row > (most := pixels.most_bytes(most_pixels)):
        raise ValueError(
            f"{place} must have at most {most} bytes in an image: got {row}; reduce them, or set "
            "max_pixels."
        )
    return row


def check_labels(shape: tuple[int, ...], dtype: np.dtype, n: int, place: str) -> None:
    """Refuse an array that is not one integer for each of n images.

    Raises:
        ValueError: The shape or the dtype is another.
    """
    if shape != (n,) or dtype.kind not in "iu":
        raise ValueError(
            f"{place} must hold one integer for each of {n} images: "
            f"got {dtype} of shape {shape}; give another array."
        )


def check_range(labels: np.ndarray, place: str) -> None:
    """Refuse labels beyond 32 bits.

    Raises:
        ValueError: A label is beyond; the message names the first.
    """
    most = np.iinfo(np.int32)
    if labels.min() < most.min or labels.max() > most.max:
        beyond = np.flatnonzero((labels < most.min) | (labels > most.max))[0]
        raise ValueError(
            f"{place} must hold labels in {most.min}..{most.max}: got {labels[beyond]} in row "
            f"{beyond}; number the classes from 0."
        )


def items(
    rows: Iterable[tuple[int, np.ndarray | str]],
    *,
    shape: tuple[int, ...],
    place: str,
    labels: np.ndarray | None,
    scale: Scale,
    **square: int | None,
) -> Iterator[Item]:
    """Yield some rows of an array as items.

    Args:
        rows: Numbers of the rows, each with its image, or with why it cannot be read.
        shape: Shape of the array.
        place: Name of the array.
        labels: Labels of all rows, (n,) integers, if any.
        scale: Full scale of the numbers, which notes the range of those of 16 bits.
        square: Keywords N, channels, crop and max_pixels of `pixels.square`.
    """
    load = functools.partial(_load, axis=colour_axis(shape, place), scale=scale, **square)
    for i, image in rows:
        label = None if labels is None else int(labels[i])
        yield Item(f"{place}[{i}]", functools.partial(load, image), label)


def _load(
    image: np.ndarray | str, *, axis: int | None, scale: Scale, **square: int | None
) -> np.ndarray:
    if isinstance(image, str):
        raise Unreadable(image)
    if image.dtype != np.uint8 or scale.full is not None:
        image = scale.bytes(image)
    if axis == 1:
        image = np.moveaxis(image, 0, 2)
    return pixels.square(np.ascontiguousarray(image), **square)
