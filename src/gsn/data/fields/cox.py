"""Cox processes: points whose density is itself a stationary random field.

    lambda(u) = rate exp(sigma g(u) - sigma^2 / 2),      E lambda = rate,

where g is a Gaussian field of variance 1 and covariance exp(-|tau|^2 / (2 scale^2)) on the torus.
Given lambda, the points are independent: x(u) is a Poisson number of mean lambda(u), or the
Bernoulli variable 1{that number > 0}, which is 1 with probability 1 - exp(-lambda(u)).

The Poisson numbers have mean rate and variance rate + rate^2 (exp(sigma^2) - 1).

# ASSUME: Bruna & Mallat speak of a random density, and not of its law. The exponential of a smooth
Gaussian field is our choice.

References:
    J. Bruna & S. Mallat, Multiscale sparse microcanonical models, Mathematical Statistics and
    Learning 1, 2018.
"""

import functools

import numpy as np

from gsn.data.fields import gaussian_fields, realisations
from gsn.runtime import arguments

KINDS = ("bernoulli", "poisson")


def draw(
    N: int,
    *,
    rate: float = 0.2,
    sigma: float = 1.0,
    scale: float = 4.0,
    points: str = "bernoulli",
    seed: int = 0,
    index: int = 0,
) -> np.ndarray:
    """Return one realisation of a Cox process.

    Args:
        N: Side of the torus, in points.
        rate: Mean density, in points per site, positive.
        sigma: Standard deviation of the logarithm of the density, at least 0.
        scale: Correlation length of the logarithm of the density, in sites, positive.
        points: `bernoulli`, for 0 or 1 at a site, or `poisson`, for any number.
        seed: Seed of all realisations.
        index: Index of the realisation.

    Returns:
        The numbers of points, (N, N) float32.

    Raises:
        ValueError: An argument is out of range.

    Example:
        >>> from gsn.data.fields import cox
        >>> x = cox.draw(16, rate=0.5)
        >>> x.shape, sorted(set(x.flat))
        ((16, 16), [np.float32(0.0), np.float32(1.0)])
    """
    if points not in KINDS:
        raise ValueError(f"points must be one of {', '.join(KINDS)}: got {points!r}.")
    rng = realisations.stream("cox", seed, index)
    number = rng.poisson(_density(N, rng, rate, sigma, scale))
    return (number if points == "poisson" else number > 0).astype(np.float32)


def sample(n: int, N: int, *, seed: int = 0, **law) -> np.ndarray:
    """Return n independent realisations, (n, N, N) float32; the keywords are those of `draw`."""
    return realisations.many(functools.partial(draw, N, seed=seed, **law), n, "Cox")


def _density(
    N: int, rng: np.random.Generator, rate: float, sigma: float, scale: float
) -> np.ndarray:
    """Return lambda, (N, N)."""
    rate = arguments.real("rate", rate, above=0, such_as=0.2)
    sigma = arguments.real("sigma", sigma, least=0, such_as=1)
    scale = arguments.real("scale", scale, above=0, such_as=4)
    # The Fourier transform of the covariance is a Gaussian; a is its root.
    a = np.exp(-((np.pi * scale * gaussian_fields.wavenumbers(N) / N) ** 2))
    g = gaussian_fields.filtered(rng.standard_normal((N, N)), gaussian_fields.normalised(a, N))
    return rate * np.exp(sigma * g - sigma**2 / 2)
