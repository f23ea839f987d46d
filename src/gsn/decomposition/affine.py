"""The affine PCA classifier: an affine space for each class, and the nearest one decides.

    A_k = m_k + span(v_{k,1}, ..., v_{k,d}),        k^(x) = argmin_k ||x - P_{A_k} x||

m_k is the mean of class k, and the v are its first principal directions. One decomposition of a
class gives the residuals for all d, since they are cumulative sums:

    ||x - P_{A_k} x||^2 = ||x - m_k||^2 - sum_{i <= d} <v_{k,i}, x - m_k>^2

Memory holds the rows of a class twice, and a matrix of the smaller of its two sides.

References:
    J. Bruna and S. Mallat, Invariant scattering convolution networks, IEEE TPAMI 35(8), 2013,
    section 4.
"""

from collections.abc import Iterator
from numbers import Integral

import numpy as np
from scipy import linalg
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import StratifiedKFold
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from gsn.runtime import arguments

BLOCK = 4096  # rows whose residuals are computed at once


class AffinePCA(ClassifierMixin, BaseEstimator):
    """The affine PCA classifier, as an estimator of scikit-learn.

    The module docstring has the equations. The dimension d is the same for all classes. If it is
    not given, cross-validation on the training rows chooses it, at no further decomposition for
    each d.

    Args:
        d: Dimension of the affine spaces, or None for the one with the smallest error in
            cross-validation. With 0, the nearest mean decides.
        max_d: Largest dimension that cross-validation tries.
        cv: Number of folds of cross-validation, or a splitter of scikit-learn. A class with fewer
            rows makes it smaller.

    Attributes:
        classes_: Labels of the classes, in order.
        d_: Dimension of the affine spaces.
        means_: Means of the classes, (classes, p).
        components_: Principal directions of each class, (classes, d, p).
        cv_errors_: Errors in cross-validation for d = 0, 1, ..., or None if d was given.

    References:
        J. Bruna and S. Mallat, Invariant scattering convolution networks, IEEE TPAMI 35(8), 2013.

    Example:
        >>> import numpy as np
        >>> from gsn.decomposition.affine import AffinePCA
        >>> line = np.linspace(-9, 9, 30)
        >>> X = np.concatenate([np.stack([line, 0 * line], 1), np.stack([0 * line, line], 1)])
        >>> y = np.repeat(["horizontal", "vertical"], 30)
        >>> AffinePCA().fit(X, y).predict([[7, 1], [1, 7]]).tolist()
        ['horizontal', 'vertical']
    """

    def __init__(self, d: int | None = None, *, max_d: int = 160, cv=5):
        self.d = d
        self.max_d = max_d
        self.cv = cv

    def fit(self, X, y) -> "AffinePCA":
        """Fit the affine spaces of the classes.

        Args:
            X: Training rows, (n, p), finite.
            y: Labels of the rows, (n,).

        Raises:
            ValueError: There are fewer than two classes, a class has too few rows, d is larger than
                the rows allow, or a number is missing.
        """
        X, y = validate_data(self, X, y, dtype=[np.float64, np.float32])
        check_classification_targets(y)
        self.classes_, labels, counts = np.unique(y, return_inverse=True, return_counts=True)
        self._check(X.shape[1], counts)
        if self.d is None:
            self.cv_errors_ = self._validated(X, labels, counts)
            self.d_ = int(np.argmin(self.cv_errors_))
        else:
            self.cv_errors_, self.d_ = None, int(self.d)
        self.offset_ = X.mean(axis=0)
        self.means_, self.components_ = _spaces(X - self.offset_, labels, len(counts), self.d_)
        self.means_ += self.offset_
        return self

    def _check(self, p: int, counts: np.ndarray) -> None:
        """Refuse a single class, classes that are too small, and dimensions that are too large."""
        if len(counts) < 2:
            raise ValueError(
                "a classifier needs two classes or more: got one class; add images of another."
            )
        smallest = self.classes_.tolist()[np.argmin(counts)]
        if self.d is None:
            arguments.integer("max_d", self.max_d, least=0)
            if counts.min() < 2:
                raise ValueError(
                    "each class needs at least 2 samples to choose d: class "
                    f"{arguments.shown(smallest)} has 1; add some, leave it out, or give d=0."
                )
        else:
            d = arguments.integer("d", self.d, least=0)
            if d > (most := min(counts.min() - 1, p)):
                raise ValueError(
                    "d must be less than the number of samples of each class, and at most that of "
                    f"features: got d={d}, {counts.min()} samples of class "
                    f"{arguments.shown(smallest)}, {p} features; use d up to {most}."
                )

    def _validated(self, X: np.ndarray, labels: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """Return the errors in cross-validation for all dimensions that every fold allows."""
        cv = self.cv
        if isinstance(cv, Integral):
            folds = min(arguments.integer("cv", cv, least=2), int(counts.min()))
            cv = StratifiedKFold(folds, shuffle=True, random_state=0)
        wrong, rows = [], 0
        for kept, held in cv.split(X, labels):
            offset = X[kept].mean(axis=0)
            fewest = np.bincount(labels[kept], minlength=len(counts)).min()
            most = int(min(self.max_d, fewest - 1, X.shape[1]))
            means, components = _spaces(X[kept] - offset, labels[kept], len(counts), most)
            found = [
                np.argmin(residuals, axis=1) != labels[held[rows]][:, None]
                for rows, residuals in _residuals(X[held] - offset, means, components)
            ]
            wrong.append(np.concatenate(found).sum(axis=0))
            rows += len(held)
        most = min(map(len, wrong))
        return np.sum([row[:most] for row in wrong], axis=0) / rows

    def residuals(self, X) -> np.ndarray:
        """Return the squared distances to the affine spaces of all dimensions up to `d_`.

        Args:
            X: Rows, (n, p).

        Returns:
            Squared distances to the spaces of the classes, (n, classes, d + 1), in the precision
            of X. The last axis is the dimension, from 0.
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32]) - self.offset_
        parts = _residuals(X, self.means_ - self.offset_, self.components_)
        return np.concatenate([part for _, part in parts])

    def decision_function(self, X) -> np.ndarray:
        """Return minus the squared distances to the spaces, (n, classes); for two classes, (n,).

        With two classes it is the distance to the first space less that to the second.
        """
        check_is_fitted(self)
        distances = self.residuals(X)[..., -1]
        return distances[:, 0] - distances[:, 1] if len(self.classes_) == 2 else -distances

    def predict(self, X) -> np.ndarray:
        """Return the class of the nearest space of each row, (n,)."""
        check_is_fitted(self)
        return self.classes_[np.argmin(self.residuals(X)[..., -1], axis=1)]


def _spaces(
    X: np.ndarray, labels: np.ndarray, classes: int, d: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the means, (classes, p), and the first d directions of each class."""
    means = np.empty((classes, X.shape[1]), X.dtype)
    components = np.empty((classes, d, X.shape[1]), X.dtype)
    for k in range(classes):
        rows = X[labels == k]
        means[k] = rows.mean(axis=0)
        components[k] = directions(rows - means[k], d)
    return means, components


def directions(X: np.ndarray, d: int) -> np.ndarray:
    """Return the first d principal directions of centred rows, orthonormal, (d, p).

    They come from the smaller of the two matrices X X^T and X^T X, and are made orthonormal by a QR
    factorisation, which keeps the span of the first i of them for each i.

    Args:
        X: Centred rows, (n, p).
        d: Number of directions, at most n and p.

    Example:
        >>> import numpy as np
        >>> from gsn.decomposition.affine import directions
        >>> abs(directions(np.array([[3.0, 0.0], [-3.0, 0.0]]), 1)).tolist()
        [[1.0, 0.0]]
    """
    n, p = X.shape
    if d == 0:
        return np.empty((0, p), X.dtype)
    small = X @ X.T if n <= p else X.T @ X
    last = len(small) - 1
    _, vectors = linalg.eigh(small, subset_by_index=(last - d + 1, last), check_finite=False)
    vectors = vectors[:, ::-1]
    if n <= p:
        vectors = X.T @ vectors
    return linalg.qr(vectors, mode="economic", check_finite=False)[0].T


def _residuals(
    X: np.ndarray, means: np.ndarray, components: np.ndarray
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield blocks of rows, and their squared distances to the spaces of all dimensions."""
    classes, d, p = components.shape
    directions = components.reshape(classes * d, p)
    places = np.einsum("kdp,kp->kd", components, means)
    for start in range(0, len(X), BLOCK):
        rows = slice(start, start + BLOCK)
        squares = np.einsum("ip,ip->i", X[rows], X[rows])[:, None]
        found = np.empty((len(squares), classes, d + 1), X.dtype)
        found[..., 0] = squares - 2 * X[rows] @ means.T + np.square(means).sum(axis=1)
        along = (X[rows] @ directions.T).reshape(len(squares), classes, d) - places
        np.cumsum(np.square(along), axis=2, out=found[..., 1:])
        found[..., 1:] = found[..., :1] - found[..., 1:]
        yield rows, found
