"""The filters of the scattering transform, in float64: Morlet wavelets and a Gaussian, with kymatio's constants.

    g_s(u) = exp(-(u1^2 + q^2 u2^2) / 2 s^2) q / 2 pi s^2
    psi_{j,t}(u) = (e^{i x u1} - b) g_s(u),  s = 0.8 2^j,  x = 3 pi / 4 2^-j,  q = 4 / L,  u turned by the angle t
    phi_J(u) = g_s(u),  s = 0.8 2^(J-1),  q = 1

with b such that psi has the mean 0; all made periodic.
"""

from dataclasses import dataclass

import numpy as np

PI = 3.1415  # in the norm of g only: kymatio's, so that the coefficients are the same numbers


@dataclass(frozen=True)
class Bank:
    """Filters for images of one shape, padded by 2^J on each side to (H, W); `r` is a resolution 2^-r.

    Attributes:
        reflect: for each axis, (side padded,) the places of the image that its padded copy shows.
        psi: (j, r) -> (L, H/2^r, W/2^r), the Fourier transforms of the wavelets of scale j, which are real.
        rows, columns: for each r, (side/2^J, side padded/2^r): filter with phi_J, subsample to 2^-J, unpad. phi is
            separable, so that a low-pass is `rows @ U @ columns.T`.
    """

    J: int
    L: int
    reflect: tuple[np.ndarray, np.ndarray]
    psi: dict[tuple[int, int], np.ndarray]
    rows: list[np.ndarray]
    columns: list[np.ndarray]


def bank(J: int, shape: tuple[int, int], L: int) -> Bank:
    """Build the filters for images of a shape (sides multiples of 2^J)."""
    H, W = (side + 2 ** (J + 1) for side in shape)
    psi = {}
    for j in range(J):
        angles = [(int(L - L / 2 - 1) - t) * np.pi / L for t in range(L)]
        scale = np.stack([morlet((H, W), 0.8 * 2**j, angle, 0.75 * np.pi / 2**j, 4 / L) for angle in angles])
        for r in range(max(j, 1)):  # from the image (r = 0) or from a finer scale j1 = r < j
            psi[j, r] = periodise(np.fft.fft2(scale).real, r)
    phi = np.fft.fft2(gabor((H, W), 0.8 * 2 ** (J - 1), 0, 0, 1)).real
    rows, columns = [], []
    for r in range(J):
        level = periodise(phi, r)
        for matrices, spectrum in ((rows, level[:, 0]), (columns, level[0])):
            matrices.append(subsampling_matrix(spectrum / np.sqrt(level[0, 0]), 2 ** (J - r)))
    reflect = tuple(np.pad(np.arange(side), 2**J, mode="reflect") for side in shape)
    return Bank(J, L, reflect, psi, rows, columns)


def gabor(shape: tuple[int, int], sigma: float, angle: float, xi: float, q: float) -> np.ndarray:
    """g_s(u) e^{i xi u1}, with u turned by the angle, on a torus: (H, W) complex."""
    u, v = ((np.arange(-2 * side, 3 * side)) for side in shape)  # two periods on each side: the Gaussian has ended
    u1 = u[:, None] * np.cos(angle) + v * np.sin(angle)
    u2 = v * np.cos(angle) - u[:, None] * np.sin(angle)
    g = np.exp(-(u1**2 + (q * u2) ** 2) / (2 * sigma**2) + 1j * xi * u1) * q / (2 * PI * sigma**2)
    return g.reshape(5, shape[0], 5, shape[1]).sum(axis=(0, 2))


def morlet(shape: tuple[int, int], sigma: float, angle: float, xi: float, q: float) -> np.ndarray:
    """psi = g e^{i xi u1} - b g, with the mean 0: (H, W) complex."""
    wave, envelope = gabor(shape, sigma, angle, xi, q), gabor(shape, sigma, angle, 0, q)
    return wave - wave.sum() / envelope.sum() * envelope


def periodise(f_hat: np.ndarray, r: int) -> np.ndarray:
    """A filter at the resolution 2^-r: its spectrum cut to the band that remains, then folded, as kymatio does."""
    *_, H, W = f_hat.shape
    k = 2**r
    kept = np.ones((H, W))
    kept[H // (2 * k) : H // (2 * k) + int(H * (1 - 1 / k))] = 0
    kept[:, W // (2 * k) : W // (2 * k) + int(W * (1 - 1 / k))] = 0
    return (f_hat * kept).reshape(*f_hat.shape[:-2], k, H // k, k, W // k).sum(axis=(-4, -2))


def subsampling_matrix(spectrum: np.ndarray, step: int) -> np.ndarray:
    """Circular convolution with a 1-D filter, every step-th sample kept, the first and the last dropped."""
    f = np.fft.ifft(spectrum).real
    side = len(f)
    kept = np.arange(0, side, step)[1:-1]
    return f[(kept[:, None] - np.arange(side)[None, :]) % side]
