"""Arrays in and out of zarr stores: whole stores by a rename, sharded arrays one whole shard at a time.

A store is a zarr v3 group of named arrays with named axes, which xarray.open_zarr opens as a Dataset; its attributes
say what was computed, with which parameters and by which version. A sharded array is cut along its first axis: shard
i is the one file `{array}/c/{i}/0...`, so that a workflow can track it, and it has one writer.
"""

import os
import shutil
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import google_crc32c
import numcodecs
import numpy as np
import zarr
from zarr.codecs import BloscCodec, Crc32cCodec

from gsn import __version__, runtime

CHUNK_BYTES = 2**24  # of the inner chunks of a shard: what a reader of a few rows has to decode
ENCODERS = 2  # threads that encode chunks while others are computed: one keeps up with thousands of images a second
MISSING = 2**64 - 1  # the offset and the length of a chunk that a shard does not have


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
            compressors=[_codec(variable.dtype), Crc32cCodec()],
            dimension_names=variable.dims,
            fill_value=np.nan if np.issubdtype(variable.dtype, np.floating) else 0,  # what is not there is seen
            attributes=variable.attrs | ({"coordinates": " ".join(others)} if others else {}),
            config={"write_empty_chunks": True},
        )
        if variable.values is not None:
            array[...] = variable.values


def _codec(dtype: str) -> BloscCodec:
    """zstd for bytes; lz4 over shuffled bits for the rest, by `benchmarks/scattering_store.py --codecs`."""
    size = np.dtype(dtype).itemsize
    if size == 1:
        return BloscCodec(cname="zstd", clevel=3, shuffle="noshuffle", typesize=1)
    return BloscCodec(cname="lz4", clevel=5, shuffle="bitshuffle", typesize=size)


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


def write_shard(path: str | Path, name: str, i: int, batches: Iterable[np.ndarray]) -> None:
    """Write shard i of an array whole, from batches of its rows, in their order.

    Chunks are encoded by other threads while the next rows are computed: a few chunks are in memory, whatever the size
    of the shard. The file gets its name when it is complete.

    Raises:
        ValueError: if the rows are not exactly those of the shard.
    """
    array = zarr.open_group(path, mode="r")[name]
    if not 0 <= i * array.shards[0] < array.shape[0]:
        raise ValueError(
            f"{path}/{name} must have a shard {i}: it has {array.shape[0]} rows, {array.shards[0]} in each."
        )
    n = min(array.shards[0], array.shape[0] - i * array.shards[0])
    what = f"shard {i} of {path}/{name} must have {n} rows of the shape {array.shape[1:]}"
    index = np.full((array.shards[0] // array.chunks[0], 2), MISSING, dtype="<u8")
    chunks = _chunks(batches, array, n, what)
    with runtime.whole_file(shard_path(path, name, i, array.ndim)) as partial, open(partial, "wb") as file:
        for k, chunk in enumerate(runtime.ahead(_encoder(array), chunks, threads=ENCODERS)):
            index[k] = file.tell(), len(chunk)
            file.write(chunk)
        file.write(_sealed(index.tobytes()))


def _encoder(array: zarr.Array) -> Callable[[np.ndarray], bytes]:
    """What an array's codecs do, in the thread that calls it."""
    blosc, *checksum = array.compressors
    shuffle = getattr(numcodecs.Blosc, blosc.shuffle.name.upper())
    encode = numcodecs.Blosc(blosc.cname.value, blosc.clevel, shuffle, typesize=blosc.typesize).encode
    return (lambda chunk: _sealed(encode(chunk))) if checksum else encode


def _sealed(data: bytes) -> bytes:
    return data + google_crc32c.value(data).to_bytes(4, "little")


def _chunks(batches: Iterable[np.ndarray], array: zarr.Array, n: int, what: str) -> Iterator[np.ndarray]:
    """The n rows of some batches in chunks of an array, the last one filled up."""
    rows, shape = 0, array.chunks
    for batch in batches:
        if batch.shape[1:] != shape[1:] or rows + len(batch) > n:
            raise ValueError(f"{what}: got {rows} of them and then an array of the shape {batch.shape}.")
        while len(batch):
            place = rows % shape[0]
            if place == 0:
                chunk = np.full(shape, array.fill_value, dtype=array.dtype)
            taken = batch[: shape[0] - place]
            with np.errstate(over="raise"):  # of numbers that are too large for float16
                chunk[place : place + len(taken)] = taken
            rows, batch = rows + len(taken), batch[len(taken) :]
            if rows % shape[0] == 0 or rows == n:
                yield chunk
    if rows < n:
        raise ValueError(f"{what}: got {rows}.")


def write_rows(path: str | Path, name: str, rows: Iterable[np.ndarray]) -> int:
    """Write an array row by row, a whole shard at a time, and cut it to as many rows as came, which it returns."""
    array = zarr.open_group(path, mode="r+")[name]
    shard = np.empty((array.shards[0], *array.shape[1:]), dtype=array.dtype)
    n = 0
    for n, row in enumerate(rows, start=1):
        shard[(n - 1) % len(shard)] = row
        if n % len(shard) == 0:
            write_shard(path, name, n // len(shard) - 1, [shard])
    if n < array.shape[0]:
        array.resize((n, *array.shape[1:]))
    if n % len(shard):
        write_shard(path, name, n // len(shard), [shard[: n % len(shard)]])
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


def attributes(path: str | Path) -> dict:
    """The attributes of a store: what was computed, with which parameters and by which version."""
    return zarr.open_group(path, mode="r").attrs.asdict()


def shard_path(path: str | Path, name: str, i: int, ndim: int) -> Path:
    """The file of shard i, the shards being cut along the first axis."""
    return Path(path, name, "c", str(i), *["0"] * (ndim - 1))
