"""The Frechet distance of two sets of features, as if each had a normal law.

    d^2(a, b) = ||mu_a - mu_b||^2 + tr(C_a + C_b - 2 (C_a C_b)^{1/2})

With the features of an Inception network it is the FID of Heusel et al. (2017). Here the features
are any, such as scattering coefficients on principal components.

References:
    D. C. Dowson and B. V. Landau, The Frechet distance between multivariate normal distributions,
    Journal of Multivariate Analysis 12, 1982.

    M. Heusel, H. Ramsauer, T. Unterthiner, B. Nessler and S. Hochreiter, GANs trained by a two
    time-scale update rule converge to a local Nash equilibrium, NeurIPS, 2017.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from gsn.metrics.features import checked


@dataclass(frozen=True)
class Moments:
    """The mean and the covariance of a set of features.

    Attributes:
        mean: Mean, (p,) float64.
        covariance: Covariance with the denominator n - 1, (p, p) float64.
        n: Number of rows.
    """

    mean: np.ndarray
    covariance: np.ndarray
    n: int


def moments(blocks: Iterable[np.ndarray]) -> Moments:
    """Return the mean and the covariance of features, from blocks of their rows.

    Makes one pass over the blocks. Sums are in float64, about the first row, so that a large mean
    costs no digits. Memory holds p x p numbers beside a block.

    Args:
        blocks: Blocks of rows, (any number, p) real, at least 2 rows in all.

    Returns:
        Moments, to be kept for the set that others are compared with.

    Raises:
        ValueError: There are fewer than 2 rows, a NaN, or blocks of different p.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.frechet import moments
        >>> a = moments([np.array([[1.0, 5.0]]), np.array([[3.0, 5.0]])])
        >>> a.mean.tolist(), a.covariance.tolist(), a.n
        ([2.0, 5.0], [[2.0, 0.0], [0.0, 0.0]], 2)
    """
    n, first, total, products = 0, None, 0.0, 0.0
    for block in blocks:
        if not len(block):
            continue
        rows = checked("the features", block, least=1).astype(np.float64)
        first = rows[0].copy() if first is None else first
        if len(first) != rows.shape[1]:
            raise ValueError(
                "all blocks must have the same number of features: "
                f"got {len(first)} and {rows.shape[1]}; use the same features for all."
            )
        rows -= first
        n, total, products = n + len(rows), total + rows.sum(axis=0), products + rows.T @ rows
    if n < 2:
        raise ValueError(f"a covariance needs at least 2 rows: got {n}; use more.")
    return Moments(first + total / n, (products - np.outer(total, total) / n) / (n - 1), n)


def frechet(a: Moments, b: Moments) -> float:
    """Return the squared Frechet distance of two normal laws (Dowson & Landau 1982).

        d^2 = ||mu_a - mu_b||^2 + tr(C_a + C_b - 2 (C_a C_b)^{1/2})

    With F = V diag(lambda)^{1/2} from the symmetric eigendecomposition C = V diag(lambda) V^T,
    tr (C_a C_b)^{1/2} is the sum of the singular values of F_a^T F_b. That is exact to the
    rounding of C, for covariances without full rank too, where the square root of the product has
    no digits. Takes some 20 p^3 operations in float64. Memory holds some p x p numbers.

    The estimate is too large by an amount that decreases as 1/n. So compare values of the same n
    only, and find the least of a set from another part of the same data. With n <= p rows a
    covariance has no full rank and the value says more of n than of the law, so it is refused.

    Args:
        a: Moments of one set, with more rows than features.
        b: Moments of the other set, with more rows than features.

    Returns:
        Squared distance, in squared units of the features, at least 0.

    Raises:
        ValueError: The numbers of features differ, or a set has no more rows than features.

    References:
        D. C. Dowson and B. V. Landau, The Frechet distance between multivariate normal
        distributions, Journal of Multivariate Analysis 12, 1982.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.frechet import Moments, frechet
        >>> a, b = Moments(np.zeros(2), np.eye(2), 100), Moments(np.ones(2), 4 * np.eye(2), 100)
        >>> round(frechet(a, b), 6)  # 1 + 1 for the means, (2 - 1)^2 for each deviation
        4.0
    """
    if len(a.mean) != len(b.mean):
        raise ValueError(
            "the sets must have the same number of features: "
            f"got {len(a.mean)} and {len(b.mean)}; use the same features for both."
        )
    if min(a.n, b.n) <= len(a.mean):
        raise ValueError(
            f"a Frechet distance of {len(a.mean)} features needs at least {len(a.mean) + 1} rows "
            f"of each set: got {a.n} and {b.n}; use more images or fewer features."
        )
    shift = a.mean - b.mean
    common = linalg.svdvals(_factor(a.covariance).T @ _factor(b.covariance)).sum()
    squared = shift @ shift + np.trace(a.covariance) + np.trace(b.covariance) - 2 * common
    return max(0.0, float(squared))


def _factor(C: np.ndarray) -> np.ndarray:
    """Return F with C = F F^T; eigenvalues that rounding has made negative are 0."""
    eigenvalues, vectors = linalg.eigh(C)
    return vectors * np.sqrt(np.maximum(eigenvalues, 0))
