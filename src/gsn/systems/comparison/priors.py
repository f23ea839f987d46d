"""The laws from which z is drawn: the one that a method assumes, and a Gaussian fitted to its z."""

import numpy as np

from gsn.samplers import gaussian
from gsn.systems.comparison import methods


def draw(prior: str, z: np.ndarray, n: int, *, seed: int, sphere: bool = False) -> np.ndarray:
    """Return draws of z, (n, d) float32.

        N(0, I);        mean(z) + cov(z)^{1/2} e, e ~ N(0, I);        sqrt(d) e / |e|

    Args:
        prior: NORMAL, FITTED or SPHERE of `methods`.
        z: Training z, (m, d), m above 1.
        n: Number of draws. The first draws of a seed do not depend on it.
        seed: Seed of the random generator.
        sphere: Whether the draws are projected on the sphere of radius sqrt(d), as those of SPHERE.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.comparison import methods, priors
        >>> z = np.random.default_rng(0).standard_normal((50, 3))
        >>> priors.draw(methods.FITTED, z, 4, seed=0).shape
        (4, 3)
    """
    d = z.shape[1]
    e = gaussian.sample(n, d, seed=seed)
    if prior == methods.FITTED:
        variances, Q = np.linalg.eigh(np.cov(z.T, dtype=np.float64).reshape(d, d))
        root = Q * np.sqrt(np.maximum(variances, 0)) @ Q.T
        e = (z.mean(axis=0, dtype=np.float64) + e @ root).astype(np.float32)
    if sphere or prior == methods.SPHERE:
        e = e * (d**0.5 / np.linalg.norm(e, axis=1, keepdims=True))
    return e.astype(np.float32)
