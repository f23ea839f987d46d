"""An array of a store as a dask array of rows.

It is a module of its own, because dask takes a second to import.
"""

import socket
from pathlib import Path

import dask.array as da
import numpy as np

from gsn.runtime import shards, store


def blocks(path: str | Path, name: str, rows: int = 512) -> da.Array:
    """Return an array of a store as a dask array (n, p), flattened after the first axis.

    The blocks are whole rows and whole chunks. Nothing is read before a block is computed.

    Args:
        path: Path of the store.
        name: Name of the array.
        rows: Number of rows in a block. It is rounded up to whole chunks.

    Returns:
        The dask array, (n, p) in the dtype of the array.

    Raises:
        FileNotFoundError: The array or one of its shards is missing. A worker raises it when it
            computes a block and does not see the shard.
        ValueError: A shard is empty, or is found damaged when a block is computed.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with store.whole(Path(folder, "a.zarr")) as partial:
        ...         axes = ("image", "row", "column")
        ...         store.create(partial, {"x": store.Variable(axes, np.ones((5, 2, 3)))})
        ...     x = blocks(Path(folder, "a.zarr"), "x", rows=4)
        ...     total = float(x.sum().compute())
        >>> x.shape, x.numblocks, total
        ((5, 6), (2, 1), 30.0)
    """
    array = _Rows(Path(path).absolute(), name)  # workers may run elsewhere
    if array.array.shards is not None:
        rows = -(-rows // array.array.chunks[0]) * array.array.chunks[0]  # none decoded twice
        for i in range(-(-array.shape[0] // array.height)):
            array.file(i)
    view = da.from_array(array, chunks=(min(rows, array.shape[0]), *array.shape[1:]), name=False)
    return view.reshape(array.shape[0], -1)


class _Rows:
    """An array of a store that reports missing and damaged shards when dask reads it."""

    def __init__(self, path: Path, name: str):
        self.path, self.name, self.array = path, name, store.read(path, name)
        self.shape, self.dtype, self.ndim = self.array.shape, self.array.dtype, self.array.ndim
        self.height = (self.array.shards or self.array.chunks)[0]

    def file(self, i: int) -> Path:
        """Return the file of shard i, once it is known to exist and not to be empty."""
        file = shards.shard_path(self.path, self.name, i, self.ndim)
        if not file.exists():
            where = socket.gethostname()
            raise FileNotFoundError(
                f"every shard of {self.path} must exist: {file} is missing on {where}; make it."
            )
        if not file.stat().st_size:
            raise ValueError(
                f"{file} must be as it was written: it is empty; delete it and run again."
            )
        return file

    def __getitem__(self, index: tuple) -> np.ndarray:
        start, stop, h = index[0].start, index[0].stop, self.height
        parts = []
        for i in range(start // h, -(-stop // h)):
            file = self.file(i)
            try:
                parts.append(self.array[max(start, i * h) : min(stop, (i + 1) * h)])
            except (ValueError, RuntimeError) as error:  # raised by the checksums, by blosc
                raise ValueError(
                    f"{file} must be as it was written: it is damaged; delete it and run again."
                ) from error
        return parts[0] if len(parts) == 1 else np.concatenate(parts)
