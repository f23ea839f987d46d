"""An array of a store as a dask array of rows.

It is a module of its own, because dask takes a second to import.
"""

from pathlib import Path

import dask.array as da

from gsn.runtime import store


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
        ValueError: A shard is empty or incomplete, or is found damaged when a block is computed.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with store.whole(Path(folder, "a.zarr")) as partial:
        ...         axes = ("image", "row", "column")
        ...         store.create(partial, {"x": store.Variable(axes, np.ones((5, 2, 3)))})
        ...     x = blocks(Path(folder, "a.zarr"), "x", rows=4)
        ...     total = float(x.sum().compute())
        >>> x.shape, x.numblocks, total
        ((5, 6), (2, 1), 30.0)
    """
    array = store.read(path, name)
    if array.shards is not None:
        rows = -(-rows // array.chunks[0]) * array.chunks[0]  # no chunk is decoded twice
    array.check_all()
    view = da.from_array(array, chunks=(min(rows, array.shape[0]), *array.shape[1:]), name=False)
    return view.reshape(array.shape[0], -1)
