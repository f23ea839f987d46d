"""Our affine PCA classifier and SVM, and the same by scikit-learn alone.

    python benchmarks/classification.py [--images 2000] [--columns 1000] [--classes 10] [--d 40]

Rows near affine spaces are drawn. The affine PCA with all dimensions up to d in cross-validation is
beside a grid search over the same dimensions, whose estimator fits a PCA of scikit-learn to each
class. The predictions of the SVM are beside those of scikit-learn's SVC on the same machine.
Printed are seconds of both, their ratio, and whether they agree.
"""

import argparse
import time

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from gsn.decomposition.affine import AffinePCA
from gsn.systems.classification.svm import GaussianSVM


class Plain(ClassifierMixin, BaseEstimator):
    """The affine PCA classifier with a PCA of scikit-learn for each class."""

    def __init__(self, d=0):
        self.d = d

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.spaces_ = [PCA(self.d, svd_solver="full").fit(X[y == k]) for k in self.classes_]
        return self

    def predict(self, X):
        near = [space.inverse_transform(space.transform(X)) for space in self.spaces_]
        return self.classes_[np.argmin([np.square(X - one).sum(1) for one in near], axis=0)]


def rows(images, columns, classes):
    """Draw rows near affine spaces whose variances fall, and their labels."""
    rng = np.random.default_rng(0)
    spread = np.geomspace(1, 0.03, 40)[:, None]
    own = [
        0.2 * rng.standard_normal(columns)
        + rng.standard_normal((images // classes, 40))
        @ (spread * rng.standard_normal((40, columns)) / columns**0.5)
        + 0.02 * rng.standard_normal((images // classes, columns))
        for _ in range(classes)
    ]
    return np.concatenate(own).astype(np.float32), np.repeat(np.arange(classes), images // classes)


def timed(call):
    """Return what a call returns, and its seconds."""
    begun = time.perf_counter()
    found = call()
    return found, time.perf_counter() - begun


parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("--images", help="training rows", type=int, default=2000)
parser.add_argument("--columns", help="numbers of a row", type=int, default=1000)
parser.add_argument("--classes", help="classes", type=int, default=10)
parser.add_argument("--d", help="largest dimension", type=int, default=40)
given = parser.parse_args()

X, y = rows(given.images, given.columns, given.classes)
folds = StratifiedKFold(5, shuffle=True, random_state=0)
ours, seconds = timed(lambda: AffinePCA(max_d=given.d, cv=folds).fit(X, y))
grid = {"d": list(range(given.d + 1))}
theirs, longer = timed(lambda: GridSearchCV(Plain(), grid, cv=folds).fit(X, y))
errors = 1 - theirs.cv_results_["mean_test_score"]
gap = np.abs(errors - ours.cv_errors_[: len(errors)]).max()
print(
    f"affine PCA, all d up to {given.d} in five folds: {seconds:.2f} s; grid search {longer:.2f} s"
)
print(f"ratio {longer / seconds:.1f}; largest difference of an error {gap:.1e}")

model = GaussianSVM(positions=1).fit(X, y)
Z = model.reduction_.transform(X).astype(np.float64)
blocks, seconds = timed(lambda: model.predict(X))
plain, longer = timed(lambda: model.machine_.predict(Z))
print(f"predictions of the SVM: {seconds:.2f} s with the reduction; SVC {longer:.2f} s without")
print(f"ratio {longer / seconds:.1f}; equal: {bool((blocks == plain).all())}")
