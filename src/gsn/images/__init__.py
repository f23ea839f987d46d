"""Sources of images: one module each, giving for a split an iterator of `Item`s that `writing` stores.

polygons, mnist, celeba, lsun, folder, hdf5      the sources
pixels, splits, files, download                         what they share: crop and resize; who is in which split; files
writing                                          items in, a zarr store out
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Unreadable(ValueError):
    """An image that is broken, and that may be skipped."""


class Item(NamedTuple):
    """One image of a source."""

    name: str  # what a message calls it
    load: Callable[[], np.ndarray]  # gives (c, N, N) uint8, from any thread, or raises Unreadable
    label: int | None = None
