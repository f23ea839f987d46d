"""Domains of equal sign of periodic fields: their sizes, and the magnetisation.

Two points belong to one domain if a path of neighbours of equal sign joins them. A point has four
neighbours, on the torus. At the critical temperature of the Ising model there are domains of all
sizes, which a model of its spectrum alone does not have.
"""

from collections.abc import Sequence

import numpy as np

from gsn.metrics.fields.arguments import fields, samples
from gsn.runtime import arguments, loops
from gsn.runtime.forest import join, root


def cluster_sizes(x: np.ndarray, *, level: float = 0.0) -> list[np.ndarray]:
    """Return the sizes of the domains of equal sign of x - level, field by field.

    Points at the level count as below it. Makes one pass over each field.

    Args:
        x: Fields, (n, H, W) real, periodic.
        level: Level that the signs are taken of, in units of x.

    Returns:
        For each field the numbers of points of its domains, decreasing, (domains,) int64. They sum
        to H W.

    Raises:
        ValueError: x is no batch of fields, or not finite.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.fields import cluster_sizes
        >>> x = -np.ones((1, 4, 4))
        >>> x[0, 0, 0] = x[0, 3, 0] = x[0, 1, 2] = 1  # the first two meet across the border
        >>> [sizes.tolist() for sizes in cluster_sizes(x)]
        [[13, 2, 1]]
    """
    x = fields("x", x)
    counts = (np.bincount(_domains(field > level)) for field in x)
    return [np.sort(count[count > 0])[::-1] for count in counts]


def cluster_law(sizes: Sequence[np.ndarray], d: int) -> dict[str, np.ndarray]:
    """Return the law of the sizes of the domains of each field, in octaves of size.

        number(b) = domains with 2^b <= s < 2^{b+1}, per point and per unit of s
        share(b)  = share of the points in domains with s >= 2^b

    Args:
        sizes: Sizes of the domains of each field, as of `cluster_sizes`, n arrays.
        d: Number of points of a field.

    Returns:
        `low`, the smallest size of each octave, (octaves,) int64; `size`, the geometric mean of the
        first and the last, (octaves,); `number` and `share`, (n, octaves).

    Raises:
        ValueError: There is no field, or the sizes of one do not sum to d.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.fields import cluster_law
        >>> law = cluster_law([np.array([5, 2, 1])], 8)
        >>> law["low"].tolist(), law["number"].tolist(), law["share"].tolist()
        ([1, 2, 4, 8], [[0.125, 0.0625, 0.03125, 0.0]], [[1.0, 0.875, 0.625, 0.0]])
    """
    d = arguments.integer("d", d, least=1)
    if not len(sizes) or any(np.sum(one) != d for one in sizes):
        raise ValueError(
            f"the sizes of each field must sum to its d={d} points: got "
            f"{[int(np.sum(one)) for one in sizes][:8]}; use those of `cluster_sizes`."
        )
    edges = 2 ** np.arange(d.bit_length() + 1)
    last = np.minimum(edges[1:] - 1, d)
    low, width = edges[:-1], last - edges[:-1] + 1
    counts = np.stack([np.histogram(one, edges)[0] for one in sizes])
    points = np.stack([np.histogram(one, edges, weights=one)[0] for one in sizes])
    return {
        "low": low,
        "size": np.sqrt(low * last),
        "number": counts / (d * width),
        "share": points[:, ::-1].cumsum(axis=1)[:, ::-1] / d,
    }


def magnetisation(x: np.ndarray) -> np.ndarray:
    """Return the mean of each field, (n,) float64, which is the magnetisation of spins.

    Args:
        x: Fields, (n, H, W) real.

    Raises:
        ValueError: x is no batch of fields, or not finite.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.fields import magnetisation
        >>> magnetisation(np.array([[[1, 1], [1, -1]], [[1, -1], [-1, 1]]])).tolist()
        [0.5, 0.0]
    """
    return fields("x", x).mean(axis=(1, 2))


def binder_cumulant(m: np.ndarray) -> float:
    """Return the Binder cumulant of magnetisations.

        U = 1 - <m^4> / (3 <m^2>^2)

    U is near 0 in the disordered phase, where m is Gaussian, and near 2/3 in the ordered phase,
    where m has two values. Curves of U against T for several sizes cross at the critical T.

    Args:
        m: Magnetisation of each field, as of `magnetisation`, (n,).

    Raises:
        ValueError: There are fewer than two magnetisations, one is not finite, or all are 0.

    References:
        K. Binder, Finite size scaling analysis of Ising model block distribution functions,
        Zeitschrift für Physik B 43, 1981.

    Example:
        >>> from gsn.metrics.fields import binder_cumulant
        >>> round(binder_cumulant([-0.7, 0.7, 0.7]), 6)
        0.666667
    """
    squares = np.square(samples("m", m, axes=1))
    if not squares.any():
        raise ValueError("m must not be 0 for all fields: got zeros; use other fields.")
    return float(1 - np.square(squares).mean() / (3 * squares.mean() ** 2))


@loops.compiled(nogil=True)
def _domains(above):
    """Return a number for each point that the points of its domain share, (H W,) int64.

    Trees of points are joined along equal neighbours; the number is the root of the tree.
    """
    H, W = above.shape
    parent = np.arange(H * W)
    for i in range(H):
        for j in range(W):
            down, right = (i + 1) % H, (j + 1) % W
            if above[i, j] == above[down, j]:
                join(parent, i * W + j, down * W + j)
            if above[i, j] == above[i, right]:
                join(parent, i * W + j, i * W + right)
    for p in range(H * W):
        parent[p] = root(parent, p)
    return parent
