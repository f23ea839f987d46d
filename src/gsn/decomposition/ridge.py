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
FEW = 0.02  # penalty for fewer than two held-out rows


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


@dataclass
class Sums:
    """Sums over rows: z^T z, z^T x, the squares of x, and the number of rows."""

    zz: np.ndarray | float = 0.0
    zx: np.ndarray | float = 0.0
    xx: float = 0.0
    n: int = 0

    def add(self, z: np.ndarray, x: np.ndarray) -> None:
        """Add some rows."""
        self.zz, self.zx = self.zz + z.T @ z, self.zx + z.T @ x
        self.xx, self.n = self.xx + np.square(x).sum(), self.n + len(z)


def fit(batches: Iterable[tuple[np.ndarray, np.ndarray]]) -> Ridge:
    """Return the ridge regression from z to x.

    Makes one pass over the rows, which are taken as independent: near copies side by side make the
    penalty too small. Memory holds about five times d x p numbers. With fewer than 10 rows there is
    nothing to choose by, and the penalty is FEW.

    Args:
        batches: Batches of embeddings, (n, d), and of the rows that they stand for, (n, p).

    Example:
        >>> import numpy as np
        >>> from gsn.decomposition import ridge
        >>> z = np.random.default_rng(0).standard_normal((500, 3))
        >>> linear = ridge.fit([(z, z @ np.ones((3, 2)) + 7)])
        >>> linear(np.zeros((1, 3))).round(2).tolist()
        [[7.0, 7.0]]
    """
    first, seen, unseen = 0, Sums(), Sums()
    for z, x in batches:
        held = np.arange(first, first + len(z)) % HELD_OUT == 0
        first += len(z)
        for part, rows in ((seen, ~held), (unseen, held)):
            part.add(_extended(z[rows]), x[rows].astype(np.float64))
    penalty = FEW
    if first >= 2 * HELD_OUT:
        errors = [_error(_solve(seen, penalty), unseen) for penalty in PENALTIES]
        penalty = float(PENALTIES[int(np.argmin(errors))])
    everything = Sums(
        *(a + b for a, b in zip(vars(seen).values(), vars(unseen).values(), strict=True))
    )
    return Ridge(_solve(everything, penalty), penalty)


def _extended(z: np.ndarray) -> np.ndarray:
    """Return z with a last column of ones, for m, in float64."""
    return np.pad(np.asarray(z, dtype=np.float64), ((0, 0), (0, 1)), constant_values=1)


def _solve(sums: Sums, penalty: float) -> np.ndarray:
    """Return W and m from the sums over rows."""
    ridge = np.full(len(sums.zz), sums.n * penalty)
    ridge[-1] = 0  # m is free
    return np.linalg.solve(sums.zz + np.diag(ridge), sums.zx)


def _error(weight: np.ndarray, sums: Sums) -> float:
    """Return the mean over the rows of the squared errors."""
    squares = sums.xx - 2 * np.sum(weight * sums.zx) + np.sum(weight * (sums.zz @ weight))
    return float(squares) / sums.n
