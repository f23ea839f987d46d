"""A stream of items to a zarr store: loaded by threads, written in whole shards, in bounded memory.

`gsn.data.arrays` describes the arrays of an item, of any rank and type, ragged ones too.
"""

import collections
import logging
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np

from gsn.data.arrays import Array, Column
from gsn.data.items import Item, Source, Unreadable
from gsn.runtime import files, log, progress, store

logger = logging.getLogger(__name__)


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
        >>> from gsn.data.arrays import image
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
        columns = {name: Column(folder, name, array) for name, array in arrays.items()}
        for values in _loaded(source.items, threads, on_error, skipped, stored):
            _append(values, columns, stored[-1].name)
            bar.update(1)
        bar.close()
        _check_count(n, split, axis, len(stored), skipped)
        source.check()
        added = {}
        for column in columns.values():
            added |= column.close(axis)
        added |= _labels(stored, source.classes, axis)
        store.add(folder, added, **({"skipped": len(skipped)} if on_error == "skip" else {}))
        if names:
            rows = ((row, item.name, item.label) for row, item in enumerate(stored))
            files.write_csv(names, ["row", axis, "label"], rows)


def _append(
    values: np.ndarray | Mapping[str, np.ndarray], columns: dict[str, Column], item: str
) -> None:
    """Append the arrays of an item, one or several by name."""
    by_name = values if isinstance(values, Mapping) else dict.fromkeys(columns, values)
    if by_name.keys() != columns.keys():
        found = ", ".join(by_name)
        raise ValueError(f"{item} must have the arrays {', '.join(columns)}: got {found}.")
    for name, column in columns.items():
        try:
            column.append(by_name[name])
        except ValueError as error:
            raise ValueError(f"{name} of {item} is wrong: {error}.") from error


def _labels(stored: list[Item], classes: list[str], axis: str) -> dict[str, store.Variable]:
    """Return the array of the labels; nothing if no item has one."""
    labelled = [item.label for item in stored if item.label is not None]
    if not labelled:
        return {}
    if len(labelled) < len(stored):
        bare = next(item.name for item in stored if item.label is None)
        raise ValueError(f"all {axis}s must have a label, or none: {bare} has none; add it.")
    low, high, most = min(labelled), max(labelled), np.iinfo(np.int32)
    if low < most.min or high > most.max:
        raise ValueError(
            f"labels must be in {most.min}..{most.max}: got {low} to {high}; number the classes "
            "from 0."
        )
    attrs = {"long_name": "label"} | ({"classes": classes} if classes else {})
    return {"label": store.Variable((axis,), np.array(labelled, dtype=np.int32), attrs=attrs)}


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
