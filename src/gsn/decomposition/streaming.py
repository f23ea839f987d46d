"""Sums over the blocks of rows of an array that does not fit in memory."""

import functools
import itertools
from collections.abc import Callable, Iterator

import dask
import dask.array as da
import numpy as np
import torch
from dask.delayed import delayed

from gsn.runtime import progress, streams


def read(array: da.Array) -> Iterator[np.ndarray]:
    """Yield the blocks of rows of an array, in order.

    The next blocks are read while one is used, with a thread for every four threads of torch.
    Makes one pass over the array, and holds at most 2 t + 2 blocks for t reading threads.

    Args:
        array: Array in blocks of whole rows, (n, p).

    Example:
        >>> import dask.array as da
        >>> from gsn.decomposition.streaming import read
        >>> [block.shape for block in read(da.zeros((5, 3), chunks=(2, 3)))]
        [(2, 3), (2, 3), (1, 3)]
    """
    blocks = (array.blocks[i] for i in range(array.numblocks[0]))
    threads = max(1, torch.get_num_threads() // 4)
    return streams.ahead(
        lambda block: block.compute(scheduler="synchronous"), blocks, threads=threads
    )


def summed(
    function: Callable, array: da.Array, parts: int, label: str, *shared: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Return the sums that a function makes over all blocks of rows of an array.

    Makes one pass over the array. With parts, dask's workers make the sums of consecutive blocks,
    and these are added in a fixed order.

    Args:
        function: Function (blocks, *shared) -> sums, where blocks is an iterator of (rows, p).
        array: Array in blocks of whole rows, (n, p).
        parts: Number of parts for dask's workers, or 0 to compute here.
        label: Label of the progress bar.
        shared: Arrays that every part needs.

    Example:
        >>> import dask.array as da
        >>> from gsn.decomposition.streaming import summed
        >>> rows = lambda blocks: (sum(len(block) for block in blocks),)
        >>> summed(rows, da.zeros((5, 3), chunks=(2, 3)), 0, "rows")
        (5,)
    """
    bar = progress.Progress(total=len(array), unit="image", label=label)
    if not parts:
        total = function(bar.over(read(array)), *shared)
    else:
        shared = [delayed(item, traverse=False) for item in shared]
        edges = np.unique(np.linspace(0, array.numblocks[0], parts + 1).astype(int))
        tasks = [
            delayed(functools.partial(_part, function, array.blocks[a:b]))(*shared)
            for a, b in itertools.pairwise(edges)
        ]
        while len(tasks) > 1:  # a binary tree: the order of the additions does not depend on time
            tasks = [delayed(_add)(*tasks[i : i + 2]) for i in range(0, len(tasks), 2)]
        total = dask.compute(tasks[0])[0]
        bar.update(len(array))
    bar.close()
    return total


def _part(function: Callable, blocks: da.Array, *shared: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the sums over some blocks, on a worker."""
    return function(read(blocks), *shared)


def _add(*parts: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    """Return the sums of two parts, or of the last one alone."""
    return tuple(sum(terms[1:], start=terms[0]) for terms in zip(*parts, strict=True))
