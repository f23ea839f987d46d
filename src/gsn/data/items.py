"""The items of a source, such as images, fields, sounds or molecules, as a stream to be stored."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np


class Unreadable(ValueError):
    """A broken item, which a user may choose to skip."""


class Item(NamedTuple):
    """One item of a source: an image, a field, a sound, a molecule.

    Attributes:
        name: Name of the item in messages and tables.
        load: Function without arguments that returns the array of the item, or a mapping from names
            to arrays if it has several. Any thread may call it. It raises `Unreadable` if the item
            is broken.
        label: Class of the item, if it has one.
    """

    name: str
    load: Callable[[], np.ndarray | Mapping[str, np.ndarray]]
    label: int | None = None


@dataclass(frozen=True)
class Source:
    """A split of a source, ready to be stored.

    Attributes:
        items: The items of the split.
        classes: Names of the labels, in order; empty if there are none.
        attrs: Attributes of the store: where the items come from.
        notice: One line for the user about what was found; empty if there is nothing to say.
        check: Function without arguments that is called after the last item. It raises a ValueError
            if the items together cannot be used.
    """

    items: Iterator[Item]
    classes: list[str] = field(default_factory=list)
    attrs: dict[str, object] = field(default_factory=dict)
    notice: str = ""
    check: Callable[[], None] = lambda: None
