"""Shard files in the format of zarr v3, written one chunk at a time.

A shard is the encoded chunks one after the other, and behind them the index: for each chunk its
offset and its length in bytes as two little-endian uint64, 2^64 - 1 for a chunk that is absent,
then the CRC-32C of the index. That is the `sharding_indexed` codec with `index_location: end` of
the zarr v3 specification
(https://zarr-specs.readthedocs.io/en/latest/v3/codecs/sharding-indexed/index.html). zarr's own
writer holds a whole shard in memory, encoded and decoded; this one holds a few chunks.
tests/test_store.py compares the bytes of both.

Between the chunks and the index lies a stamp, which the format leaves room for and other readers
skip: whose shard it is. A shard of another run, copied to this place, is complete and has valid
checksums, but not this stamp.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import google_crc32c
import numcodecs
import numpy as np
import zarr

from gsn.runtime import streams
from gsn.runtime.files import whole_file

# Threads that encode chunks while others are computed. One keeps up with thousands of images a
# second.
ENCODERS = 2
ABSENT = 2**64 - 1  # offset and length of an absent chunk
CHECKSUM = 4  # bytes of a CRC-32C
ORIGIN = "origin"  # attribute of an array whose shards are stamped
STAMP = 16  # bytes of a stamp


def shard_path(path: str | Path, name: str, i: int, ndim: int) -> Path:
    """Return the file of shard i of an array that is cut along its first axis."""
    return Path(path, name, "c", *[str(i), *["0"] * (ndim - 1)][:ndim])


def stamp(array: zarr.Array, i: int) -> bytes:
    """Return the stamp of shard i of an array; no bytes if its shards have none."""
    origin = array.attrs.get(ORIGIN)
    if origin is None:
        return b""
    return hashlib.blake2b(f"{origin} {i}".encode(), digest_size=STAMP).digest()


def checksum(data: bytes) -> bytes:
    """Return the CRC-32C of some bytes, as chunks and the index end with it."""
    return google_crc32c.value(data).to_bytes(CHECKSUM, "little")


def write_shard(path: str | Path, name: str, i: int, batches: Iterable[np.ndarray]) -> None:
    """Write shard i of an array whole, from batches of its rows in order.

    Threads encode chunks while the next rows are computed: memory holds a few chunks, whatever the
    size of the shard. The file gets its name when it is complete.

    Args:
        path: Path of the store.
        name: Name of the array, which is sharded along its first axis.
        i: Number of the shard.
        batches: Rows of the shard, (any number, ...) each.

    Raises:
        ValueError: The array has no shard i, or the rows are not exactly those of the shard.
    """
    array = zarr.open_group(path, mode="r")[name]
    if not 0 <= i * array.shards[0] < array.shape[0]:
        raise ValueError(
            f"{path}/{name} must have a shard {i}: it has {array.shape[0]} rows, "
            f"{array.shards[0]} in each."
        )
    n = min(array.shards[0], array.shape[0] - i * array.shards[0])
    what = f"shard {i} of {path}/{name} must have {n} rows of the shape {array.shape[1:]}"
    index = np.full((array.shards[0] // array.chunks[0], 2), ABSENT, dtype="<u8")
    chunks = _chunks(batches, array, n, what)
    with whole_file(shard_path(path, name, i, array.ndim)) as partial, open(partial, "wb") as file:
        for k, chunk in enumerate(streams.ahead(_encoder(array), chunks, threads=ENCODERS)):
            index[k] = file.tell(), len(chunk)
            file.write(chunk)
        file.write(stamp(array, i) + index.tobytes() + checksum(index.tobytes()))


def _encoder(array: zarr.Array) -> Callable[[np.ndarray], bytes]:
    """Return a function that encodes a chunk as the codecs of an array do."""
    blosc, *crc = array.compressors
    shuffle = getattr(numcodecs.Blosc, blosc.shuffle.name.upper())
    encode = numcodecs.Blosc(
        blosc.cname.value, blosc.clevel, shuffle, typesize=blosc.typesize
    ).encode
    return (lambda chunk: (data := encode(chunk)) + checksum(data)) if crc else encode


def _chunks(
    batches: Iterable[np.ndarray], array: zarr.Array, n: int, what: str
) -> Iterator[np.ndarray]:
    """Yield the n rows of some batches in chunks of the array; fill the last one up."""
    rows, shape = 0, array.chunks
    for batch in batches:
        if batch.shape[1:] != shape[1:] or rows + len(batch) > n:
            raise ValueError(
                f"{what}: got {rows} of them and then an array of the shape {batch.shape}."
            )
        while len(batch):
            place = rows % shape[0]
            if place == 0:
                chunk = np.full(shape, array.fill_value, dtype=array.dtype)
            taken = batch[: shape[0] - place]
            with np.errstate(over="raise"):  # numbers too large for float16
                chunk[place : place + len(taken)] = taken
            rows, batch = rows + len(taken), batch[len(taken) :]
            if rows % shape[0] == 0 or rows == n:
                yield chunk
    if rows < n:
        raise ValueError(f"{what}: got {rows}.")
