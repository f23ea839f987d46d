"""Streams of arrays: work done ahead of its use, in bounded memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # slow to import
    import numpy
    import torch


def ahead(function: Callable, items: Iterable, *, threads: int = 1) -> Iterator:
    """Yield function(item) for each item, in order.

    Threads compute up to 2 `threads` results in advance.
    """
    results: deque[Future] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for item in items:
                results.append(pool.submit(function, item))
                if len(results) > 2 * threads:
                    yield results.popleft().result()
            while results:
                yield results.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def to_host(tensors: Iterable["torch.Tensor"]) -> Iterator["numpy.ndarray"]:
    """Yield tensors as arrays; a tensor of a GPU is copied while the next one is computed."""
    import torch

    copies = torch.cuda.Stream() if torch.cuda.is_available() else None
    # At most two pairs: an array in page-locked memory, and the event that ends its copy.
    arriving = deque()
    for tensor in tensors:
        if not tensor.is_cuda:
            yield tensor.numpy()
            continue
        copies.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(copies):
            arriving.append((tensor.to("cpu", non_blocking=True), copies.record_event()))
        tensor.record_stream(copies)
        if len(arriving) > 1:
            yield _arrived(*arriving.popleft())
    while arriving:
        yield _arrived(*arriving.popleft())


def _arrived(host: "torch.Tensor", filled: "torch.cuda.Event") -> "numpy.ndarray":
    filled.synchronize()
    return host.numpy()
