"""Errors on test images against the number of training images.

For each size, J is chosen by cross-validation on the first random subset, and d of each affine PCA
on its own training images. w of the SVM is chosen with J. Sizes above REPEATED take the
choice of that size. No test image takes part.
"""

import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.pipeline import make_pipeline

from gsn.decomposition.affine import AffinePCA
from gsn.decomposition.scaling import PathMaximum
from gsn.runtime import progress
from gsn.systems.classification import subsets, svm

log = logging.getLogger(__name__)

CLASSIFIERS = ("affine", "svm")
REPEATED = 5000  # largest size of which several subsets are drawn
WHOLE_CV = 10_000  # largest size at which cross-validation has five folds, and not one
COLUMNS = ("features", "classifier", "n", "subset", "J", "coefficients", "chosen", "cv_percent")
COLUMNS += ("wrong", "test", "error_percent", "low_percent", "high_percent", "seconds")


class Given(NamedTuple):
    """Features at one scale.

    Attributes:
        train: Rows of the training images, (n, p).
        test: Rows of the test images.
        positions: Number of consecutive columns of a path.
    """

    train: np.ndarray
    test: np.ndarray
    positions: int


def chosen(
    classifier: str, X: np.ndarray, y: np.ndarray, *, positions: int, seed: int
) -> tuple[BaseEstimator, float]:
    """Return a classifier whose parameters cross-validation chose, fitted or not, and its error.

    Args:
        classifier: One of CLASSIFIERS.
        X: Training rows, (n, p).
        y: Labels, (n,).
        positions: Number of consecutive columns of a path.
        seed: Seed of the folds.
    """
    if classifier == "svm":
        return svm.tuned(X, y, positions=positions, seed=seed)
    few = len(X) <= WHOLE_CV
    cv = 5 if few else StratifiedShuffleSplit(1, test_size=0.2, random_state=seed)
    model = make_pipeline(PathMaximum(positions), AffinePCA(cv=cv)).fit(X, y)
    return model, float(model[-1].cv_errors_[model[-1].d_])


def measured(
    features: str,
    classifier: str,
    given: Mapping[int, Given],
    labels: Mapping[str, np.ndarray],
    *,
    sizes: Iterable[int],
    repeats: int,
    seed: int,
) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Measure the errors of a classifier at several training sizes.

    Args:
        features: Name of the features.
        classifier: One of CLASSIFIERS.
        given: Features by J.
        labels: Labels of the splits.
        sizes: Numbers of training images.
        repeats: Number of random subsets of each size up to REPEATED; larger ones have one.
        seed: Seed of the subsets.

    Returns:
        Row for each size and subset, with the keys COLUMNS, and the predictions of the last one.
    """
    rows: list[dict[str, Any]] = []
    drawn = counts(sizes, len(labels["train"]), repeats)
    total = sum(drawn.values())
    bar = progress.Progress(total=total, unit="subset", label=f"{features}, {classifier}")
    choices: dict[int, tuple[int, BaseEstimator, float]] = {}
    for n, count in drawn.items():
        few = min(n, REPEATED)
        for subset in range(count):
            begun = time.perf_counter()
            own = subsets.drawn(labels["train"], n, seed=seed + subset)
            y = labels["train"][own]
            if few not in choices:
                choices[few] = _scale(classifier, given, labels["train"], few, seed)
            J, model, cv = choices[few]
            X, test, positions = given[J].train[own], given[J].test, given[J].positions
            if classifier == "svm":
                model = model.fit(X, y)
            elif subset or few < n:
                model, cv = chosen(classifier, X, y, positions=positions, seed=seed)
            found = model.predict(test)
            wrong = int((found != labels["test"]).sum())
            row = {"features": features, "classifier": classifier, "n": n, "subset": subset}
            row |= {"J": J, "coefficients": X.shape[1], "chosen": described(model)}
            row |= {"cv_percent": 100 * cv, "seconds": time.perf_counter() - begun}
            rows.append(row | counted(wrong, len(found)))
            log.info("%s, %s, n = %d: %.2f %%", features, classifier, n, rows[-1]["error_percent"])
            bar.update(1)
    bar.close()
    return rows, found


def counts(sizes: Iterable[int], total: int, repeats: int) -> dict[int, int]:
    """Return the number of random subsets of each size.

    Example:
        >>> from gsn.systems.classification.measurement import counts
        >>> counts([300, 10_000], total=60_000, repeats=10)
        {300: 10, 10000: 1}
    """
    return {n: repeats if n <= REPEATED and n < total else 1 for n in sizes}


def _scale(
    classifier: str, given: Mapping[int, Given], labels: np.ndarray, n: int, seed: int
) -> tuple[int, BaseEstimator, float]:
    """Return the J with the smallest error in cross-validation, its classifier and that error.

    They are those of n training images, which are also among each larger subset of the same seed.
    """
    own = subsets.drawn(labels, n, seed=seed)
    tried = {
        J: chosen(classifier, one.train[own], labels[own], positions=one.positions, seed=seed)
        for J, one in given.items()
    }
    best = min(tried, key=lambda J: tried[J][1])
    return best, *tried[best]


def described(model: BaseEstimator) -> str:
    """Return the parameters of a fitted classifier in words."""
    if isinstance(model, svm.GaussianSVM):
        return f"C = {model.C:g}, w = {model.w:g}"
    return f"d = {model[-1].d_}"


def counted(wrong: int, test: int) -> dict[str, float]:
    """Return the error in per cent with Wilson's interval of 95 %."""
    low, high = subsets.interval(wrong, test)
    shares = {"error_percent": wrong / test, "low_percent": low, "high_percent": high}
    return {"wrong": wrong, "test": test} | {key: 100 * value for key, value in shares.items()}
