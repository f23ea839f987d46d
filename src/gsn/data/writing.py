"""A stream of items to a zarr store: loaded by threads, written in whole shards, in bounded memory.

An array of fixed shape is stored as `(n, *shape)`. A ragged array is one whose first axis differs
from item to item, such as the atoms of a molecule or the samples of a sound. It is stored as its
values, one item after another, and as the `(n + 1)` offsets at which the items begin and end: item
i is `values[offsets[i] : offsets[i + 1]]`.
"""

import collections
import logging
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gsn.data import Item, Source, Unreadable
from gsn.runtime import files, log, progress, store

logger = logging.getLogger(__name__)

SHARD_ROWS, SHARD_BYTES = 1024, 2**26  # upper bounds of a shard


@dataclass(frozen=True)
class Array:
    """One array of each item.

    Attributes:
        axes: Names of the axes of one item. A ragged array has one for its first axis too.
        shape: Shape of one item; None in the first place if that axis is ragged.
        dtype: Type of the numbers.
        attrs: Attributes of the stored array.
    """

    axes: tuple[str, ...]
    shape: tuple[int | None, ...]
    dtype: str
    attrs: dict = field(default_factory=dict)

    @property
    def ragged(self) -> bool:
        return None in self.shape[:1]

    def variable(self, axis: str, n: int) -> store.Variable:
        """Return the stored array of n items along an axis."""
        axes, shape = (
            (self.axes, self.shape[1:]) if self.ragged else ((axis, *self.axes), self.shape)
        )
        row = np.dtype(self.dtype).itemsize * int(np.prod(shape))
        most = SHARD_BYTES // row if self.ragged else min(SHARD_ROWS, SHARD_BYTES // row)
        return store.Variable(
            axes, shape=(n, *shape), dtype=self.dtype, shard=max(1, most), attrs=self.attrs
        )


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


def write(
    path: Path,
    source: Source,
    /,
    *,
    arrays: Mapping[str, Array],
    n: int,
    split: str,
    threads: int,
    axis: str = "image",
    on_error: str = "stop",
    names: Path | None = None,
) -> None:
    """Write the arrays of the items of a split to a store.

    The labels of the items, if there are any, become the array `label` (n,) int32.

    Makes one pass over the items. Memory holds one shard of each array, its encoding and a few
    items per thread, whatever n is.

    Args:
        path: Path of the store.
        source: Items of the split, n of them, with their classes and attributes.
        arrays: Arrays of an item by name. A ragged one is accompanied by `{name}_offsets` (n + 1,)
            int64.
        n: Number of items.
        split: Name of the split.
        threads: Number of threads that load items.
        axis: Name of the axis along which the items lie.
        on_error: `stop` at an item that cannot be read, or `skip` it. The store then has fewer than
            n items.
        names: Path of a table to write: name (`Item.name`) and label of each row.

    Raises:
        ValueError: An item cannot be read (the message names it), no item can be read, or the
            source yields another number of items.

    Example:
        >>> import tempfile
        >>> grey = (Item(f"grey {i}", lambda i=i: np.full((1, 8, 8), i, "uint8")) for i in range(3))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "train.zarr")
        ...     write(path, Source(grey), arrays=image(1, 8), n=3, split="train", threads=2)
        ...     x = store.read(path, "x")[...]
        >>> x[:, 0, 0, 0].tolist()
        [0, 1, 2]
    """
    skipped: list[str] = []
    stored: list[Item] = []
    with store.whole(path) as folder:
        variables = {
            name: array.variable(axis, 1 if array.ragged else n) for name, array in arrays.items()
        }
        store.create(folder, variables, split=split, **source.attrs)
        bar = progress.Progress(total=n, unit=axis, label=split)
        columns = {name: _Column(folder, name, array) for name, array in arrays.items()}
        for values in _loaded(source.items, threads, on_error, skipped, stored):
            by_name = values if isinstance(values, Mapping) else dict.fromkeys(arrays, values)
            for name, column in columns.items():
                column.append(by_name[name])
            bar.update(1)
        bar.close()
        _check_count(n, split, axis, len(stored), skipped)
        added = {}
        for name, column in columns.items():
            added |= column.close(axis, name)
        labels = [item.label for item in stored if item.label is not None]
        if labels:
            about = {"long_name": "label"} | ({"classes": source.classes} if source.classes else {})
            added["label"] = store.Variable((axis,), np.array(labels, dtype=np.int32), attrs=about)
        store.add(folder, added, **({"skipped": len(skipped)} if on_error == "skip" else {}))
        if names:
            rows = ((row, item.name, item.label) for row, item in enumerate(stored))
            files.write_csv(names, ["row", axis, "label"], rows)


class _Column:
    """One array of the store, as it grows."""

    def __init__(self, folder: Path, name: str, array: Array):
        self.array, self.rows, self.ends = array, store.Rows(folder, name), [0]

    def append(self, values: np.ndarray) -> None:
        self.rows.append(np.asarray(values) if self.array.ragged else np.asarray(values)[None])
        self.ends.append(self.rows.n)

    def close(self, axis: str, name: str) -> dict[str, store.Variable]:
        """Write the rest; return the offsets if the array is ragged."""
        self.rows.close()
        if not self.array.ragged:
            return {}
        about = {"long_name": f"first row of each {axis} in {name}, and the end of the last"}
        return {
            f"{name}_offsets": store.Variable(
                (f"{axis}_edge",), np.array(self.ends, dtype=np.int64), attrs=about
            )
        }


def _check_count(n: int, split: str, axis: str, stored: int, skipped: list[str]) -> None:
    if skipped:
        shown = ", ".join(skipped[:3]) + (", ..." if len(skipped) > 3 else "")
        log.announce(f"{split}: skipped {len(skipped)} of {n} {axis}s that cannot be read: {shown}")
    if stored + len(skipped) != n:
        raise ValueError(
            f"{split} must have {n} {axis}s: its source gave {stored + len(skipped)}; run again."
        )
    if not stored:
        raise ValueError(
            f"{split} must hold at least one {axis} that can be read: found none of {n}."
        )


def _loaded(
    items: Iterable[Item], threads: int, on_error: str, skipped: list[str], stored: list[Item]
) -> Iterator[np.ndarray | Mapping[str, np.ndarray]]:
    """Yield the arrays of the items that can be read.

    `stored` collects these items, `skipped` the names of the others.
    """
    for item, future in _ahead(items, threads):
        try:
            values = future.result()
        except Unreadable as error:
            if on_error == "stop":
                raise ValueError(
                    f"{item.name} cannot be read ({error}); "
                    "repair it, remove it, or set on_error: skip."
                ) from error
            logger.warning("skipped %s: %s", item.name, error)
            skipped.append(item.name)
            continue
        except ValueError as error:  # a fault of the settings, which every item would have
            raise ValueError(f"{item.name}: {error}.") from error
        stored.append(item._replace(load=None))  # a closure may hold the item's data
        yield values


def _ahead(items: Iterable[Item], threads: int) -> Iterator[tuple[Item, Future]]:
    """Yield the items in order, while threads load a few of those to come."""
    queue: collections.deque = collections.deque()
    pool = ThreadPoolExecutor(threads)
    try:
        for item in items:
            queue.append((item, pool.submit(item.load)))
            if len(queue) > 8 * threads:
                yield queue.popleft()
        yield from queue
    finally:
        pool.shutdown(cancel_futures=True)
