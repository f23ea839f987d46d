"""The error of the covariances of phase harmonics, by which models of turbulence are ordered.

    eps = ||C_real - C_model|| / ||C_real||,      C = cov of the [x * psi_{j,q}(u)]^k at one point u

with [z]^k = |z| e^{i k arg z}, k = 0, 1, 2, all scales j and directions q, and the spectral norm of
matrices that are normalised by the diagonal of C_real. A model that keeps other statistics is
judged by the same numbers.

Differs from the paper: its vectors also have neighbouring points u + tau, up to two steps of 2^j
away, and harmonics k up to 4. Its errors are larger, and compare with these in their order only.

References:
    S. Zhang and S. Mallat, Maximum entropy models from phase harmonic covariances, Applied and
    Computational Harmonic Analysis 53, 2021.
"""

import numpy as np

from gsn.metrics import fields
from gsn.transforms import bump_wavelets

L = 8  # directions in half a turn
LARGEST = 5  # scales
STRIDE = 2  # every second point of a row and of a column is a sample


def error(x: np.ndarray, real: np.ndarray) -> float:
    """Return the relative error of the covariances of syntheses in the spectral norm.

    Args:
        x: Syntheses, (n, H, W).
        real: True realisations, (m, H, W).

    Example:
        >>> import numpy as np
        >>> from gsn.systems.synthesis import covariances
        >>> x = np.random.default_rng(0).standard_normal((2, 16, 16))
        >>> round(covariances.error(2 * x, x), 6)  # 4 C
        3.0
    """
    return fields.foveal_error_of_features(features(real), features(x))


def features(x: np.ndarray) -> np.ndarray:
    """Return the phase harmonics of fields, a row for each sample, (samples, 3 J L) complex."""
    shape = x.shape[1:]
    J = max(1, min(LARGEST, min(shape).bit_length() - 3))
    x_hat = np.fft.fft2(x)[:, None]  # (n, 1, H, W)
    columns = []
    for j in range(J):
        psi = bump_wavelets.psi(shape, j, L, directions=L)
        z = np.fft.ifft2(x_hat * psi)[..., ::STRIDE, ::STRIDE]  # (n, L, h, w)
        r = np.abs(z)
        doubled = z * z / np.maximum(r, np.finfo(float).tiny)
        columns += [np.moveaxis(part, 1, -1).reshape(-1, L) for part in (r, z, doubled)]
    return np.concatenate(columns, axis=1)
