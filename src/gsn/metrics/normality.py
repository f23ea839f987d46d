"""Tests of the normality of each component of z, and the number that they reject.

N(0, I) is the law of z that Angles & Mallat (2018) assume. Each of its components is normal. The
tests look at the shape of one component only: not at its mean and variance, and not at what the
components do together, for which there is `gsn.metrics.joint`.

References:
    T. Angles and S. Mallat, Generative networks as inverse problems with scattering transforms,
    ICLR, 2018.
"""

import numpy as np
from scipy import special, stats

from gsn.metrics.features import varying

LEVELS = (0.05, 0.01)
LEAST = 20  # rows: K2 takes its kurtosis to be near normal from here on
COLUMNS = 32  # components in memory at once


def dagostino_pearson(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the statistic K2 and its p-value, of each component.

        K2 = Z(skewness)^2 + Z(kurtosis)^2 ~ chi2(2)

    Z maps the skewness and the kurtosis of n normal numbers to nearly N(0, 1) (D'Agostino & Pearson
    1973). Makes two passes. Memory holds COLUMNS components in float64.

    Args:
        z: Rows of components, (n, d) real, n at least 20.

    Returns:
        K2, (d,) float64, and p-values in [0, 1], (d,) float64.

    Raises:
        ValueError: There are fewer than 20 rows, a NaN, or a constant component.

    References:
        R. D'Agostino and E. S. Pearson, Tests for departure from normality, Biometrika 60, 1973.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.normality import dagostino_pearson
        >>> rng = np.random.default_rng(0)
        >>> z = np.stack([rng.standard_normal(1000), rng.uniform(-1, 1, 1000)], axis=1)
        >>> (dagostino_pearson(z)[1] < 0.01).tolist()
        [False, True]
    """
    return _by_component(stats.normaltest, z)


def jarque_bera(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the statistic of Jarque & Bera and its p-value, of each component.

        JB = n / 6 (skewness^2 + (kurtosis - 3)^2 / 4) ~ chi2(2)

    The law chi2(2) holds for large n only (Jarque & Bera 1980). Below some thousands of rows,
    `dagostino_pearson` has the better p-values. Makes two passes. Memory holds COLUMNS components
    in float64.

    Args:
        z: Rows of components, (n, d) real, n at least 20.

    Returns:
        JB, (d,) float64, and p-values in [0, 1], (d,) float64.

    Raises:
        ValueError: There are fewer than 20 rows, a NaN, or a constant component.

    References:
        C. M. Jarque and A. K. Bera, Efficient tests for normality, homoscedasticity and serial
        independence of regression residuals, Economics Letters 6, 1980.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.normality import jarque_bera
        >>> z = np.array([[-1.0], [1.0]] * 12)  # no skewness, kurtosis 1
        >>> jarque_bera(z)[0].tolist()
        [4.0]
    """
    return _by_component(stats.jarque_bera, z)


def _by_component(test, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    z = varying("z", z, least=LEAST)
    blocks = (z[:, i : i + COLUMNS].astype(np.float64) for i in range(0, z.shape[1], COLUMNS))
    results = [test(block, axis=0) for block in blocks]
    return (
        np.concatenate([result.statistic for result in results]),
        np.concatenate([result.pvalue for result in results]),
    )


def holm(p: np.ndarray) -> np.ndarray:
    """Return p-values corrected for their number, whatever the dependence of the tests.

        p'_(i) = max_{j <= i} min(1, (d - j + 1) p_(j)),   p_(1) <= ... <= p_(d)

    If all p' below a level are rejected, the probability that any true hypothesis is among them is
    at most that level (Holm 1979).

    Args:
        p: p-values in [0, 1], (d,).

    Returns:
        Corrected p-values in [0, 1], (d,) float64, in the order of p.

    Raises:
        ValueError: There is no p-value, or one is not in [0, 1].

    References:
        S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
        Statistics 6, 1979.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.normality import holm
        >>> holm(np.array([0.25, 0.125, 0.5])).tolist()
        [0.5, 0.375, 0.5]
    """
    p = np.asarray(p, dtype=np.float64)
    if p.ndim != 1 or not p.size or not ((p >= 0) & (p <= 1)).all():
        raise ValueError(
            f"Holm's correction needs p-values in [0, 1], (d,): got {p}; leave out the others."
        )
    order = np.argsort(p, kind="stable")
    corrected = np.empty(len(p))
    corrected[order] = np.maximum.accumulate(np.minimum(1, p[order] * np.arange(len(p), 0, -1)))
    return corrected


def rejections(p: np.ndarray) -> dict[str, float]:
    """Return how many components a test rejects, beside the number under normality, as a row.

    Args:
        p: p-value of each component in [0, 1], (d,).

    Returns:
        `d`, and for the levels 0.05 and 0.01: `rejected_...`, the number of p-values at or below
        the level; `expected_...`, its mean if all components are normal, d times the level; and
        `rejected_holm_...`, the number after the correction of `holm`, which is 0 with a
        probability of at least 1 less the level if all components are normal.

    Raises:
        ValueError: There is no p-value, or one is not in [0, 1].

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.normality import rejections
        >>> row = rejections(np.array([0.001, 0.03, 0.2, 0.8]))
        >>> row["rejected_0.05"], row["expected_0.05"], row["rejected_holm_0.05"]
        (2, 0.2, 1)
    """
    corrected = holm(p)
    row: dict[str, float] = {"d": len(corrected)}
    for level in LEVELS:
        row |= {
            f"rejected_{level}": int(np.sum(np.asarray(p) <= level)),
            f"expected_{level}": len(corrected) * level,
            f"rejected_holm_{level}": int(np.sum(corrected <= level)),
        }
    return row


def best_and_worst(statistic: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the components with the smallest and with the largest statistics of a test.

    Statistics are compared, since p-values of far from normal components are all 0.

    Args:
        statistic: Statistic of each component, such as K2, (d,).
        count: Number of components of each kind, 1 to d.

    Returns:
        Numbers of the best components, the best first, and of the worst, the worst first, (count,)
        int64 each.

    Raises:
        ValueError: The count is not in 1, ..., d.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.normality import best_and_worst
        >>> [numbers.tolist() for numbers in best_and_worst(np.array([3, 1, 9, 2]), 2)]
        [[1, 3], [2, 0]]
    """
    if not 1 <= count <= len(statistic):
        raise ValueError(
            f"count must be in 1, ..., {len(statistic)}, the components: got {count}; change it."
        )
    order = np.argsort(statistic, kind="stable")
    return order[:count], order[::-1][:count]


def quantiles(component: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the quantiles of N(0, 1) and those of a component, for a QQ plot.

        (Phi^-1((i - 3/8) / (n + 1/4)), z_(i)),   i = 1, ..., n

    Phi is the normal distribution function here, at the positions of Blom (1958). The component
    is not standardised: on N(0, 1), the points lie on the diagonal.

    Args:
        component: One component of z, (n,) real.

    Returns:
        Theoretical and observed quantiles, increasing, (n,) float64 each.

    Raises:
        ValueError: There are fewer than 20 rows, a NaN, or a constant component.

    References:
        G. Blom, Statistical estimates and transformed beta-variables, Wiley, 1958.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.normality import quantiles
        >>> theoretical, observed = quantiles(np.arange(21.0) - 10)
        >>> theoretical[[0, 10, 20]].round(2).tolist(), observed[[0, 10, 20]].tolist()
        ([-1.89, 0.0, 1.89], [-10.0, 0.0, 10.0])
    """
    z = varying("z", np.asarray(component)[:, None], least=LEAST)[:, 0].astype(np.float64)
    positions = (np.arange(1, len(z) + 1) - 3 / 8) / (len(z) + 1 / 4)
    return special.ndtri(positions), np.sort(z)
