"""The standard normal law of z, as assumed by Angles & Mallat (2018).

    z ~ N(0, I)

The training z have mean 0 and covariance I.

References:
    T. Angles and S. Mallat, Generative networks as inverse problems with scattering transforms,
    ICLR, 2018.
"""

import math

import numpy as np
from torch import nn

from gsn.samplers import arguments


def sample(n: int, d: int, *, seed: int = 0) -> np.ndarray:
    """Return draws of z ~ N(0, I) (Angles & Mallat 2018, section 2.1).

    Args:
        n: Number of draws. The first draws of a seed do not depend on it.
        d: Dimension of z.
        seed: Seed of the random generator.

    Returns:
        z, (n, d) float32.

    References:
        T. Angles and S. Mallat, Generative networks as inverse problems with scattering
        transforms, ICLR, 2018.

    Example:
        >>> from gsn.samplers.gaussian import sample
        >>> sample(1000, 8).shape
        (1000, 8)
        >>> bool((sample(3, 8) == sample(1000, 8)[:3]).all())
        True
    """
    return np.random.default_rng(seed).standard_normal((n, d), dtype=np.float32)


class Law(nn.Module):
    """The law N(0, I), with nothing to learn.

    Args:
        d: Dimension of z.

    Attributes: d; settings, the arguments by name.

    Raises:
        ValueError: d is no whole number of at least 1.

    Example:
        >>> from gsn.samplers.gaussian import Law
        >>> law = Law(2)
        >>> law.log_prob(law.sample(5)).shape
        (5,)
    """

    def __init__(self, d: int):
        super().__init__()
        arguments.counts(d=d)
        self.d, self.settings = d, {"d": d}

    def sample(self, n: int, seed: int = 0, temperature: float = 1.0) -> np.ndarray:
        """Return n draws, (n, d) float32, with the temperature as their standard deviation."""
        n, temperature = arguments.draws(n, temperature)
        return np.float32(temperature) * sample(n, self.d, seed=seed)

    def log_prob(self, z: np.ndarray) -> np.ndarray:
        """Return the log-density at the rows of z, (n,) float64."""
        z = arguments.points(z, self.d)
        return -(z**2).sum(axis=1) / 2 - self.d / 2 * math.log(2 * math.pi)
