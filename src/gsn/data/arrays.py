"""The arrays of an item, as a store holds them: of a fixed shape, or ragged.

An array of fixed shape is stored as `(n, *shape)`. A ragged one, whose first axis differs from item
to item (the atoms of a molecule, the samples of a sound), is stored as its values, one item behind
the other, and as the `(n + 1)` offsets at which the items begin and end: item i is
`values[offsets[i] : offsets[i + 1]]`.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gsn.runtime import rows, store

SHARD_ROWS, SHARD_BYTES = 1024, 2**26  # upper bounds of a shard
RAGGED_BYTES = 2**20  # of a chunk of ragged values: what a reader of one item decodes


@dataclass(frozen=True)
class Array:
    """One array of each item.

    Attributes:
        axes: Names of the axes of one item. A ragged array has one for its first axis too.
        shape: Shape of one item; None in the first place if that axis is ragged.
        dtype: Type of the numbers.
        attrs: Attributes of the stored array.

    Example:
        >>> Array(("atom", "axis"), (None, 3), "float32").variable("molecule", 1).dims
        ('atom', 'axis')
    """

    axes: tuple[str, ...]
    shape: tuple[int | None, ...]
    dtype: str
    attrs: dict = field(default_factory=dict)

    @property
    def ragged(self) -> bool:
        return None in self.shape[:1]

    def variable(self, axis: str, n: int) -> store.Variable:
        """Return the stored array of n items along an axis; a ragged one begins with one row."""
        own = self.shape[1:] if self.ragged else self.shape
        row = max(1, np.dtype(self.dtype).itemsize * int(np.prod(own)))
        if self.ragged:
            chunk = max(1, RAGGED_BYTES // row)
            shard = chunk * max(1, SHARD_BYTES // RAGGED_BYTES)
            axes, shape = self.axes, (1, *own)
        else:
            chunk, shard = None, max(1, min(SHARD_ROWS, SHARD_BYTES // row))
            axes, shape = (axis, *self.axes), (n, *own)
        return store.Variable(
            axes, shape=shape, dtype=self.dtype, shard=shard, chunk=chunk, attrs=self.attrs
        )

    def checked(self, values: np.ndarray) -> np.ndarray:
        """Return the values of an item.

        Raises:
            ValueError: They have another shape, or a type that does not go into this one.
        """
        values = np.asarray(values)
        known = values.shape[1:] if self.ragged and values.ndim else values.shape
        expected = self.shape[1:] if self.ragged else self.shape
        if known != expected or values.ndim != len(self.shape):
            sides = ", ".join("any" if side is None else str(side) for side in self.shape)
            raise ValueError(
                f"it must have the shape ({sides}): got {values.shape}; correct what loads it"
            )
        if not np.can_cast(values.dtype, self.dtype, "same_kind"):
            raise ValueError(
                f"it must be {self.dtype}: got {values.dtype}; convert it when it is loaded"
            )
        return values


def image(channels: int, N: int) -> dict[str, Array]:
    """Return the description of the array `x` of images: (channels, N, N) uint8.

    Args:
        channels: Number of colours, 1 or 3.
        N: Side of the images, in pixels.

    Example:
        >>> image(3, 32)["x"].shape
        (3, 32, 32)
    """
    attrs = {"long_name": "image", "units": "1/255 of full intensity"}
    return {"x": Array(("colour", "row", "column"), (channels, N, N), "uint8", attrs)}


class Column:
    """One array of a store in the making, as it grows item by item.

    Args:
        folder: Path of the store, in which the array was created.
        name: Name of the array.
        array: Its description.
    """

    def __init__(self, folder: Path, name: str, array: Array):
        self.array, self.name, self.rows, self.ends = array, name, rows.Rows(folder, name), [0]

    def append(self, values: np.ndarray) -> None:
        """Append the values of an item."""
        values = self.array.checked(values)
        self.rows.append(values if self.array.ragged else values[None])
        self.ends.append(self.rows.n)

    def close(self, axis: str) -> dict[str, store.Variable]:
        """Write the rest; return the offsets of a ragged array, as a variable by name."""
        self.rows.close()
        if not self.array.ragged:
            return {}
        about = {"long_name": f"first row of each {axis} in {self.name}, and the end of the last"}
        ends = np.array(self.ends, dtype=np.int64)
        return {f"{self.name}_offsets": store.Variable((f"{axis}_edge",), ends, attrs=about)}
