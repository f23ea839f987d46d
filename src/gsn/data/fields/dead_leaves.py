"""Dead leaves: opaque discs of all sizes in front of each other, as objects in a photograph.

Discs fall on the torus, at uniform places. Their radii have the density r^-3 between two bounds,
which makes the law nearly invariant to a change of scale. Their grey levels are uniform in [0, 1].
A site shows the disc that is in front. Discs are drawn from the front to the back until all sites
are covered, which gives the law of the limit exactly.

With gamma(tau) the mean area of the intersection of a disc and its copy shifted by tau, two sites
show the same disc with probability

    P(tau) = gamma(tau) / (2 gamma(0) - gamma(tau)),      Cov x(tau) = P(tau) / 12.

References:
    A. B. Lee, D. Mumford & J. Huang, Occlusion models for natural images: a statistical study of a
    scale-invariant dead leaves model, International Journal of Computer Vision 41, 2001.
"""

import math

import numpy as np

from gsn.data.fields import realisations
from gsn.runtime import arguments, loops

BLOCK = 4096  # discs drawn at once


def draw(
    N: int, *, least: float = 2.0, most: float | None = None, seed: int = 0, index: int = 0
) -> np.ndarray:
    """Return one realisation of dead leaves.

    Args:
        N: Side of the torus, in points, at least 2.
        least: Smallest radius, in points, positive.
        most: Largest radius, in points, above the smallest and below N / 2; N / 4 by default.
        seed: Seed of all realisations.
        index: Index of the realisation.

    Returns:
        The grey levels, (N, N) float32 in [0, 1].

    Raises:
        ValueError: An argument is out of range.

    Example:
        >>> from gsn.data.fields import dead_leaves
        >>> x = dead_leaves.draw(32)
        >>> bool(x.min() >= 0), bool(x.max() <= 1)
        (True, True)
    """
    N = arguments.integer("N", N, least=2)
    most = arguments.real("most", N / 4 if most is None else most, below=N / 2, such_as=N / 4)
    least = arguments.real("least", least, above=0, below=most, such_as=most / 2)
    rng = realisations.stream("dead_leaves", seed, index)
    x, left = np.full((N, N), np.nan, dtype=np.float32), N * N
    while left:
        u = rng.random((BLOCK, 4))
        u[:, :2] *= N
        u[:, 2] = radii(u[:, 2], least, most)
        left = _paint(x, u, left)
    return x


def radii(u: np.ndarray, least: float, most: float) -> np.ndarray:
    """Return radii of density r^-3 between two bounds, of uniform numbers in [0, 1).

    Example:
        >>> import numpy as np
        >>> from gsn.data.fields import dead_leaves
        >>> dead_leaves.radii(np.array([0.0, 0.5]), 1, 1000)
        array([1.        , 1.41421286])
    """
    return (least**-2 - u * (least**-2 - most**-2)) ** -0.5


@loops.compiled(nogil=True)
def _paint(x, discs, left):
    """Put discs (row, column, radius, grey) behind x, and return how many sites are left."""
    N = x.shape[0]
    for d in range(discs.shape[0]):
        row, column, radius, grey = discs[d]
        for i in range(math.ceil(row - radius), math.floor(row + radius) + 1):
            half = math.sqrt(max(radius**2 - (i - row) ** 2, 0.0))
            for j in range(math.ceil(column - half), math.floor(column + half) + 1):
                if math.isnan(x[i % N, j % N]):
                    x[i % N, j % N] = grey
                    left -= 1
        if left == 0:
            break
    return left
