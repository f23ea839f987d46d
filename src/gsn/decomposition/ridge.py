"""Ridge regression, such as the one from embeddings to pixels: the best that is linear in z.

    x ~ m + W^T z,        (m, W) = argmin sum_i ||x_i - m - W^T z_i||^2 + n lambda ||V W||^2

V is the identity, or the diagonal of the deviations of z, as if z were standardised first.

The penalty lambda is chosen on a part of the training rows that the regression does not see; the
regression is then made from all of them. Only sums over the rows are kept, so that memory does not
grow with their number.

References:
    A. E. Hoerl and R. W. Kennard, Ridge regression: biased estimation for nonorthogonal problems,
    Technometrics 12(1), 1970.
"""

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

PENALTIES = np.geomspace(1e-4, 10, 11)  # the variances of z are 1
HELD_OUT = 5  # every fifth row chooses the penalty
FEW = 0.02  # penalty where fewer than two rows can be held out


@dataclass(frozen=True)
class Ridge:
    """A linear map from z to x.

    Attributes:
        weight: W with m as its last row, (d + 1, p) float64.
        penalty: lambda.
        residual: Mean squared errors of each number of x on the rows that chose the penalty, (p,);
            None if there were none.
    """

    weight: np.ndarray
    penalty: float
    residual: np.ndarray | None = None

    def __call__(self, z: np.ndarray) -> np.ndarray:
        """Return m + W^T z, (n, p) float32, of z, (n, d)."""
        return (_extended(z) @ self.weight).astype(np.float32)


class Sums(NamedTuple):
    """Sums over rows.

    Attributes:
        zz: z^T z, (d + 1, d + 1).
        zx: z^T x, (d + 1, p).
        xx: Sums of the squares of x, (p,).
        n: Number of rows.
    """

    zz: np.ndarray
    zx: np.ndarray
    xx: np.ndarray
    n: int


def fit(
    batches: Iterable[tuple[np.ndarray, np.ndarray]],
    *,
    penalties: Sequence[float] = PENALTIES,
    together: int = 1,
    standardised: bool = False,
) -> Ridge:
    """Return the ridge regression from z to x.

    Makes one pass over the rows. Memory holds about five times d x p numbers. The rows must be
    independent: near copies among them make the penalty too small. For fewer than 10 groups of
    rows the penalty is FEW, or the one of other penalties that is nearest to it.

    Args:
        batches: Batches of z, (n, d), and of x, (n, p).
        penalties: Penalties to choose from, for z of variance 1, or standardised.
        together: Number of consecutive rows that depend on each other, such as those of an image.
            They are all held out, or none is.
        standardised: Whether the penalty is on z divided by its deviations.

    Example:
        >>> import numpy as np
        >>> from gsn.decomposition import ridge
        >>> z = np.random.default_rng(0).standard_normal((500, 3))
        >>> linear = ridge.fit([(z, z @ np.ones((3, 2)) + 7)])
        >>> linear(np.zeros((1, 3))).round(2).tolist()
        [[7.0, 7.0]]
    """
    seen = unseen = Sums(0.0, 0.0, 0.0, 0)
    for z, x in batches:
        rows = np.arange(seen.n + unseen.n, seen.n + unseen.n + len(z))
        held = rows // together % HELD_OUT == 0
        seen = _plus(seen, _sums(z[~held], x[~held]))
        unseen = _plus(unseen, _sums(z[held], x[held]))
    penalty, residual = float(min(penalties, key=lambda a: abs(np.log(a / FEW)))), None
    penalty = FEW if penalties is PENALTIES else penalty
    if seen.n + unseen.n >= 2 * HELD_OUT * together:
        errors = [_errors(_solve(seen, a, standardised), unseen) for a in penalties]
        best = int(np.argmin([error.sum() for error in errors]))
        penalty, residual = float(penalties[best]), errors[best]
    return Ridge(_solve(_plus(seen, unseen), penalty, standardised), penalty, residual)


def _sums(z: np.ndarray, x: np.ndarray) -> Sums:
    z, x = _extended(z), x.astype(np.float64)
    return Sums(z.T @ z, z.T @ x, np.square(x).sum(axis=0), len(z))


def _plus(a: Sums, b: Sums) -> Sums:
    return Sums(*map(operator.add, a, b))


def _extended(z: np.ndarray) -> np.ndarray:
    """Return z with a last column of ones, for m, in float64."""
    return np.pad(np.asarray(z, dtype=np.float64), ((0, 0), (0, 1)), constant_values=1)


def _solve(sums: Sums, penalty: float, standardised: bool) -> np.ndarray:
    """Return W and m from the sums over rows."""
    ridge = np.full(len(sums.zz), sums.n * penalty)
    if standardised:
        variances = np.diag(sums.zz) / sums.n - np.square(sums.zz[-1] / sums.n)
        ridge *= np.maximum(variances, variances.max() * np.finfo(np.float64).eps)
    ridge[-1] = 0  # m is free
    return np.linalg.solve(sums.zz + np.diag(ridge), sums.zx)


def _errors(weight: np.ndarray, sums: Sums) -> np.ndarray:
    """Return the means over the rows of the squared errors, (p,)."""
    products = np.sum(weight * (sums.zz @ weight - 2 * sums.zx), axis=0)
    return np.maximum(sums.xx + products, 0) / sums.n
