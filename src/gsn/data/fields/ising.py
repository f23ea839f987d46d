"""The Ising model on the torus, by cluster updates.

    p(x) = exp(T^-1 sum_{u ~ v} x(u) x(v)) / Z,      x(u) = +-1,

over the pairs u ~ v of neighbours of the N x N torus, each counted once. It is critical at
Tc = 2 / log(1 + sqrt 2) = 2.2692. Above Tc the correlations decay exponentially. Below, and on a
finite torus also at Tc, the law is a mixture of fields of either sign.

A sweep of Swendsen and Wang puts a bond between equal neighbours with probability 1 - exp(-2 / T)
and gives each connected cluster a new random sign. It leaves p invariant, and moves the large
clusters too: its relaxation time is a few sweeps at Tc. The start is white noise.

References:
    R. H. Swendsen & J.-S. Wang, Nonuniversal critical dynamics in Monte Carlo simulations, Physical
    Review Letters 58, 1987.
"""

import functools
import math

import numpy as np

from gsn.data.fields import realisations
from gsn.runtime import arguments, loops
from gsn.runtime.forest import join, root

TC = 2 / math.log(1 + math.sqrt(2))
SWEEPS = 100


def draw(
    N: int, *, T: float = TC, seed: int = 0, index: int = 0, sweeps: int = SWEEPS
) -> np.ndarray:
    """Return one realisation of the Ising model.

    Args:
        N: Side of the torus, at least 2.
        T: Temperature, positive, in units of the coupling.
        seed: Seed of all realisations.
        index: Index of the realisation.
        sweeps: Number of sweeps from white noise.

    Returns:
        The spins, (N, N) float32, -1 or 1.

    Raises:
        ValueError: An argument is out of range.

    Example:
        >>> from gsn.data.fields import ising
        >>> float(abs(ising.draw(16, T=0.5).mean()))  # frozen
        1.0
    """
    N = arguments.integer("N", N, least=2)
    T = arguments.real("T", T, above=0, such_as=TC)
    rng, bond = realisations.stream("ising", seed, index), -math.expm1(-2 / T)
    x = np.where(rng.random(N * N, dtype=np.float32) < 0.5, -1, 1).astype(np.float32)
    uniform, parent = np.empty((3, N * N), dtype=np.float32), np.empty(N * N, dtype=np.int64)
    for _ in range(arguments.integer("sweeps", sweeps, least=1)):
        rng.random(out=uniform, dtype=np.float32)
        _sweep(x, bond, uniform, parent)
    return x.reshape(N, N)


def sample(n: int, N: int, *, T: float = TC, seed: int = 0, sweeps: int = SWEEPS) -> np.ndarray:
    """Return n independent realisations, (n, N, N) float32; the keywords are those of `draw`."""
    return realisations.many(
        functools.partial(draw, N, T=T, seed=seed, sweeps=sweeps), n, f"Ising, T={T:.4g}"
    )


@loops.compiled(nogil=True)
def _sweep(x, bond, uniform, parent):
    """Update the N x N spins x, (N^2,), once, in place.

    uniform, (3, N^2), has a random number for the bond to the right, the bond below, and the sign
    of each site. parent, (N^2,), is memory for the forest of clusters.
    """
    d = len(x)
    N = round(math.sqrt(d))
    for s in range(d):
        parent[s] = s
    for i in range(N):
        for j in range(N):
            s = i * N + j
            right, below = (s + 1 if j + 1 < N else i * N), (s + N if i + 1 < N else j)
            if uniform[0, s] < bond and x[s] == x[right]:
                join(parent, s, right)
            if uniform[1, s] < bond and x[s] == x[below]:
                join(parent, s, below)
    for s in range(d):
        if uniform[2, root(parent, s)] < 0.5:
            x[s] = -x[s]
