"""Ridge regression from embeddings to pixels: the best that is linear in z.

    x ~ m + W^T z,        (m, W) = argmin sum_i ||x_i - m - W^T z_i||^2 + n lambda ||W||^2

The penalty lambda is chosen on a part of the training rows that the regression does not see; the
regression is then made from all of them. Only sums over the rows are kept, so that memory does not
grow with their number.

References:
    A. E. Hoerl and R. W. Kennard, Ridge regression: biased estimation for nonorthogonal problems,
    Technometrics 12(1), 1970.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

PENALTIES = np.geomspace(1e-4, 10, 11)  # beside variances of z, which are 1
HELD_OUT = 5  # every fifth row chooses the penalty


@dataclass(frozen=True)
class Ridge:
    """A linear map from embeddings to pixels.

    Attributes:
        weight: W with m as its last row, (d + 1, p) float64.
        penalty: lambda.
    """

    weight: np.ndarray
    penalty: float

    def __call__(self, z: np.ndarray) -> np.ndarray:
        """Return m + W^T z, (n, p) float32, of embeddings z, (n, d)."""
        return (_extended(z) @ self.weight).astype(np.float32)


def fit(batches: Iterable[tuple[np.ndarray, np.ndarray]]) -> Ridge:
    """Return the ridge regression from z to x.

    Makes one pass over the rows. Memory holds three times d x p numbers and one batch.

    Args:
        batches: Batches of embeddings, (n, d), and of the rows that they stand for, (n, p).

    Raises:
        ValueError: There are fewer than 10 rows.

    Example:
        >>> import numpy as np
        >>> from gsn.decomposition import ridge
        >>> z = np.random.default_rng(0).standard_normal((500, 3))
        >>> linear = ridge.fit([(z, z @ np.ones((3, 2)) + 7)])
        >>> linear(np.zeros((1, 3))).round(2).tolist()
        [[7.0, 7.0]]
    """
    first, sums = 0, [[0.0, 0.0, 0.0, 0] for _ in range(2)]
    for z, x in batches:
        held = np.arange(first, first + len(z)) % HELD_OUT == 0
        first += len(z)
        for part, rows in zip(sums, (~held, held), strict=True):
            a, b = _extended(z[rows]), x[rows].astype(np.float64)
            for i, term in enumerate((a.T @ a, a.T @ b, np.square(b).sum(), len(a))):
                part[i] = part[i] + term
    if first < 2 * HELD_OUT:
        raise ValueError(f"a ridge regression needs {2 * HELD_OUT} rows: got {first}; use more.")
    seen, unseen = sums
    errors = [_error(_solve(*seen, penalty), *unseen) for penalty in PENALTIES]
    penalty = float(PENALTIES[int(np.argmin(errors))])
    return Ridge(_solve(*(a + b for a, b in zip(seen, unseen, strict=True)), penalty), penalty)


def _extended(z: np.ndarray) -> np.ndarray:
    """Return z with a last column of ones, for m, in float64."""
    return np.pad(np.asarray(z, dtype=np.float64), ((0, 0), (0, 1)), constant_values=1)


def _solve(zz: np.ndarray, zx: np.ndarray, xx: float, n: int, penalty: float) -> np.ndarray:
    """Return W and m from the sums over n rows."""
    ridge = np.full(len(zz), n * penalty)
    ridge[-1] = 0  # m is free
    return np.linalg.solve(zz + np.diag(ridge), zx)


def _error(weight: np.ndarray, zz: np.ndarray, zx: np.ndarray, xx: float, n: int) -> float:
    """Return the mean over n rows of the squared errors."""
    return float(xx - 2 * np.sum(weight * zx) + np.sum(weight * (zz @ weight))) / n
