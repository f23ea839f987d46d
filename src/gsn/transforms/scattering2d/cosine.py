"""The cosine transform of scattering coefficients along scales and angles.

Along the variables of a path, the logarithms of scattering coefficients of natural signals are
correlated. For each position and each order, a separable orthonormal cosine transform runs along
the scales l1 = j1 and l2 = j2 - j1 and along each angle, and the half of the lowest frequencies is
kept (Bruna & Mallat 2013, section 3.5).

References:
    J. Bruna and S. Mallat, Invariant scattering convolution networks, IEEE TPAMI 35(8), 2013.
"""

import math

import numpy as np
from scipy import fft

from gsn.transforms.scattering2d.path_table import paths


def cosine_basis(J: int, L: int, max_order: int = 2, *, half: bool = True) -> np.ndarray:
    """Return the matrix C of the cosine transform, whose rows are orthonormal.

        S_cos[k, u] = sum_p C[k, p] S[p, u]

    The scales of order 2 form a triangle, j1 >= 0, l2 >= 1, j1 + l2 < J. There the transform runs
    along j1 for each l2, and then along l2 for each frequency along j1.

    Args:
        J: Scale of averaging, as log2.
        L: Number of angles.
        max_order: Largest number of wavelets on a path, 1 or 2.
        half: Whether the lower half of the frequencies of each order is kept, or all of them.

    Returns:
        The matrix, (K', K) float64, with the channels of `paths` as columns. With all frequencies
        it is orthogonal.

    Raises:
        ValueError: An argument is out of range.

    Example:
        >>> from gsn.transforms.scattering2d.cosine import cosine_basis
        >>> cosine_basis(J=3, L=8).shape, cosine_basis(J=3, L=8, half=False).shape
        ((109, 217), (217, 217))
    """
    table = paths(J, L, max_order)
    orders, t1, t2 = table["order"], table["theta1"].astype(int), table["theta2"].astype(int)
    pairs = [(j1, j2) for j1 in range(J) for j2 in range(j1 + 1, J)]
    matrix, chosen = np.zeros((len(orders),) * 2), [0]
    matrix[0, 0] = 1
    for order in range(1, max_order + 1):
        own = np.flatnonzero(orders == order)
        scales, frequencies = _line(J) if order == 1 else _triangle(J, pairs)
        angles, turns = _line(L)
        if order == 1:
            place = np.ravel_multi_index((table["j1"][own].astype(int), t1[own]), (J, L))
        elif pairs:
            j = [pairs.index(pair) for pair in zip(table["j1"][own], table["j2"][own], strict=True)]
            place = np.ravel_multi_index((j, t1[own], t2[own]), (len(pairs), L, L))
        else:
            continue
        for _ in range(order):
            scales = np.kron(scales, angles)
            frequencies = np.add.outer(frequencies, turns).ravel()
        matrix[np.ix_(own, own)] = scales[np.ix_(place, place)]
        # ASSUME: the lower half is by the sum of the frequencies, each as a share of its axis.
        kept = math.ceil(len(own) / 2) if half else len(own)
        lowest = np.argsort(frequencies[place], kind="stable")[:kept]
        chosen += own[np.sort(lowest)].tolist()
    return matrix[chosen]


def _line(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the transform of n numbers, (n, n), and the frequencies as shares of the axis."""
    return fft.dct(np.eye(n), axis=0, norm="ortho"), np.arange(n) / n


def _triangle(J: int, pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Return the transform of the pairs of scales, and the sum of the two frequencies of each."""
    along, across = (np.zeros((len(pairs),) * 2) for _ in range(2))
    frequencies = np.zeros(len(pairs))
    for l2 in range(1, J):
        line = [pairs.index((j1, j1 + l2)) for j1 in range(J - l2)]
        along[np.ix_(line, line)] = _line(J - l2)[0]
    # The place of (j1, l2) now holds the frequency k1 = j1 of l2.
    for k1 in range(J - 1):
        line = [pairs.index((k1, k1 + l2)) for l2 in range(1, J - k1)]
        across[np.ix_(line, line)] = _line(len(line))[0]
        frequencies[line] = (k1 + np.arange(len(line))) / (J - 1)
    return across @ along, frequencies
