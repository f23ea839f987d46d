"""Images, one after the other, to a zarr store: decoded by threads, written in whole shards, in bounded memory."""

import collections
import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np

from gsn import runtime, store
from gsn.images import Item, Unreadable

log = logging.getLogger(__name__)

SHARD_ROWS, SHARD_BYTES = 1024, 2**26  # the most of each that a shard holds


def write(
    path: Path,
    items: Iterable[Item],
    /,
    *,
    n: int,
    channels: int,
    N: int,
    split: str,
    threads: int,
    on_error: str = "stop",
    names: Path | None = None,
    classes: list[str] | None = None,
    **attrs: object,
) -> None:
    """Store the images of a split as `x` (n, channels, N, N) uint8 and their labels, if any, as `label` (n).

    One pass; memory of a shard, its encoding and a few images per thread, whatever n is.

    Args:
        path: of the store.
        items: n images.
        on_error: `stop` at an image that cannot be read, or `skip` it: the store then has fewer than n.
        names: a table to write: which image of the source (`Item.name`) each row is, and its label.
        classes: names of the labels.
        attrs: attributes of the store.

    Raises:
        ValueError: naming the image that cannot be read, or if none can.
    """
    shape = (channels, N, N)
    shard = max(1, min(SHARD_ROWS, SHARD_BYTES // (channels * N * N)))
    x = store.Variable(
        ("image", "colour", "row", "column"),
        shape=(n, *shape),
        dtype="uint8",
        shard=shard,
        attrs={"long_name": "image", "units": "1/255 of full intensity"},
    )
    skipped: list[str] = []
    stored: list[Item] = []
    with store.whole(path) as folder:
        store.create(folder, {"x": x}, split=split, **attrs)
        bar = runtime.Progress(total=n, unit="image", label=split)
        loaded = _loaded(items, threads, on_error, skipped, stored)
        rows = store.write_rows(folder, "x", _counted(loaded, bar))
        bar.close()
        if skipped:
            shown = ", ".join(skipped[:3]) + (", ..." if len(skipped) > 3 else "")
            runtime.announce(f"{split}: skipped {len(skipped)} of {n} images that cannot be read: {shown}")
        if rows + len(skipped) != n:
            raise ValueError(f"{split} must have {n} images: its source gave {rows + len(skipped)}; run again.")
        if not rows:
            raise ValueError(f"{split} must hold at least one image that can be read: found none of {n}.")
        if on_error == "skip":
            store.add(folder, {}, skipped=len(skipped))
        labels = [item.label for item in stored if item.label is not None]
        if labels:
            about = {"long_name": "label"} | ({"classes": classes} if classes else {})
            store.add(folder, {"label": store.Variable(("image",), np.array(labels, dtype=np.int32), attrs=about)})
        if names:
            rows = ((row, item.name, item.label) for row, item in enumerate(stored))
            runtime.write_csv(names, ["row", "image", "label"], rows)


def _loaded(
    items: Iterable[Item], threads: int, on_error: str, skipped: list[str], stored: list[Item]
) -> Iterator[np.ndarray]:
    """The images that can be read; the names of the others and the items of these are appended to the lists."""
    for item, future in _ahead(items, threads):
        try:
            image = future.result()
        except Unreadable as error:
            if on_error == "stop":
                raise ValueError(
                    f"{item.name} cannot be read ({error}); mend it, take it away, or say on_error: skip."
                ) from error
            log.warning("skipped %s: %s", item.name, error)
            skipped.append(item.name)
            continue
        except ValueError as error:  # of the settings: of what is asked of every image
            raise ValueError(f"{item.name}: {error}.") from error
        stored.append(item._replace(load=None))  # which may hold the image
        yield image


def _ahead(items: Iterable[Item], threads: int) -> Iterator[tuple[Item, Future]]:
    """The items in their order, a few per thread being loaded ahead."""
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


def _counted(images: Iterator[np.ndarray], bar: runtime.Progress) -> Iterator[np.ndarray]:
    for image in images:
        yield image
        bar.update(1)
