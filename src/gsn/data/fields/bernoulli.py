"""Independent points: x(u) = 1 with probability p, and 0 otherwise."""

import numpy as np

from gsn.data.fields import realisations
from gsn.runtime import arguments


def draw(N: int, *, p: float = 0.1, seed: int = 0, index: int = 0) -> np.ndarray:
    """Return one realisation of independent points.

    Args:
        N: Side of the field, in points.
        p: Probability of a point, in (0, 1).
        seed: Seed of all realisations.
        index: Index of the realisation.

    Returns:
        The field, (N, N) float32, 0 or 1.

    Raises:
        ValueError: An argument is out of range.

    Example:
        >>> from gsn.data.fields import bernoulli
        >>> sorted(set(bernoulli.draw(16).flat))
        [np.float32(0.0), np.float32(1.0)]
    """
    N = arguments.integer("N", N, least=1)
    p = arguments.real("p", p, above=0, below=1, such_as=0.1)
    return (realisations.stream("bernoulli", seed, index).random((N, N)) < p).astype(np.float32)
