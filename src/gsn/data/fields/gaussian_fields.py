"""Gaussian fields on the torus of a given spectrum, and that of power spectrum 1/f^alpha.

    x = IFFT(a(k) FFT(white noise)),      Var x(u) = N^-2 sum_k a(k)^2 = 1,

where k are the frequencies in cycles per side. For a 1/f^alpha field a(k) = c |k|^{-alpha/2}, and
a(0) = 0. Photographs have alpha near 2.
"""

import numpy as np
import scipy.fft

from gsn.data.fields import realisations
from gsn.runtime import arguments


def draw(N: int, *, alpha: float = 2.0, seed: int = 0, index: int = 0) -> np.ndarray:
    """Return one realisation of a Gaussian field of power spectrum 1/f^alpha.

    Args:
        N: Side of the torus, in points, at least 2.
        alpha: Exponent of the power spectrum; 0 gives white noise of mean 0.
        seed: Seed of all realisations.
        index: Index of the realisation.

    Returns:
        The field, (N, N) float32, of variance 1 over realisations and mean 0 in each.

    Raises:
        ValueError: An argument is out of range.

    Example:
        >>> from gsn.data.fields import gaussian_fields
        >>> gaussian_fields.draw(16, alpha=3).shape
        (16, 16)
    """
    k = wavenumbers(N)
    alpha = arguments.real("alpha", alpha, such_as=2)
    noise = realisations.stream("gaussian_fields", seed, index).standard_normal((N, N))
    return filtered(noise, normalised(power(k, -alpha / 2), N)).astype(np.float32)


def wavenumbers(N: int) -> np.ndarray:
    """Return |k| of the frequencies of rfft2, (N, N // 2 + 1), in cycles per side.

    Args:
        N: Side of the fields, in points, at least 2.

    Example:
        >>> from gsn.data.fields import gaussian_fields
        >>> gaussian_fields.wavenumbers(4)[2]
        array([2.        , 2.23606798, 2.82842712])
    """
    N = arguments.integer("N", N, least=2)
    return np.hypot(np.fft.fftfreq(N, 1 / N)[:, None], np.fft.rfftfreq(N, 1 / N))


def power(k: np.ndarray, exponent: float) -> np.ndarray:
    """Return |k|^exponent, and 0 at |k| = 0."""
    return np.where(k > 0, np.where(k > 0, k, 1) ** exponent, 0)


def variance(amplitude: np.ndarray, N: int) -> float:
    """Return N^-2 sum_k a(k)^2 over all frequencies, of those of rfft2.

    Args:
        amplitude: Amplitudes a at the frequencies of rfft2, (N, N // 2 + 1).
        N: Side of the fields, in points.
    """
    twice = np.full(N // 2 + 1, 2.0)
    twice[0] = 1
    if N % 2 == 0:
        twice[-1] = 1
    return float((amplitude**2 * twice).sum()) / N**2


def normalised(amplitude: np.ndarray, N: int) -> np.ndarray:
    """Return amplitudes at the frequencies of rfft2, multiplied so that the variance is 1."""
    return amplitude / np.sqrt(variance(amplitude, N))


def filtered(noise: np.ndarray, amplitude: np.ndarray) -> np.ndarray:
    """Return IFFT(a FFT(noise)).

    Args:
        noise: White noise, (N, N) float64.
        amplitude: Amplitudes a at the frequencies of rfft2, (N, N // 2 + 1).

    Returns:
        The field, (N, N) float64.

    Example:
        >>> import numpy as np
        >>> from gsn.data.fields import gaussian_fields
        >>> noise = np.random.default_rng(0).standard_normal((8, 8))
        >>> bool(np.allclose(gaussian_fields.filtered(noise, np.ones((8, 5))), noise))
        True
    """
    return scipy.fft.irfft2(scipy.fft.rfft2(noise) * amplitude, s=noise.shape)
