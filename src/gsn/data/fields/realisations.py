"""Random streams of realisations, and many realisations at once."""

import os
import zlib
from collections.abc import Callable

import numpy as np

from gsn.runtime import arguments, progress, streams


def stream(process: str, seed: int, index: int, *further: int) -> np.random.Generator:
    """Return the random generator of one realisation.

    Args:
        process: Name of the process, so that two processes of one seed are independent.
        seed: Seed of all realisations.
        index: Index of the realisation.
        further: Other integers that the stream depends on.

    Example:
        >>> from gsn.data.fields import realisations
        >>> one, same = (realisations.stream("cox", 0, 3).random() for _ in range(2))
        >>> one == same
        True
    """
    seed = arguments.integer("seed", seed, least=0)
    index = arguments.integer("index", index, least=0)
    return np.random.default_rng([seed, index, zlib.crc32(process.encode()), *further])


def many(draw: Callable[..., np.ndarray], n: int, label: str) -> np.ndarray:
    """Return realisations 0 to n - 1, in threads: one on each core.

    Args:
        draw: Function of the keyword index that returns a realisation, (N, N).
        n: Number of realisations.
        label: Name of the process, for the progress.

    Returns:
        The realisations, (n, N, N) float32.

    Example:
        >>> import numpy as np
        >>> from gsn.data.fields import realisations
        >>> realisations.many(lambda index: np.full((1, 1), index), 3, "index").ravel()
        array([0., 1., 2.], dtype=float32)
    """
    n = arguments.integer("n", n, least=1)
    drawn = streams.ahead(lambda i: draw(index=i), range(n), threads=min(n, os.cpu_count() or 1))
    steps = progress.Progress(total=n, unit="fields", label=label)
    x = None
    for i, field in enumerate(drawn):
        x = np.empty((n, *field.shape), dtype=np.float32) if x is None else x
        x[i] = field
        steps.update(1)
    steps.close()
    return x
