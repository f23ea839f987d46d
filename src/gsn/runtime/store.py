"""Zarr stores: written whole by a rename, sharded arrays one whole shard at a time.

A store is a group of named arrays with named axes, which xarray.open_zarr opens as a Dataset. The
format is zarr v3 (https://zarr-specs.readthedocs.io/en/latest/v3/core/). The attributes state what
was computed, with which parameters and by which version.

A sharded array is split along its first axis. Shard i is the single file `{array}/c/{i}/0...`. It
has one writer, and a workflow can track it.
"""

import hashlib
import json
import math
import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import zarr
from zarr.codecs import BloscCodec, Crc32cCodec

from gsn.runtime import files, reading, shards
from gsn.runtime.reading import SHARDWISE, Array
from gsn.runtime.version import __version__

CHUNK_BYTES = 2**24  # most bytes of an inner chunk, which a reader of a single row must decode


@dataclass
class Variable:
    """An array of a store: its axes and either its values, or the shape and dtype of later values.

    Attributes:
        dims: Names of the axes.
        values: Values, if they are known; they set shape and dtype.
        shape, dtype: Shape and type of the numbers.
        shard: Number of rows in a shard; None for an array in one file.
        chunk: Number of rows in a chunk, a divisor of `shard`; near CHUNK_BYTES if None.
        attrs: Attributes of the array.

    Example:
        >>> Variable(("row", "column"), np.zeros((2, 3))).shape
        (2, 3)
    """

    dims: tuple[str, ...]
    values: np.ndarray | None = None
    shape: tuple[int, ...] | None = None
    dtype: str | None = None
    shard: int | None = None
    chunk: int | None = None
    attrs: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.values is not None:
            self.shape, self.dtype = self.values.shape, str(self.values.dtype)


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Yield a folder to write a store in, which becomes `path` if the block succeeds.

    If the block fails, the folder is deleted. If it succeeds, the folder replaces whatever exists
    at `path`. One pass over the written files gives the attribute `digest`, the checksum of the
    values, so that zarr.json changes whenever they do. A workflow can track that file alone. The
    files are on the disk, flushed, before the store appears.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with whole(Path(folder, "a.zarr")) as partial:
        ...         create(partial, {"x": Variable(("row",), np.arange(3))})
        ...     os.listdir(folder)
        ['a.zarr']
    """
    path = Path(path)
    partial = path.with_name(f"{path.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        _seal(partial)
        for folder, _, inside in os.walk(partial):
            files.flush(folder, *(Path(folder, file) for file in inside))
        shutil.rmtree(path, ignore_errors=True)
        os.rename(partial, path)
        files.flush(path.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _seal(path: Path) -> None:
    """Add the checksum of the values and the consolidated metadata to a store."""
    written = sorted(f for f in path.rglob("*") if f.is_file() and f.name != "zarr.json")
    group = zarr.open_group(path, mode="r+")
    empty = sorted(name for name in group.array_keys() if not Path(path, name, "c").exists())
    group.attrs.update({"digest": files.digest(written)} | ({SHARDWISE: empty} if empty else {}))
    with warnings.catch_warnings():  # the warning concerns other readers than zarr's own
        warnings.filterwarnings("ignore", message="Consolidated metadata")
        zarr.consolidate_metadata(path)


def create(path: str | Path, variables: dict[str, Variable], /, **attrs) -> None:
    """Create a store in a folder that `whole` yields.

    A one-dimensional variable on the second axis of a larger one, such as the table of the paths of
    the scattering channels, becomes a coordinate of the larger one when xarray opens the store.

    Args:
        path: Path of the folder.
        variables: Arrays by name.
        attrs: Attributes of the store. The version of gsn is added to them.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder, whole(Path(folder, "a.zarr")) as partial:
        ...     create(partial, {"x": Variable(("row",), np.arange(3))}, seed=7)
        ...     attributes(partial)["seed"]
        7
    """
    zarr.create_group(path, attributes={**attrs, "gsn_version": __version__})
    add(path, variables)


def add(path: str | Path, variables: dict[str, Variable], /, **attrs) -> None:
    """Add arrays and attributes to a store that is being written; see `create`."""
    group = zarr.open_group(path, mode="r+")
    group.attrs.update(attrs)
    for name, variable in variables.items():
        others = [n for n, v in variables.items() if n != name and v.dims == variable.dims[1:2]]
        floating = np.issubdtype(variable.dtype, np.floating)
        array = group.create_array(
            name,
            shape=variable.shape,
            dtype=variable.dtype,
            **_layout(variable),
            compressors=[_codec(variable.dtype), Crc32cCodec()],
            dimension_names=variable.dims,
            fill_value=np.nan if floating else 0,  # NaN reveals missing values
            attributes=variable.attrs
            | ({"coordinates": " ".join(others)} if others else {})
            | ({shards.ORIGIN: _origin(group, name)} if _is_stamped(variable) else {}),
            config={"write_empty_chunks": True},
        )
        if variable.values is not None:
            array[...] = variable.values


def _is_stamped(variable: Variable) -> bool:
    """Return whether `shards.write_shard` writes the array, and not zarr itself."""
    return variable.shard is not None and variable.values is None


def _origin(group: zarr.Group, name: str) -> str:
    """Return a checksum of what an array is made from: the attributes of its store."""
    known = {key: value for key, value in group.attrs.items() if key != "gsn_version"}
    text = json.dumps([name, known], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _codec(dtype: str) -> BloscCodec:
    """Return zstd for bytes, or lz4: `benchmarks/scattering_store.py --codecs` compares others."""
    size = np.dtype(dtype).itemsize
    if size == 1:
        return BloscCodec(cname="zstd", clevel=3, shuffle="noshuffle", typesize=1)
    return BloscCodec(cname="lz4", clevel=5, shuffle="bitshuffle", typesize=size)


def _layout(variable: Variable) -> dict:
    """Return shards of whole rows, and inner chunks of one row or of at most CHUNK_BYTES."""
    if variable.shard is None:
        return {"chunks": tuple(max(side, 1) for side in variable.shape)}
    shard, rest = variable.shard, variable.shape[1:]
    row = np.dtype(variable.dtype).itemsize * int(np.prod(rest))
    small = [r for r in range(1, math.isqrt(shard) + 1) if shard % r == 0]
    divisors = {*small, *(shard // r for r in small)}
    rows = variable.chunk or max(r for r in divisors if r == 1 or r * row <= CHUNK_BYTES)
    return {"shards": (shard, *rest), "chunks": (rows, *rest)}


def read(path: str | Path, name: str) -> Array:
    """Return an array of a store, which is read when it is indexed; see `reading.Array`.

    Raises:
        FileNotFoundError: The store or the array does not exist.
        ValueError: The metadata of the store are damaged.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder, whole(Path(folder, "a.zarr")) as partial:
        ...     create(partial, {"x": Variable(("row",), np.arange(5))})
        ...     read(partial, "x")[2:4]
        array([2, 3])
    """
    return Array(path, name)


def attributes(path: str | Path) -> dict:
    """Return the attributes of a store."""
    return reading.group(path).attrs.asdict()


def names(path: str | Path) -> set[str]:
    """Return the names of the arrays of a store."""
    return set(reading.group(path).array_keys())
