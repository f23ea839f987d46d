"""Exact samples of the Ising model, by coupling from the past.

The heat bath gives each site in turn a new spin, +1 with probability 1 / (1 + exp(-2 h / T)), where
h is the sum of its neighbours. Driven by the same random numbers, it keeps the order of two fields.
If the chains from all +1 and from all -1, begun at time -t, meet before time 0, so do the chains
from all fields, and their common value at time 0 has exactly the law of the model. Otherwise t is
doubled, with the same random numbers at the same times.

The time to meet grows like N^2.2 at Tc, and exponentially below: `ising` is for those. This module
checks it.

References:
    J. G. Propp & D. B. Wilson, Exact sampling with coupled Markov chains and applications to
    statistical mechanics, Random Structures and Algorithms 9, 1996.
"""

import functools
import math

import numpy as np

from gsn.data.fields import realisations
from gsn.data.fields.ising import TC
from gsn.runtime import arguments, loops


def draw(N: int, *, T: float, seed: int = 0, index: int = 0) -> np.ndarray:
    """Return one exact realisation of the Ising model.

    Args:
        N: Side of the torus, at least 2.
        T: Temperature, at least the critical one, 2.2692.
        seed: Seed of all realisations.
        index: Index of the realisation.

    Returns:
        The spins, (N, N) float32, -1 or 1.

    Raises:
        ValueError: An argument is out of range.

    Example:
        >>> from gsn.data.fields import coupling
        >>> coupling.draw(8, T=4).shape
        (8, 8)
    """
    N = arguments.integer("N", N, least=2)
    T = arguments.real("T", T, least=math.floor(TC * 1e4) / 1e4, such_as=2.4)
    up = 1 / (1 + np.exp(-2 * np.arange(-4, 5) / T))  # probability of +1 by h
    highest, lowest, blocks = np.ones((N, N), np.float32), -np.ones((N, N), np.float32), 0
    while (highest != lowest).any():
        highest[:], lowest[:] = 1, -1
        # Block b has the times -2^b to -2^(b-1), and block 0 the last step.
        for b in range(blocks, -1, -1):
            rng = realisations.stream("coupling", seed, index, b)
            for _ in range(2 ** max(b - 1, 0)):
                _heat(highest, lowest, up, rng.random((N, N)))
        blocks += 1
    return highest


def sample(n: int, N: int, *, T: float, seed: int = 0) -> np.ndarray:
    """Return n independent realisations, (n, N, N) float32; the keywords are those of `draw`."""
    return realisations.many(
        functools.partial(draw, N, T=T, seed=seed), n, f"Ising by coupling, T={T:.4g}"
    )


@loops.compiled(nogil=True)
def _heat(highest, lowest, up, uniform):
    """Update two fields in place, site by site, with the same random numbers."""
    N, M = uniform.shape
    for i in range(N):
        above, below = (i - 1) % N, (i + 1) % N
        for j in range(M):
            left, right = (j - 1) % M, (j + 1) % M
            for x in (highest, lowest):
                h = x[above, j] + x[below, j] + x[i, left] + x[i, right]
                x[i, j] = 1 if uniform[i, j] < up[int(h) + 4] else -1
