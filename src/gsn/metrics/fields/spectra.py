"""Power spectra of periodic fields in rings of frequency, and the flatness of octaves.

    P(r) = mean over the ring r of |x_hat(omega)|^2 / (H W)

White noise of variance s^2 has P(r) = s^2 in every ring. By Parseval the powers of all rings, times
the numbers of their modes, sum to sum_u (x(u) - mean)^2.
"""

import numpy as np
from scipy import fft, stats

from gsn.metrics.fields.arguments import fields

NOTHING = 1e-24  # of the variance of a field: a band with less is rounding


def rings(H: int, W: int) -> np.ndarray:
    """Return the ring of each mode of a field, 0 for the mean, (H, W) int64.

    Ring r holds the frequencies that round to r / min(H, W) cycles per pixel. The last ones are in
    the corners of the plane, above 1/2.

    Args:
        H: Number of rows.
        W: Number of columns.

    Example:
        >>> from gsn.metrics.fields.spectra import rings
        >>> rings(4, 4).tolist()
        [[0, 1, 2, 1], [1, 1, 2, 1], [2, 2, 3, 2], [1, 1, 2, 1]]
    """
    ring = np.rint(min(H, W) * _frequencies(H, W)).astype(np.int64)
    ring = np.maximum(ring, 1)  # in a long field the lowest modes round to 0
    ring[0, 0] = 0
    return ring


def power_spectrum(x: np.ndarray) -> dict[str, np.ndarray]:
    """Return the isotropic power spectrum of each field.

        P(r) = mean over the ring r of |x_hat(omega)|^2 / (H W)

    The mean of the field is left out. Takes an FFT of each field. Memory holds one spectrum.

    Args:
        x: Fields, (n, H, W) real, periodic.

    Returns:
        `frequency`, the mean over the modes of each ring, in cycles per pixel, (rings,); `power`,
        in squared units of x, (n, rings); `modes`, the number of modes of each ring, of which a
        real field has half independent ones, (rings,) int64.

    Raises:
        ValueError: x is no batch of fields, or not finite.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.fields import power_spectrum
        >>> wave = np.cos(2 * np.pi * np.arange(8) / 4) * np.ones((8, 1))
        >>> found = power_spectrum(wave[None])
        >>> found["power"][0].round(3).tolist(), found["modes"].tolist()
        ([0.0, 2.667, 0.0, 0.0, 0.0, 0.0], [8, 12, 16, 22, 4, 1])
    """
    x = fields("x", x)
    H, W = x.shape[1:]
    ring = rings(H, W).ravel()
    modes = np.bincount(ring)
    squares = (np.square(np.abs(fft.fft2(field))).ravel() for field in x)
    power = np.stack([np.bincount(ring, weights=square) for square in squares])
    frequency = np.bincount(ring, weights=_frequencies(H, W).ravel()) / modes
    power /= H * W * modes
    return {"frequency": frequency[1:], "power": power[:, 1:], "modes": modes[1:]}


def gaussian_band(power: np.ndarray, modes: np.ndarray, *, share: float = 0.95) -> np.ndarray:
    """Return where the power of one realisation of a Gaussian field lies, around its expectation.

        modes P(r) / E P(r)  ~  chi-squared with `modes` degrees of freedom

    The modes of a Gaussian field are independent, up to the two of a conjugate pair, which are
    equal. A field that is not Gaussian varies more.

    Args:
        power: Expected power of each ring, (rings,).
        modes: Number of modes of each ring, as of `power_spectrum`, (rings,).
        share: Share of the realisations, in (0, 1).

    Returns:
        Lower and upper limit, (2, rings) float64.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.fields import gaussian_band
        >>> gaussian_band(np.ones(2), np.array([8, 1000])).round(2).tolist()
        [[0.27, 0.91], [2.19, 1.09]]
    """
    # ASSUME: the spectrum hardly changes within a ring.
    tails = np.array([[(1 - share) / 2], [(1 + share) / 2]])
    return power * stats.chi2.ppf(tails, modes) / modes


def flatness(x: np.ndarray) -> dict[str, np.ndarray]:
    """Return the flatness of each field in octaves of frequency.

        F_b = mean_u x_b(u)^4 / (mean_u x_b(u)^2)^2

    x_b is the part of x from 2^-(b+1) to 2^-b cycles per pixel; that of b = 1 also holds the
    corners of the plane. A Gaussian field has F = 3 up to fluctuations, an intermittent one more at
    small scales. Takes an FFT for each octave of each field.

    Args:
        x: Fields, (n, H, W) real, periodic.

    Returns:
        `frequency`, the lower edge of each octave in cycles per pixel, decreasing, (octaves,);
        `flatness`, (n, octaves), NaN where a field has no power.

    Raises:
        ValueError: x is no batch of fields, or not finite.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.fields import flatness
        >>> wave = np.cos(2 * np.pi * np.arange(16) / 4) * np.ones((16, 1))
        >>> flatness(wave[None])["flatness"].round(3).tolist()  # 1, 0, -1, 0, ...
        [[2.0, nan, nan]]
    """
    x = fields("x", x)
    frequency = _frequencies(*x.shape[1:])
    frequency[0, 0] = np.inf  # the mean is in no octave
    edges = 2.0 ** -np.arange(2, int(np.ceil(-np.log2(frequency.min()))) + 1)
    upper = np.array([1.0, *edges[:-1]])
    found = np.full((len(x), len(edges)), np.nan)
    for i, field in enumerate(x):
        x_hat = fft.fft2(field)
        for b, (low, high) in enumerate(zip(edges, upper, strict=True)):
            inside = (frequency >= low) & (frequency < high)
            squares = np.square(fft.ifft2(np.where(inside, x_hat, 0)).real)
            if squares.mean() > NOTHING * np.square(field).mean():
                found[i, b] = np.square(squares).mean() / squares.mean() ** 2
    return {"frequency": edges, "flatness": found}


def _frequencies(H: int, W: int) -> np.ndarray:
    """Return the frequency of each mode in cycles per pixel, (H, W) float64."""
    return np.hypot(np.fft.fftfreq(H)[:, None], np.fft.fftfreq(W))
