"""Arrays in and out of zarr stores: whole stores by a rename, sharded arrays one whole shard at a time.

A store is a zarr v3 group of named arrays with named axes, which xarray.open_zarr opens as a Dataset; its attributes
say what was computed, with which parameters and by which version. A sharded array is cut along its first axis: shard
i is the one file `{array}/c/{i}/0...`, so that a workflow can track it, and it has one writer.
"""

import os
import shutil
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import zarr
from zarr.codecs import BloscCodec

from gsn import __version__, runtime

CHUNK_BYTES = 2**25  # of the inner chunks of a shard: what a reader of a few rows has to decode


@dataclass
class Variable:
    """An array of a store: its axes, and either its values or the shape and dtype that will be written later."""

    dims: tuple[str, ...]
    values: np.ndarray | None = None
    shape: tuple[int, ...] | None = None
    dtype: str | None = None
    shard: int | None = None  # rows per shard file; the whole array if None
    attrs: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.values is not None:
            self.shape, self.dtype = self.values.shape, str(self.values.dtype)


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """A folder to make a store in, which becomes `path` when the block ends well and goes away otherwise.

    Whatever stood at `path` is replaced. The store's attribute `digest` is the checksum of its values, so that its
    zarr.json changes when they do: a workflow that watches that file alone sees every change.
    """
    path = Path(path)
    partial = path.with_name(f"{path.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        _seal(partial)
        shutil.rmtree(path, ignore_errors=True)
        os.rename(partial, path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _seal(path: Path) -> None:
    files = sorted(file for file in path.rglob("*") if file.is_file() and file.name != "zarr.json")
    zarr.open_group(path, mode="r+").attrs["digest"] = runtime.digest(files)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Consolidated metadata")  # a note for readers other than zarr's
        zarr.consolidate_metadata(path)


def create(path: str | Path, variables: dict[str, Variable], /, **attrs) -> None:
    """Make a store in a folder that `whole` gave; its attributes are `attrs` and the version of gsn.

    Variables on the axis of a larger one but not named like it (the path table of the scattering channels) become
    its coordinates when xarray opens the store.
    """
    zarr.create_group(path, attributes={**attrs, "gsn_version": __version__})
    add(path, variables)


def add(path: str | Path, variables: dict[str, Variable], /, **attrs) -> None:
    """Add arrays and attributes to a store in the making."""
    group = zarr.open_group(path, mode="r+")
    group.attrs.update(attrs)
    for name, variable in variables.items():
        others = [n for n, v in variables.items() if n != name and v.dims == variable.dims[1:2]]
        array = group.create_array(
            name,
            shape=variable.shape,
            dtype=variable.dtype,
            **_layout(variable),
            compressors=_codec(variable.dtype),
            dimension_names=variable.dims,
            attributes=variable.attrs | ({"coordinates": " ".join(others)} if others else {}),
            config={"write_empty_chunks": True},
        )
        if variable.values is not None:
            array[...] = variable.values


def _codec(dtype: str) -> BloscCodec:
    return BloscCodec(cname="zstd", clevel=3, shuffle="shuffle", typesize=np.dtype(dtype).itemsize)


def _layout(variable: Variable) -> dict:
    """Shards of whole rows, with inner chunks of whole rows near CHUNK_BYTES that divide them."""
    if variable.shard is None:
        return {"chunks": tuple(max(side, 1) for side in variable.shape)}
    row = np.dtype(variable.dtype).itemsize * int(np.prod(variable.shape[1:]))
    rows = max(
        r for r in range(1, variable.shard + 1) if variable.shard % r == 0 and (r == 1 or r * row <= CHUNK_BYTES)
    )
    rest = variable.shape[1:]
    return {"shards": (variable.shard, *rest), "chunks": (rows, *rest)}


def write_shard(path: str | Path, name: str, i: int, rows: np.ndarray) -> None:
    """Write shard i of an array whole.

    Raises:
        ValueError: if the rows are not exactly those of the shard.
    """
    array = zarr.open_group(path, mode="r+")[name]
    start = i * array.shards[0]
    expected = (min(array.shards[0], array.shape[0] - start), *array.shape[1:])
    if rows.shape != expected:
        raise ValueError(f"shard {i} of {path}/{name} must have the shape {expected}: got {rows.shape}.")
    array.with_config({"write_empty_chunks": True})[start : start + len(rows)] = rows


def write_rows(path: str | Path, name: str, rows: Iterable[np.ndarray]) -> int:
    """Write an array row by row, a whole shard at a time, and cut it to as many rows as came, which it returns."""
    array = zarr.open_group(path, mode="r+")[name]
    shard = np.empty((array.shards[0], *array.shape[1:]), dtype=array.dtype)
    n = 0
    for n, row in enumerate(rows, start=1):
        shard[(n - 1) % len(shard)] = row
        if n % len(shard) == 0:
            write_shard(path, name, n // len(shard) - 1, shard)
    if n < array.shape[0]:
        array.resize((n, *array.shape[1:]))
    if n % len(shard):
        write_shard(path, name, n // len(shard), shard[: n % len(shard)])
    return n


def read(path: str | Path, name: str) -> zarr.Array:
    """One array of a store; index it to read it.

    Raises:
        FileNotFoundError: if there is no such store or array.
    """
    try:
        return zarr.open_group(path, mode="r")[name]
    except (FileNotFoundError, KeyError) as error:
        raise FileNotFoundError(
            f"{path} must hold a zarr array {name!r}: found none; run the rule that makes it."
        ) from error


def blocks(path: str | Path, name: str, rows: int = 512) -> "dask.array.Array":  # noqa: F821
    """A dask view of an array as (n, p), flattened after the first axis, in blocks of whole rows.

    Raises:
        FileNotFoundError: if the array or one of its shards is missing (zarr would read zeros).
    """
    import dask.array as da  # here, because it takes a second, which most jobs need not spend

    array = read(path, name)
    if array.shards is not None:
        for i in range(-(-array.shape[0] // array.shards[0])):
            file = shard_path(path, name, i, array.ndim)
            if not file.exists():
                raise FileNotFoundError(f"every shard of {path} must be there: {file} is missing; make it again.")
    view = da.from_array(array, chunks=(min(rows, array.shape[0]), *array.shape[1:]))
    return view.reshape(array.shape[0], -1)


def shard_path(path: str | Path, name: str, i: int, ndim: int) -> Path:
    """The file of shard i, the shards being cut along the first axis."""
    return Path(path, name, "c", str(i), *["0"] * (ndim - 1))
