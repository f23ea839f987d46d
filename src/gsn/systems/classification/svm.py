"""A support vector machine with a Gaussian kernel, on the principal components of scaled paths.

    k(x, y) = exp(-w ||x - y||^2 / v),        v = sum of the variances of the components

The machine is scikit-learn's, which is LIBSVM's. Its predictions are the same votes of all pairs of
classes, with the kernel computed by products of matrices.
"""

from itertools import combinations

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.decomposition import PCA
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from gsn.decomposition.scaling import PathMaximum
from gsn.runtime import arguments
from gsn.systems.classification import subsets

BLOCK = 1000  # rows whose kernel is computed at once
COMPONENTS = 400
TUNED = 2000  # rows on which C and w are chosen, at most
ASSESSED = 5000  # rows on which the chosen pair is assessed, at most
WEIGHTS, WIDTHS = [3.0, 30.0], [0.25, 0.5, 1.0, 2.0]  # of C and w, of which one pair is chosen


class GaussianSVM(ClassifierMixin, BaseEstimator):
    """A support vector machine with a Gaussian kernel, as an estimator of scikit-learn.

    Args:
        C: Weight of the errors.
        w: Inverse of the squared width of the kernel, in units of the inverse of the variance.
        components: Number of principal components; fewer rows or columns make it smaller.
        positions: Number of consecutive columns of a path, which are scaled together.

    Attributes:
        classes_: Labels of the classes, in order.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.classification.svm import GaussianSVM
        >>> X, y = np.array([[0.0], [1.0], [5.0], [6.0], [10.0], [11.0]]), [0, 0, 1, 1, 2, 2]
        >>> GaussianSVM(w=5.0).fit(X, y).predict([[0.4], [5.4], [10.4]]).tolist()
        [0, 1, 2]
    """

    def __init__(
        self, C: float = 10.0, w: float = 0.5, *, components: int = COMPONENTS, positions: int = 1
    ):
        self.C = C
        self.w = w
        self.components = components
        self.positions = positions

    def fit(self, X, y) -> "GaussianSVM":
        """Fit scaling, components and machine to rows, (n, p), and their labels, (n,)."""
        X, y = validate_data(self, X, y, dtype=[np.float64, np.float32])
        check_classification_targets(y)
        self.reduction_ = reduction(X, self.components, self.positions)
        Z = self.reduction_.transform(X).astype(np.float64)
        total = Z.var(axis=0).sum()
        self.gamma_ = self.w / total if total > 0 else self.w
        self.machine_ = SVC(C=self.C, gamma=self.gamma_, cache_size=2000).fit(Z, y)
        self.classes_ = self.machine_.classes_
        return self

    def predict(self, X) -> np.ndarray:
        """Return the classes of rows, (n,)."""
        return self.elected(self.decisions(X))

    def decisions(self, X) -> np.ndarray:
        """Return the decisions of all pairs of classes, (n, pairs), above 0 for the first of two.

        The pairs are those of `itertools.combinations`.
        """
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
        weights, vectors = _weights(self.machine_), self.machine_.support_vectors_
        squares, found = np.square(vectors).sum(axis=1), []
        for start in range(0, len(X), BLOCK):
            Z = self.reduction_.transform(X[start : start + BLOCK]).astype(np.float64)
            distances = np.square(Z).sum(axis=1)[:, None] + squares - 2 * Z @ vectors.T
            kernel = np.exp(-self.gamma_ * np.maximum(distances, 0))
            found.append(kernel @ weights + self.machine_.intercept_)
        sign = -1 if len(self.classes_) == 2 else 1  # scikit-learn turns it for two classes
        return sign * np.concatenate(found)

    def elected(self, decisions: np.ndarray) -> np.ndarray:
        """Return the class with the most votes of the pairs, the first one of equals, (n,)."""
        check_is_fitted(self)
        votes = np.zeros((len(decisions), len(self.classes_)), int)
        for k, (i, j) in enumerate(combinations(range(len(self.classes_)), 2)):
            votes[:, i] += decisions[:, k] > 0
            votes[:, j] += decisions[:, k] <= 0
        return self.classes_[votes.argmax(axis=1)]


def reduction(X: np.ndarray, components: int, positions: int):
    """Return the scaling of paths and the principal components, fitted to rows."""
    most = min(components, *X.shape)
    return make_pipeline(PathMaximum(positions), PCA(most, random_state=0)).fit(X)


def tuned(X: np.ndarray, y: np.ndarray, *, positions: int, seed: int) -> tuple[GaussianSVM, float]:
    """Return a machine whose C and w are chosen by cross-validation, not fitted, and its error.

    C and w are chosen on at most 2,000 rows, in three folds. The error is that of the chosen pair
    on at most 5,000 rows, so that scales can be compared by it.

    Args:
        X: Training rows, (n, p).
        y: Labels, (n,).
        positions: Number of consecutive columns of a path.
        seed: Seed of the choice of the rows.

    Raises:
        ValueError: A class has one row.
    """
    classes, counts = np.unique(y, return_counts=True)
    if counts.min() < 2:
        single = arguments.shown(classes.tolist()[np.argmin(counts)])
        raise ValueError(
            f"each class needs at least 2 samples to choose C and w: class {single} has 1; "
            "add some, or leave it out."
        )
    if len(X) > ASSESSED:
        own = subsets.drawn(y, max(ASSESSED, 2 * len(classes)), seed=seed)
        X, y = X[own], y[own]
    Z = reduction(X, COMPONENTS, positions).transform(X).astype(np.float64)
    total = max(Z.var(axis=0).sum(), np.finfo(float).tiny)  # 0 if all rows are equal
    distances = euclidean_distances(Z, squared=True) / total
    few = subsets.drawn(y, min(len(y), max(TUNED, 2 * len(classes))), seed=seed)
    own = distances[np.ix_(few, few)], y[few]
    found = {(C, w): cv_error(*own, C=C, w=w) for w in WIDTHS for C in WEIGHTS}
    C, w = min(found, key=found.get)
    error = found[C, w] if len(few) == len(y) else cv_error(distances, y, C=C, w=w)
    return GaussianSVM(C, w, positions=positions), error


def cv_error(distances: np.ndarray, y: np.ndarray, *, C: float, w: float) -> float:
    """Return the error of a machine in three folds, fewer for classes of two rows.

    Args:
        distances: Squared distances of the rows, by the sum of their variances, (n, n).
        y: Labels, (n,).
        C, w: Parameters of the machine.
    """
    folds = StratifiedKFold(min(3, np.unique(y, return_counts=True)[1].min()))
    machine = SVC(C=C, kernel="precomputed")
    return 1 - float(cross_val_score(machine, np.exp(-w * distances), y, cv=folds).mean())


def _weights(machine: SVC) -> np.ndarray:
    """Return the weight of each support vector for each pair of classes, (vectors, pairs)."""
    ends = np.cumsum(machine.n_support_)
    own = [slice(end - n, end) for end, n in zip(ends, machine.n_support_, strict=True)]
    pairs = list(combinations(range(len(machine.classes_)), 2))
    weights = np.zeros((int(ends[-1]), len(pairs)))
    for k, (i, j) in enumerate(pairs):
        weights[own[i], k] = machine.dual_coef_[j - 1, own[i]]
        weights[own[j], k] = machine.dual_coef_[i, own[j]]
    return weights
