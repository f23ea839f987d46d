"""Arrays of stores that grow row by row."""

from pathlib import Path

import numpy as np
import zarr

from gsn.runtime import shards


class Rows:
    """An array of a store that grows row by row; memory holds one shard, whatever its final length.

    Args:
        path: Path of the folder that `store.whole` yields. The array exists there, with at least
            one row.
        name: Name of the array.

    Example:
        >>> import tempfile
        >>> from gsn.runtime import store
        >>> x = store.Variable(("row",), shape=(1,), dtype="int64", shard=2)
        >>> with tempfile.TemporaryDirectory() as f, store.whole(f"{f}/a.zarr") as partial:
        ...     store.create(partial, {"x": x})
        ...     rows = Rows(partial, "x")
        ...     rows.append(np.arange(5))
        ...     rows.close()
        5
    """

    def __init__(self, path: str | Path, name: str):
        self.path, self.name = path, name
        self.array = zarr.open_group(path, mode="r+")[name]
        self.shard = np.empty((self.array.shards[0], *self.array.shape[1:]), dtype=self.array.dtype)
        self.n = 0

    def append(self, rows: np.ndarray) -> None:
        """Append rows, (any number, ...), and write each shard when it is full."""
        while len(rows):
            place = self.n % len(self.shard)
            taken = rows[: len(self.shard) - place]
            self.shard[place : place + len(taken)] = taken
            self.n, rows = self.n + len(taken), rows[len(taken) :]
            if self.n % len(self.shard) == 0:
                self._write(len(self.shard))

    def close(self) -> int:
        """Write the last shard, fit the array to the number of rows, and return that number."""
        if self.n % len(self.shard):
            self._write(self.n % len(self.shard))
        self._resize(self.n)
        return self.n

    def _write(self, rows: int) -> None:
        if self.n > self.array.shape[0] or rows < len(
            self.shard
        ):  # longer than created, or the end
            self._resize(self.n)
        i = (self.n - 1) // len(self.shard)
        shards.write_shard(self.path, self.name, i, [self.shard[:rows]])

    def _resize(self, n: int) -> None:
        if n != self.array.shape[0]:
            self.array.resize((n, *self.array.shape[1:]))
