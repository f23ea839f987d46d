"""A random projection of coefficients, whitened: what is left of a PCA whitening without the PCA.

    z = D^{-1/2} V^T R^T (S - mu),        R^T Sigma R = V D V^T

R holds d orthonormal directions, uniform among all such (the Q of the QR decomposition of a
Gaussian matrix). mu and Sigma are mean and covariance of S over the training set. So z has mean 0
and covariance I over it, as after a PCA, but its directions know nothing of the data.

References:
    W. B. Johnson and J. Lindenstrauss, Extensions of Lipschitz mappings into a Hilbert space,
    Contemporary Mathematics 26, 1984.
"""

from collections.abc import Iterator

import dask.array as da
import numpy as np

from gsn.decomposition import arguments
from gsn.decomposition.streaming import summed


def fit(
    array: da.Array, d: int, *, parts: int = 0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a basis for `whitening.whiten` and `whitening.unwhiten`: of d random directions.

    Makes two passes over the rows. Memory holds p x d numbers and some blocks of rows.

    Args:
        array: Coefficients, (n, p) real and finite, in blocks of whole rows.
        d: Number of directions, below n and at most p.
        parts: Number of consecutive parts of the rows for dask's workers, or 0 to compute here.
        seed: Seed of the directions.

    Returns:
        mu, the mean, (p,) float32; orthonormal directions R V, (d, p) float32; the variances along
        them, decreasing, (d,) float64, with denominator n - 1.

    Raises:
        ValueError: The array does not have the shape (n, p) or a real type, d is out of its range,
            or a direction has no variance.

    References:
        W. B. Johnson and J. Lindenstrauss, Extensions of Lipschitz mappings into a Hilbert space,
        Contemporary Mathematics 26, 1984.

    Example:
        >>> import numpy as np
        >>> from gsn.decomposition import random_projection, whitening
        >>> S = np.random.default_rng(0).standard_normal((200, 10), dtype=np.float32)
        >>> z = whitening.whiten(S, *random_projection.fit(S, d=4))
        >>> np.allclose(np.cov(z.T), np.eye(4), atol=1e-4)
        True
    """
    array = arguments.rows(array)
    n, p = array.shape
    if not 1 <= d <= min(p, n - 1):
        raise ValueError(
            f"d must be from 1 to {min(p, n - 1)}, for {n} rows of {p} coefficients: got d={d}; "
            "use a smaller d."
        )
    mu = (summed(_row_sums, array, parts, "mean")[0] / n).astype(np.float32)
    R = np.linalg.qr(np.random.default_rng(seed).standard_normal((p, d)))[0].astype(np.float32)
    total, products = summed(_projected_sums, array, parts, "random projection", mu, R)
    covariance = (products - np.outer(total, total) / n) / (n - 1)
    variances, V = np.linalg.eigh(covariance)
    if not variances[0] > 0:  # also for NaN
        raise ValueError(
            f"each of the d random directions must have variance: found {variances[0]:.3g} with "
            f"d={d}; use a smaller d."
        )
    return mu, (R @ V[:, ::-1].astype(np.float32)).T, variances[::-1]


def _row_sums(blocks: Iterator[np.ndarray]) -> tuple[np.ndarray]:
    """Return the sum of the rows of some blocks, (p,) float64."""
    return (sum(block.sum(axis=0, dtype=np.float64) for block in blocks),)


def _projected_sums(
    blocks: Iterator[np.ndarray], mu: np.ndarray, R: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums of the projections and of their products, float64."""
    total = products = 0.0
    for block in blocks:
        y = ((block.astype(np.float32) - mu) @ R).astype(np.float64)
        total, products = total + y.sum(axis=0), products + y.T @ y
    return total, products
