"""The standard normal law of z, as assumed by Angles & Mallat (2018).

    z ~ N(0, I)

The training z have mean 0 and covariance I.

References:
    T. Angles and S. Mallat, Generative networks as inverse problems with scattering transforms,
    ICLR, 2018.
"""

import numpy as np


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
