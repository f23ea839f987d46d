"""The filters of the scattering transform, Morlet wavelets and a Gaussian, in float64.

    g_s(u) = q / (2 pi s^2) exp(-(u1^2 + q^2 u2^2) / (2 s^2))
    psi_{j,t}(u) = (e^{i xi u1} - b) g_s(u),   s = 0.8 2^j,   xi = 3/4 pi 2^-j,   q = 4 / L
    phi_J(u) = g_s(u),   s = 0.8 2^(J-1),   q = 1

In psi, u is rotated by the angle t, and b makes the mean of psi zero. All filters are made
periodic. The shape is that of Bruna & Mallat (2013), and the constants are kymatio's (Andreux et
al. 2020).

At a periodic boundary the torus is the image itself, of any even side, and the last average may be
the mean of all pixels. A side halves only as often as 2 divides it: |x * psi_j| has the resolution
2^-r(j), with r(j) = j or the largest power of 2 in both sides, and less where it is oversampled.

References:
    J. Bruna and S. Mallat, Invariant scattering convolution networks, IEEE TPAMI 35(8), 2013.

    M. Andreux et al., Kymatio: Scattering transforms in Python, JMLR 21, 2020.
"""

import math
from dataclasses import dataclass

import numpy as np

from gsn.transforms import morlet as in_fourier
from gsn.transforms.morlet import PI

BLOCK = 2**19  # numbers of the torus and its neighbours that are computed at once


@dataclass(frozen=True)
class Bank:
    """The filters for images of one shape, padded to the torus (H, W).

    A resolution 2^-r is named by r. phi is separable, so a low-pass is `rows @ U @ columns.T`. The
    wavelets are computed when they are asked for, one scale at a time.

    Attributes:
        J: Scale of averaging, as log2.
        L: Number of angles.
        shape: Sides of the torus (H, W), in pixels.
        periodic: Whether the torus is the image. Its filters are computed in Fourier, with all
            their periods, and those of padded images in space, as in kymatio.
        resolution: For each scale j, the r of the resolution 2^-r of |x * psi_j|.
        reflect: For each axis, the places of the image that its padded copy shows, (side padded,).
        rows: For each r, the matrix that filters columns of pixels with phi_J, subsamples them to
            2^-J and unpads them, (H/2^J - 2, H/2^r); or takes their mean, (1, H/2^r).
        columns: The same for rows of pixels, (W/2^J - 2, W/2^r).
    """

    J: int
    L: int
    shape: tuple[int, int]
    periodic: bool
    resolution: tuple[int, ...]
    reflect: tuple[np.ndarray, np.ndarray]
    rows: list[np.ndarray]
    columns: list[np.ndarray]

    def psi(self, j: int) -> list[np.ndarray]:
        """Return the Fourier transforms of the wavelets of scale j, which are real.

        Returns:
            For each resolution r from which the scale is computed, that of the image (0) or of a
            finer scale, the transforms, (L, H/2^r, W/2^r) float64.
        """
        spectra = np.empty((self.L, *self.shape))
        for t in range(self.L):
            angle = (int(self.L - self.L / 2 - 1) - t) * np.pi / self.L
            if self.periodic:
                spectra[t] = in_fourier.wavelet(self.shape, j, angle, self.L)
            else:
                sigma, xi, q = 0.8 * 2**j, 0.75 * np.pi / 2**j, 4 / self.L
                spectra[t] = np.fft.fft2(morlet(self.shape, sigma, angle, xi, q)).real
        finest = self.resolution[max(j - 1, 0)]
        return [periodise(spectra, r) for r in range(finest + 1 if j else 1)]


def bank(
    J: int,
    shape: tuple[int, int],
    L: int,
    *,
    periodic: bool = False,
    means: bool = False,
    oversampling: int = 0,
) -> Bank:
    """Return the filters for images of one shape.

    A side of n pixels is padded to ((n + 2^J) // 2^J + 1) 2^J pixels, as kymatio does, unless the
    images are periodic.

    Args:
        J: Scale of averaging, as log2, at least 1.
        shape: Sides of the images in pixels, at least 2^J.
        L: Number of angles, at least 1.
        periodic: Whether the images are periods of a torus. Their sides are even, and unless the
            means are taken, multiples of 2^J.
        means: Whether the last average is the mean of all pixels of the torus, in place of phi_J.
        oversampling: Log2 of the factor by which the grids of the bands are finer than 2^j.

    References:
        J. Bruna and S. Mallat, Invariant scattering convolution networks, IEEE TPAMI 35(8), 2013.

        M. Andreux et al., Kymatio: Scattering transforms in Python, JMLR 21, 2020.

    Example:
        >>> from gsn.transforms.scattering2d.filters import bank
        >>> built = bank(J=2, shape=(16, 16), L=4)
        >>> [psi.shape for j in range(2) for psi in built.psi(j)]
        [(4, 24, 24), (4, 24, 24)]
        >>> [matrix.shape for matrix in built.rows]
        [(4, 24), (4, 12)]
    """
    H, W = shape if periodic else (((side + 2**J) // 2**J + 1) * 2**J for side in shape)
    halvings = math.gcd(H, W, 2 ** (J - 1)).bit_length() - 1
    resolution = tuple(min(max(j - oversampling, 0), halvings) for j in range(J))
    phi = in_fourier.low_pass((H, W), J)
    if not periodic:
        phi = np.fft.fft2(gabor((H, W), 0.8 * 2 ** (J - 1), 0, 0, 1)).real
    rows, columns = [], []
    for r in range(halvings + 1):
        level = periodise(phi, r)
        for matrices, spectrum in ((rows, level[:, 0]), (columns, level[0])):
            if means:
                matrices.append(np.full((1, len(spectrum)), 1 / len(spectrum)))
                continue
            spectrum = spectrum / np.sqrt(level[0, 0])
            matrices.append(subsampling_matrix(spectrum, 2 ** (J - r), unpads=not periodic))
    reflect = tuple(
        np.pad(np.arange(side), ((padded - side) // 2, (padded - side + 1) // 2), mode="reflect")
        for side, padded in zip(shape, (H, W), strict=True)
    )
    return Bank(J, L, (H, W), periodic, resolution, reflect, rows, columns)


def gabor(shape: tuple[int, int], sigma: float, angle: float, xi: float, q: float) -> np.ndarray:
    """Return g_s(u) e^{i xi u1} on a torus, with u rotated by an angle.

    Args:
        shape: Sides (H, W) of the torus in pixels.
        sigma: Standard deviation s of the Gaussian along u1, in pixels.
        angle: Angle in radians.
        xi: Frequency in radians per pixel.
        q: Ratio of the standard deviations along u1 and u2.

    Returns:
        Filter with the origin at [0, 0], (H, W) complex128.

    Example:
        >>> from gsn.transforms.scattering2d.filters import gabor
        >>> g = gabor((16, 16), sigma=1, angle=0, xi=0, q=1)
        >>> g.shape, round(g.real.sum().item(), 3)
        ((16, 16), 1.0)
    """
    (H, W), cosine, sine = shape, np.cos(angle), np.sin(angle)
    # Two periods on each side: beyond them the Gaussian is zero.
    periods, v = H * np.arange(-2, 3)[:, None], np.arange(-2 * W, 3 * W)
    summed, step = np.empty(shape, dtype=complex), max(1, BLOCK // (25 * W))
    for first in range(0, H, step):
        u = (periods + np.arange(first, min(first + step, H)))[:, :, None]  # (period, row, 1)
        u1, u2 = u * cosine + v * sine, v * cosine - u * sine  # (period, row, 5 W)
        g = np.exp(-(u1**2 + (q * u2) ** 2) / (2 * sigma**2) + 1j * xi * u1)
        g = g * q / (2 * PI * sigma**2)
        summed[first : first + step] = g.reshape(5, -1, 5, W).sum(axis=(0, 2))
    return summed


def morlet(shape: tuple[int, int], sigma: float, angle: float, xi: float, q: float) -> np.ndarray:
    """Return psi = g_s e^{i xi u1} - b g_s on a torus, with b such that its mean is 0.

    The arguments are those of `gabor`.

    Returns:
        Wavelet with the origin at [0, 0], (H, W) complex128.

    Example:
        >>> from gsn.transforms.scattering2d.filters import morlet
        >>> psi = morlet((16, 16), sigma=0.8, angle=0, xi=2.4, q=0.5)
        >>> abs(psi.mean().item()) < 1e-15
        True
    """
    wave, envelope = gabor(shape, sigma, angle, xi, q), gabor(shape, sigma, angle, 0, q)
    return wave - wave.sum() / envelope.sum() * envelope


def periodise(f_hat: np.ndarray, r: int) -> np.ndarray:
    """Return the spectrum of a filter at the resolution 2^-r.

    As in kymatio, frequencies outside the remaining band are set to zero, and the spectrum is
    then folded.

    Args:
        f_hat: Spectra, (..., H, W).
        r: Resolution. 2^r divides H and W.

    Returns:
        Spectra, (..., H/2^r, W/2^r).

    Example:
        >>> import numpy as np
        >>> from gsn.transforms.scattering2d.filters import periodise
        >>> periodise(np.ones((8, 4)), 1).shape
        (4, 2)
    """
    *_, H, W = f_hat.shape
    k = 2**r
    kept = np.ones((H, W))
    kept[H // (2 * k) : H // (2 * k) + int(H * (1 - 1 / k))] = 0
    kept[:, W // (2 * k) : W // (2 * k) + int(W * (1 - 1 / k))] = 0
    folds = (f_hat * kept).reshape(*f_hat.shape[:-2], k, H // k, k, W // k)  # (..., a, row, b, col)
    return folds.sum(axis=(-4, -2))


def subsampling_matrix(spectrum: np.ndarray, step: int, *, unpads: bool = True) -> np.ndarray:
    """Return the matrix of a circular convolution, a subsampling and an unpadding, on a line.

    It convolves with a filter, and keeps every step-th sample.

    Args:
        spectrum: Real spectrum of the filter, (side,).
        step: Step of the subsampling. It divides side.
        unpads: Whether the first and the last of the samples are dropped.

    Returns:
        Matrix, (side / step - 2, side) float64, or (side / step, side).

    Example:
        >>> import numpy as np
        >>> from gsn.transforms.scattering2d.filters import subsampling_matrix
        >>> subsampling_matrix(np.ones(8), 2).argmax(axis=1).tolist()  # the filter is an impulse
        [2, 4]
    """
    f = np.fft.ifft(spectrum).real
    side = len(f)
    kept = np.arange(0, side, step)
    kept = kept[1:-1] if unpads else kept
    return f[(kept[:, None] - np.arange(side)[None, :]) % side]
