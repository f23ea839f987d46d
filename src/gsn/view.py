"""An array of a store as a dask array of rows; apart from `store`, since dask takes a second to import."""

import socket
from pathlib import Path

import dask.array as da
import numpy as np

from gsn import store


def blocks(path: str | Path, name: str, rows: int = 512) -> da.Array:
    """A dask view of an array as (n, p), flattened after the first axis, in blocks of whole rows and whole chunks.

    Raises:
        FileNotFoundError: if the array or one of its shards is missing; on a worker too, when it computes.
        ValueError: if a shard is empty, or, when a block is computed, its file is damaged.
    """
    array = _Rows(Path(path).absolute(), name)  # workers may run elsewhere
    if array.array.shards is not None:
        rows = -(-rows // array.array.chunks[0]) * array.array.chunks[0]  # no chunk is decoded twice
        for i in range(-(-array.shape[0] // array.height)):
            array.file(i)
    view = da.from_array(array, chunks=(min(rows, array.shape[0]), *array.shape[1:]), name=False)
    return view.reshape(array.shape[0], -1)


class _Rows:
    """An array of a store, as dask reads it: what is missing or damaged is told."""

    def __init__(self, path: Path, name: str):
        self.path, self.name, self.array = path, name, store.read(path, name)
        self.shape, self.dtype, self.ndim = self.array.shape, self.array.dtype, self.array.ndim
        self.height = (self.array.shards or self.array.chunks)[0]

    def file(self, i: int) -> Path:
        file = store.shard_path(self.path, self.name, i, self.ndim)
        if not file.exists():
            where = socket.gethostname()
            raise FileNotFoundError(f"every shard of {self.path} must be there: {file} is missing on {where}; make it.")
        if not file.stat().st_size:
            raise ValueError(f"{file} must be as it was written: it is empty; delete it and run again.")
        return file

    def __getitem__(self, index: tuple) -> np.ndarray:
        start, stop, h = index[0].start, index[0].stop, self.height
        parts = []
        for i in range(start // h, -(-stop // h)):
            file = self.file(i)
            try:
                parts.append(self.array[max(start, i * h) : min(stop, (i + 1) * h)])
            except (ValueError, RuntimeError) as error:  # of the checksums, of blosc
                raise ValueError(
                    f"{file} must be as it was written: it is damaged; delete it and run again."
                ) from error
        return parts[0] if len(parts) == 1 else np.concatenate(parts)
