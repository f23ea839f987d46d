"""Scaling of scattering paths by their largest norm over a training set.

    gamma(p) = max_i (sum_u |S[p] x_i(u)|^2)^{1/2},        S[p] x / gamma(p)

References:
    J. Bruna and S. Mallat, Invariant scattering convolution networks, IEEE TPAMI 35(8), 2013,
    eq. 19.
"""

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from gsn.runtime import arguments


class PathMaximum(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Division of each path by its largest norm, as an estimator of scikit-learn.

    The module docstring has the equation. A path that is zero in all training rows is not scaled.

    Args:
        positions: Number of positions of a path, which are consecutive columns.

    Attributes:
        gamma_: Largest norm of each path, (p / positions,).

    References:
        J. Bruna and S. Mallat, Invariant scattering convolution networks, IEEE TPAMI 35(8), 2013.

    Example:
        >>> import numpy as np
        >>> from gsn.decomposition.scaling import PathMaximum
        >>> PathMaximum(positions=2).fit_transform(np.array([[3.0, 4.0], [0.0, 1.0]])).tolist()
        [[0.6, 0.8], [0.0, 0.2]]
    """

    def __init__(self, positions: int = 1):
        self.positions = positions

    def fit(self, X, y=None) -> "PathMaximum":
        """Find the largest norm of each path.

        Args:
            X: Training rows, (n, p), finite, p a multiple of `positions`.
            y: Ignored.

        Raises:
            ValueError: The columns are not whole paths, or a number is missing.
        """
        X = validate_data(self, X, dtype=[np.float64, np.float32])
        positions = arguments.integer("positions", self.positions, least=1)
        if X.shape[1] % positions:
            raise ValueError(
                f"the columns must be paths of {positions} positions each: got {X.shape[1]} "
                "columns; give their number of positions."
            )
        squares = np.zeros(X.shape[1] // positions, X.dtype)
        for start in range(0, len(X), 1024):
            rows = np.square(X[start : start + 1024]).reshape(-1, len(squares), positions)
            squares = np.maximum(squares, rows.sum(axis=2).max(axis=0))
        self.gamma_ = np.sqrt(squares)
        self.gamma_[self.gamma_ == 0] = 1
        return self

    def transform(self, X) -> np.ndarray:
        """Return the scaled rows, (n, p)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
        return X / np.repeat(self.gamma_, self.positions)
