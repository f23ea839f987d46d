"""The least error of a fixed transform and a simple classifier: with small translations.

The classifier is trained on the training images and on their translations by a pixel. What it
decides by is summed over the same translations T of a test image:

    k^(x) = argmin_k sum_{t in T} ||S x_t - P_{A_k} S x_t||^2            affine PCA
    k^(x): most votes of the pairs, by the signs of sum_t f_kl(S x_t)    SVM

The affine spaces then hold the directions in which a translation moves S x. An SVM needs the
translations of its support vectors only (Schoelkopf et al. 1996): it is trained twice.
`studies/translations.py` compares the classifiers, on training images.

References:
    B. Schoelkopf, C. Burges and V. Vapnik, Incorporating invariances in support vector learning
    machines, ICANN, 1996.
"""

import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.model_selection import PredefinedSplit, StratifiedKFold
from sklearn.pipeline import make_pipeline

from gsn.decomposition.affine import AffinePCA
from gsn.decomposition.scaling import PathMaximum
from gsn.runtime import progress
from gsn.systems.classification import features, measurement, subsets, svm

log = logging.getLogger(__name__)

TRANSLATIONS = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))
MOST = 1000  # largest number of training images for the affine PCA; the SVM takes over


def translated(x: np.ndarray, by: tuple[int, int]) -> np.ndarray:
    """Return images moved down and to the right by some pixels; the border is repeated.

    Args:
        x: Images, (n, c, H, W).
        by: Numbers of pixels down and to the right, which may be negative.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.classification.least import translated
        >>> translated(np.arange(3)[None, None, None], (0, 1)).ravel().tolist()
        [0, 0, 1]
    """
    widths = [(max(pixels, 0), max(-pixels, 0)) for pixels in by]
    wide = np.pad(x, [(0, 0), (0, 0), *widths], mode="edge")
    rows, columns = (
        slice(after, after + size) for (_, after), size in zip(widths, x.shape[2:], strict=True)
    )
    return wide[:, :, rows, columns]


def rows(
    x: np.ndarray, *, J: int, L: int, device: torch.device | None = None
) -> tuple[np.ndarray, int]:
    """Return the coefficients of all translations of images, and the number of positions of a path.

    Args:
        x: Images, (n, c, H, W).
        J: Scale of averaging, as log2.
        L: Number of angles.
        device: Device that scatters.

    Returns:
        Rows, (translations, n, p) float32, and the number of consecutive columns of a path.
    """
    found = []
    for by in TRANSLATIONS:
        S = features.scattered(translated(x, by), J=J, L=L, device=device)
        own, positions = features.rows(S, "order2", J=J, L=L)
        found.append(own)
    return np.stack(found), positions


def affine(
    X: np.ndarray, y: np.ndarray, *, positions: int, seed: int
) -> tuple[BaseEstimator, float]:
    """Return an affine PCA classifier of rows and their translations, and its error.

    An image and its translations are in the same fold of the cross-validation that chooses d.

    Args:
        X: Rows of all translations, (translations, n, p).
        y: Labels, (n,).
        positions: Number of consecutive columns of a path.
        seed: Seed of the folds.
    """
    count, n, p = X.shape
    fold = np.empty(n, int)
    folds = min(5, int(np.unique(y, return_counts=True)[1].min()))
    for k, (_, held) in enumerate(
        StratifiedKFold(folds, shuffle=True, random_state=seed).split(y, y)
    ):
        fold[held] = k
    cv = PredefinedSplit(np.tile(fold, count))
    model = make_pipeline(PathMaximum(positions), AffinePCA(cv=cv))
    model.fit(X.reshape(count * n, p), np.tile(y, count))
    return model, float(model[-1].cv_errors_.min())


def predicted(model: BaseEstimator, X: Iterable[np.ndarray]) -> np.ndarray:
    """Return the classes of images, from the rows of each of their translations, (n,)."""
    if isinstance(model, svm.GaussianSVM):
        return model.elected(sum(model.decisions(own) for own in X))
    squares = sum(model[-1].residuals(model[0].transform(own))[..., -1] for own in X)
    return model[-1].classes_[squares.argmin(axis=1)]


def measured(
    images: Mapping[str, np.ndarray],
    labels: Mapping[str, np.ndarray],
    *,
    sizes: Iterable[int],
    repeats: int,
    J: int,
    L: int,
    seed: int,
    device: torch.device | None = None,
) -> list[dict[str, Any]]:
    """Measure the least error at several training sizes.

    Args:
        images: Images of the splits, (n, c, H, W) uint8.
        labels: Labels of the splits.
        sizes: Numbers of training images.
        repeats: Number of random subsets of each size, as in `measurement.measured`.
        J: Scale of averaging, as log2.
        L: Number of angles.
        seed: Seed of the subsets and of the folds.
        device: Device that scatters.

    Returns:
        Row for each size and subset, with the keys `measurement.COLUMNS`.
    """
    test = rows(images["test"], J=J, L=L, device=device)[0]
    found: list[dict[str, Any]] = []
    counts = measurement.counts(sizes, len(labels["train"]), repeats)
    bar = progress.Progress(total=sum(counts.values()), unit="subset", label="least error")
    for n, count in counts.items():
        classifier = "affine" if n <= MOST else "svm"
        for subset in range(count):
            begun = time.perf_counter()
            own = subsets.drawn(labels["train"], n, seed=seed + subset)
            x, y = images["train"][own], labels["train"][own]
            given = {"J": J, "L": L, "seed": seed, "device": device}
            model, cv = fitted(classifier, x, y, **given)
            wrong = int((predicted(model, test) != labels["test"]).sum())
            row = {"features": "translations", "classifier": classifier, "n": n, "subset": subset}
            row |= {"J": J, "coefficients": test.shape[2], "chosen": measurement.described(model)}
            row |= {"cv_percent": 100 * cv, "seconds": time.perf_counter() - begun}
            found.append(row | measurement.counted(wrong, len(labels["test"])))
            log.info("%s, n = %d: %.2f %%", classifier, n, found[-1]["error_percent"])
            bar.update(1)
    bar.close()
    return found


def fitted(
    classifier: str,
    x: np.ndarray,
    y: np.ndarray,
    *,
    J: int,
    L: int,
    seed: int,
    device: torch.device | None = None,
) -> tuple[BaseEstimator, float]:
    """Return a classifier that is trained on images and their translations, and its error.

    The error is that of cross-validation: for `affine` with the translations, for `svm` without.

    Args:
        classifier: One of `measurement.CLASSIFIERS`.
        x: Images, (n, c, H, W).
        y: Labels, (n,).
        J: Scale of averaging, as log2.
        L: Number of angles.
        seed: Seed of the folds.
        device: Device that scatters.
    """
    known = {"J": J, "L": L, "device": device}
    if classifier == "affine":
        X, positions = rows(x, **known)
        return affine(X, y, positions=positions, seed=seed)
    plain, positions = features.rows(features.scattered(x, **known), "order2", J=J, L=L)
    model, error = svm.tuned(plain, y, positions=positions, seed=seed)
    own = model.fit(plain, y).machine_.support_
    X, _ = rows(x[own], **known)
    return model.fit(np.concatenate(X), np.tile(y[own], len(X))), error
