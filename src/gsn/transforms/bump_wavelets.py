"""Bump steerable wavelets, and the Gaussian low-pass that goes with them, in float64.

    psi_hat_{j,q}(omega) = e^{1 - 1/(1 - r^2)} 1{|r| < 1} cos(a)^{L-1} 1{|a| < pi/2} / (C_r C_a)
    r = 2^j |omega| / xi - 1,   xi = 0.85 pi,   a = arg omega - pi q / L,   q = 0..2L-1
    C_r = 1.29,   C_a = sqrt(L (2L-2)!) / ((L-1)! 2^{L-1})
    phi_hat_J(omega) = e^{-s^2 |omega|^2 / 2},   1 / s = 0.702 2^{-0.55} sqrt(2) xi 2^{1-J}

The scales are j = 0..J-1, finest first; j + 1 is j in the paper. A wavelet has no frequency beyond
2 xi / 2^j and none in the half plane opposite to its direction. So the wavelet transform of a real
field in direction q + L is the conjugate of that in direction q. psi_hat and phi_hat are summed
over the neighbouring periods of 2 pi.

References:
    S. Mallat, S. Zhang and G. Rochette, Phase harmonic correlations and convolutional neural
    networks, Information and Inference 9(3), 2020.

    S. Zhang and S. Mallat, Maximum entropy models from phase harmonic covariances, Applied and
    Computational Harmonic Analysis 53, 2021.
"""

import math
from collections.abc import Iterator

import numpy as np

XI = 0.85 * np.pi  # frequency of the finest wavelets, in radians per pixel
BANDWIDTH = 0.702 * 2**-0.55 * math.sqrt(2)  # of phi, as a fraction of the coarsest wavelet's
RADIAL = 1.29  # C_r
BOUNDARY = 1e-12  # cosine below which a frequency counts as orthogonal to a direction


def psi(shape: tuple[int, int], j: int, L: int, *, directions: int | None = None) -> np.ndarray:
    """Return the Fourier transforms of the wavelets of one scale, which are real.

    Args:
        shape: Sides (H, W) of the fields, in points.
        j: Index of the scale, 0 for the finest.
        L: Number of directions in half a turn.
        directions: Number of directions returned, from q = 0 on; 2 L by default. L are enough for
            real fields.

    Returns:
        Transforms in the order of an FFT, (directions, H, W) float64. Angles turn from the last
        axis, q = 0, to the first, q = L / 2.

    References:
        S. Zhang and S. Mallat, Maximum entropy models from phase harmonic covariances, Applied and
        Computational Harmonic Analysis 53, 2021.

    Example:
        >>> from gsn.transforms import bump_wavelets
        >>> psi = bump_wavelets.psi((32, 32), 1, 4)
        >>> psi.shape
        (8, 32, 32)
        >>> [int(i) for i in np.unravel_index(psi[0].argmax(), (32, 32))]  # 0.85 pi / 2
        [0, 7]
    """
    angles = np.pi * np.arange(2 * L if directions is None else directions)[:, None] / L
    summed = np.zeros((len(angles), *shape))
    for rows, columns in _periods(shape):
        modulus = np.hypot(rows, columns)
        r = 2.0**j * modulus / XI - 1
        inside = np.abs(r) < 1
        rows, columns = (np.broadcast_to(axis, shape)[inside] for axis in (rows, columns))
        cosine = (np.cos(angles) * columns + np.sin(angles) * rows) / modulus[inside]  # (q, points)
        angular = np.where(cosine > BOUNDARY, cosine ** (L - 1), 0)
        summed[:, inside] += np.exp(1 - 1 / (1 - r[inside] ** 2)) * angular
    factorials = math.sqrt(L * math.factorial(2 * L - 2)) / math.factorial(L - 1)
    return summed / (RADIAL * factorials / 2 ** (L - 1))


def phi(shape: tuple[int, int], J: int) -> np.ndarray:
    """Return the Fourier transform of the low-pass of J scales, (H, W) float64.

    Args:
        shape: Sides (H, W) of the fields, in points.
        J: Number of scales.

    Example:
        >>> from gsn.transforms import bump_wavelets
        >>> phi = bump_wavelets.phi((32, 32), 3)
        >>> round(float(phi[0, 0]), 6), round(float(phi[0, 4]), 3)
        (1.0, 0.222)
    """
    s = 1 / (BANDWIDTH * XI * 2.0 ** (1 - J))
    return sum(np.exp(-((s * np.hypot(*omega)) ** 2) / 2) for omega in _periods(shape))


def _periods(shape: tuple[int, int]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the frequencies of an FFT, (H, 1) and (1, W), in nine neighbouring periods."""
    H, W = (2 * np.pi * np.fft.fftfreq(side) for side in shape)
    for row in range(-1, 2):
        for column in range(-1, 2):
            yield (H + 2 * np.pi * row)[:, None], (W + 2 * np.pi * column)[None]
