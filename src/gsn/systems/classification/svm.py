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
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from gsn.decomposition.scaling import PathMaximum
from gsn.systems.classification import subsets

BLOCK = 1000  # rows whose kernel is computed at once
COMPONENTS = 400
TUNED = 2000  # rows on which C and w are chosen, at most
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
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
        pairs, weights = _pairs(self.machine_)
        vectors, labels = self.machine_.support_vectors_, np.empty(len(X), int)
        squares = np.square(vectors).sum(axis=1)
        for start in range(0, len(X), BLOCK):
            Z = self.reduction_.transform(X[start : start + BLOCK]).astype(np.float64)
            distances = np.square(Z).sum(axis=1)[:, None] + squares - 2 * Z @ vectors.T
            kernel = np.exp(-self.gamma_ * np.maximum(distances, 0))
            first = kernel @ weights + self.machine_.intercept_ > 0
            if len(self.classes_) == 2:  # scikit-learn turns the sign there
                first = ~first
            votes = np.zeros((len(Z), len(self.classes_)), int)
            for k, (i, j) in enumerate(pairs):
                votes[:, i] += first[:, k]
                votes[:, j] += ~first[:, k]
            labels[start : start + BLOCK] = votes.argmax(axis=1)
        return self.classes_[labels]


def reduction(X: np.ndarray, components: int, positions: int):
    """Return the scaling of paths and the principal components, fitted to rows."""
    most = min(components, *X.shape)
    return make_pipeline(PathMaximum(positions), PCA(most, random_state=0)).fit(X)


def tuned(X: np.ndarray, y: np.ndarray, *, positions: int, seed: int) -> tuple[GaussianSVM, float]:
    """Return a machine whose C and w are chosen by cross-validation, not fitted, and its error.

    They are chosen on at most 2,000 rows, in three folds. The components are those of these rows.

    Args:
        X: Training rows, (n, p).
        y: Labels, (n,).
        positions: Number of consecutive columns of a path.
        seed: Seed of the choice of the rows.
    """
    if len(X) > TUNED:
        chosen = subsets.drawn(y, TUNED, seed=seed)
        X, y = X[chosen], y[chosen]
    Z = reduction(X, COMPONENTS, positions).transform(X).astype(np.float64)
    total = max(Z.var(axis=0).sum(), np.finfo(float).tiny)  # 0 if all rows are equal
    distances = euclidean_distances(Z, squared=True) / total
    folds = StratifiedKFold(min(3, np.unique(y, return_counts=True)[1].min()))
    found = {}
    for w in WIDTHS:
        search = GridSearchCV(SVC(kernel="precomputed"), {"C": WEIGHTS}, cv=folds)
        search.fit(np.exp(-w * distances), y)
        found[search.best_params_["C"], w] = 1 - float(search.best_score_)
    C, w = min(found, key=found.get)
    return GaussianSVM(C, w, positions=positions), found[C, w]


def _pairs(machine: SVC) -> tuple[list[tuple[int, int]], np.ndarray]:
    """Return the pairs of classes, and the weight of each support vector for each pair."""
    ends = np.cumsum(machine.n_support_)
    own = [slice(end - n, end) for end, n in zip(ends, machine.n_support_, strict=True)]
    pairs = list(combinations(range(len(machine.classes_)), 2))
    weights = np.zeros((int(ends[-1]), len(pairs)))
    for k, (i, j) in enumerate(pairs):
        weights[own[i], k] = machine.dual_coef_[j - 1, own[i]]
        weights[own[j], k] = machine.dual_coef_[i, own[j]]
    return pairs, weights
