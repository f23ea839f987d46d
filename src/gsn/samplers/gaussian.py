"""The law that Angles & Mallat assume: z ~ N(0, I), since the training z has mean 0 and covariance I."""

import numpy as np


def sample(n: int, d: int, *, seed: int = 0) -> np.ndarray:
    """n draws of z ~ N(0, I): (n, d) float32; the first n of a seed are the same whatever n is."""
    return np.random.default_rng(seed).standard_normal((n, d), dtype=np.float32)
