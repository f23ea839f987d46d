"""The second moments of an embedding.

They show how much variance it keeps, and how far its covariance is from the identity.
"""

from collections.abc import Iterable

import numpy as np


def variance_share(S: np.ndarray, coordinates: np.ndarray) -> np.ndarray:
    """Return the share of the variance that the first k principal components hold, for each k.

        share_k = sum_i ||P_k S_i||^2 / sum_i ||S_i||^2

    Args:
        S: Coefficients less their mean over the training set, (n, p) float32.
        coordinates: Products of S with the components, (n, rank).

    Returns:
        Shares for k = 1, ..., rank, (rank,) float64.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.whiteness import variance_share
        >>> S = np.array([[2, 0], [0, 1], [-2, 0], [0, -1]], dtype=np.float32)
        >>> variance_share(S, S).tolist()
        [0.8, 1.0]
    """
    total = sum(np.square(row, dtype=np.float64).sum() for row in S)
    return np.cumsum(np.square(coordinates, dtype=np.float64).sum(axis=0)) / total


def covariance(blocks: Iterable[np.ndarray]) -> np.ndarray:
    """Return the covariance of rows about their own mean, with the denominator n - 1.

    Makes one pass over the blocks, with sums in float64. Memory holds d x d numbers beside a block.
    The mean should not be much larger than the deviations, as that of z is not.

    Args:
        blocks: Blocks of rows, (any number, d).

    Returns:
        Covariance, (d, d) float64.

    Raises:
        ValueError: There are fewer than two rows.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.whiteness import covariance
        >>> covariance([np.array([[1.0, 0.0]]), np.array([[-1.0, 0.0]])]).tolist()
        [[2.0, 0.0], [0.0, 0.0]]
    """
    n, total, products = 0, 0.0, 0.0
    for block in blocks:
        z = block.astype(np.float64)
        n, total, products = n + len(z), total + z.sum(axis=0), products + z.T @ z
    if n < 2:
        raise ValueError(f"a covariance needs at least 2 images: got {n}; use more.")
    return (products - np.outer(total, total) / n) / (n - 1)


def whiteness(C: np.ndarray) -> dict[str, float]:
    """Return how far a covariance of z is from the identity.

    Args:
        C: Covariance, (d, d).

    Returns:
        `z_covariance_error`, `max |C - I|`, and `z_variance_mean`, `z_variance_min` and
        `z_variance_max`, of the diagonal.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.whiteness import whiteness
        >>> whiteness(np.diag([1.0, 1.5]))["z_covariance_error"]
        0.5
    """
    variances = C.diagonal()
    return {
        "z_covariance_error": float(np.abs(C - np.eye(len(C))).max()),
        "z_variance_mean": float(variances.mean()),
        "z_variance_min": float(variances.min()),
        "z_variance_max": float(variances.max()),
    }
