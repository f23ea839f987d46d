"""Errors on test images against the number of training images.

For each size, J is chosen by cross-validation on the first random subset, and d of each affine PCA
on its own training images. C and w of the SVM are chosen with J. No test image takes part.
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
    return model, float(model[-1].cv_errors_.min())


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
    for n, count in drawn.items():
        J = model = None
        for subset in range(count):
            begun = time.perf_counter()
            own = subsets.drawn(labels["train"], n, seed=seed + subset)
            y = labels["train"][own]
            if J is None:
                J, model, cv = _scale(classifier, given, own, y, seed)
            X, test, positions = given[J].train[own], given[J].test, given[J].positions
            if classifier == "affine" and subset:
                model, cv = chosen(classifier, X, y, positions=positions, seed=seed)
            elif classifier == "svm":
                model = model.fit(X, y)
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
    classifier: str, given: Mapping[int, Given], own: np.ndarray, y: np.ndarray, seed: int
) -> tuple[int, BaseEstimator, float]:
    """Return the J with the smallest error in cross-validation, its classifier and that error.

    J is chosen on at most REPEATED training images. An affine PCA is fitted to all of them.
    """
    some = np.arange(len(own))
    if len(own) > REPEATED and len(given) > 1:
        some = subsets.drawn(y, REPEATED, seed=seed)
    tried = {}
    for J, one in given.items():
        X = one.train[own[some]]
        tried[J] = chosen(classifier, X, y[some], positions=one.positions, seed=seed)
    best = min(tried, key=lambda J: tried[J][1])
    if classifier == "affine" and len(some) < len(own):
        one = given[best]
        tried[best] = chosen(classifier, one.train[own], y, positions=one.positions, seed=seed)
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
