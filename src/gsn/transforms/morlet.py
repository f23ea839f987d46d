"""Morlet wavelets and a Gaussian low-pass of periodic fields, by their Fourier transforms.

    g_hat(omega) = exp(-s^2 (omega_1^2 + (omega_2 / q)^2) / 2)
    psi_hat_{j,t}(omega) = g_hat(omega - xi e_1) - b g_hat(omega)
    s = 0.8 2^j,   xi = 3/4 pi 2^-j,   q = 4 / L,   j = 0..J-1,   t = 0..L-1

omega is rotated by the angle of t, and b makes psi_hat(0) zero. The low-pass phi_J is g with
s = 0.8 2^(J-1) and q = 1. The sum over all frequencies that the pixels cannot tell apart makes the
filters those of `gsn.transforms.scattering2d.filters`. Only the frequencies near the maximum are
computed, so that a bank costs little at any size.

References:
    J. Bruna and S. Mallat, Invariant scattering convolution networks, IEEE TPAMI 35(8), 2013.
"""

import numpy as np

PI = 3.1415  # kymatio's, in the norm of g only: the coefficients are then the same numbers
REACH = 8.5  # standard deviations beyond which a Gaussian is below the rounding of float64


def wavelets(shape: tuple[int, int], J: int, L: int) -> list[np.ndarray]:
    """Return the Fourier transforms of the wavelets, (L, H, W) float64 for each of J scales.

    Args:
        shape: Sides (H, W) of the fields.
        J: Number of scales.
        L: Number of angles in [0, pi).

    Example:
        >>> from gsn.transforms import morlet
        >>> [psi.shape for psi in morlet.wavelets((32, 32), J=2, L=4)]
        [(4, 32, 32), (4, 32, 32)]
    """
    angles = [(int(L - L / 2 - 1) - t) * np.pi / L for t in range(L)]
    return [np.stack([wavelet(shape, j, angle, L) for angle in angles]) for j in range(J)]


def wavelet(shape: tuple[int, int], j: int, angle: float, L: int) -> np.ndarray:
    """Return the Fourier transform of the wavelet of one scale and angle, (H, W) float64."""
    sigma, xi = 0.8 * 2**j, 0.75 * np.pi / 2**j
    wave, envelope = (gaussian(shape, sigma, angle, centre, 4 / L) for centre in (xi, 0.0))
    return wave - wave[0, 0] / envelope[0, 0] * envelope


def low_pass(shape: tuple[int, int], J: int) -> np.ndarray:
    """Return the Fourier transform of phi_J, (H, W) float64."""
    return gaussian(shape, 0.8 * 2 ** (J - 1), 0.0, 0.0, 1.0)


def gaussian(shape: tuple[int, int], sigma: float, angle: float, xi: float, q: float) -> np.ndarray:
    """Return g_hat(omega - xi e_1) on the frequencies of a torus, in the order of an FFT.

    Args:
        shape: Sides (H, W) of the torus in pixels.
        sigma: Standard deviation s of g in space along u_1, in pixels.
        angle: Angle in radians.
        xi: Frequency of the maximum in radians per pixel.
        q: Ratio of the standard deviations along u_1 and u_2.

    Returns:
        Real spectrum, (H, W) float64.

    Example:
        >>> from gsn.transforms import morlet
        >>> morlet.gaussian((8, 8), sigma=2, angle=0, xi=0, q=1)[0, :2].round(3).tolist()
        [1.0, 0.291]
    """
    cosine, sine = np.cos(angle), np.sin(angle)
    reach = REACH * max(1, q) / sigma
    lines = []
    for side, centre in zip(shape, (xi * cosine, xi * sine), strict=True):
        unit = 2 * np.pi / side
        lines.append(
            np.arange(*np.rint(np.array([centre - reach, centre + reach]) / unit), dtype=int)
        )
    rows, columns = (2 * np.pi * k / side for k, side in zip(lines, shape, strict=True))
    along = rows[:, None] * cosine + columns * sine - xi
    across = columns * cosine - rows[:, None] * sine
    g = np.exp(-(sigma**2) / 2 * (along**2 + (across / q) ** 2)) * np.pi / PI
    return _folded(_folded(g, lines[0][0], shape[0]).T, lines[1][0], shape[1]).T


def _folded(values: np.ndarray, first: int, side: int) -> np.ndarray:
    """Return the sums of the rows, the first of which is frequency `first`, modulo a side."""
    folds = np.zeros((side, values.shape[1]))
    for start in range(0, len(values), side):
        part = values[start : start + side]
        folds[(first + start + np.arange(len(part))) % side] += part
    return folds
