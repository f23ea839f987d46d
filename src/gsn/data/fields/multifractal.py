"""A log-normal multifractal measure on the torus, the continuous version of Mandelbrot's cascade.

    x(u) = exp(w(u) - Var(w) / 2),      E x = 1,

where w is a Gaussian field with the spectrum lambda2 / (2 pi |k|^2) at the frequencies k != 0, in
cycles per side. Its covariance is lambda2 log(N / |tau|) up to a constant, so that the mass of a
ball of radius r has the moments

    E x(B_r)^q ~ r^{2q - K(q)},      K(q) = lambda2 q (q - 1) / 2,

and two points have E x(u) x(u - tau) = exp(Cov w(tau)), which grows like |tau|^-lambda2.

References:
    R. Rhodes & V. Vargas, Gaussian multiplicative chaos and applications: a review, Probability
    Surveys 11, 2014.
"""

import numpy as np

from gsn.data.fields import gaussian_fields, realisations
from gsn.runtime import arguments


def draw(N: int, *, lambda2: float = 0.3, seed: int = 0, index: int = 0) -> np.ndarray:
    """Return one realisation of a log-normal multifractal measure.

    Args:
        N: Side of the torus, in points, at least 2.
        lambda2: Intermittency, in (0, 4); at 4 the measure of the limit N = infinity vanishes.
        seed: Seed of all realisations.
        index: Index of the realisation.

    Returns:
        The density of the measure, (N, N) float32, positive, of mean 1 over realisations.

    Raises:
        ValueError: An argument is out of range.

    Example:
        >>> from gsn.data.fields import multifractal
        >>> bool((multifractal.draw(16) > 0).all())
        True
    """
    a = amplitude(N, lambda2)
    noise = realisations.stream("multifractal", seed, index).standard_normal((N, N))
    w = gaussian_fields.filtered(noise, a)
    return np.exp(w - gaussian_fields.variance(a, N) / 2).astype(np.float32)


def amplitude(N: int, lambda2: float) -> np.ndarray:
    """Return the amplitudes of w at the frequencies of rfft2, (N, N // 2 + 1).

    Args:
        N: Side of the torus, in points, at least 2.
        lambda2: Intermittency, in (0, 4).

    Raises:
        ValueError: An argument is out of range.

    Example:
        >>> from gsn.data.fields import multifractal
        >>> multifractal.amplitude(4, 0.3).shape
        (4, 3)
    """
    lambda2 = arguments.real("lambda2", lambda2, above=0, below=4, such_as=0.3)
    k = gaussian_fields.wavenumbers(N)
    return N * np.sqrt(lambda2 / (2 * np.pi)) * gaussian_fields.power(k, -1)
