"""Intervals of any statistic of images, by the bootstrap.

References:
    B. Efron and R. J. Tibshirani, An introduction to the bootstrap, Chapman & Hall, 1993.
"""

from collections.abc import Callable

import numpy as np

from gsn.runtime import arguments

RESAMPLES = 1000


def interval(statistic: Callable[[np.ndarray], float], n: int, *, seed: int) -> tuple[float, float]:
    """Return the 95 % interval of a statistic of n images.

    Images are drawn with replacement, as many as there are, 1000 times. The limits are the
    percentiles 2.5 and 97.5.

    Args:
        statistic: Function of the indices of some images, (n,) int64.
        n: Number of images.
        seed: Seed of the resamples.

    Returns:
        Lower and upper limit.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics import resampling
        >>> errors = np.random.default_rng(0).standard_normal(400)
        >>> low, high = resampling.interval(lambda rows: errors[rows].mean(), 400, seed=0)
        >>> bool(-0.2 < low < errors.mean() < high < 0.2)
        True
    """
    n, rng = arguments.integer("n", n, least=1), np.random.default_rng(seed)
    found = [statistic(rng.integers(n, size=n)) for _ in range(RESAMPLES)]
    low, high = np.quantile(found, [0.025, 0.975], method="inverted_cdf")
    return float(low), float(high)
