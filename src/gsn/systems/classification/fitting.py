"""A classifier of one's own images: scales and method by cross-validation, then a fit to all."""

import dataclasses
import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator

from gsn.runtime import arguments, machine
from gsn.systems.classification import features, measurement, subsets

log = logging.getLogger(__name__)

TRIED = 2000  # images on which scale and method are chosen, at most


@dataclass(frozen=True)
class Classifier:
    """A fitted classifier of images.

    Attributes:
        classes: Labels of the classes, in order.
        J: Scale of averaging, as log2.
        L: Number of angles.
        method: `affine` or `svm`.
        cv_errors: Error in cross-validation of each J and method that was tried.
        shape: Shape of an image, (c, H, W).
        dtype: uint8, whose values are divided by 255, or float32, whose values are not.
        model: Estimator of scikit-learn on the scattering coefficients.
        device: Device that scatters.
    """

    classes: np.ndarray
    J: int
    L: int
    method: str
    cv_errors: dict[tuple[int, str], float]
    shape: tuple[int, int, int]
    dtype: np.dtype
    model: BaseEstimator
    device: torch.device

    def features(self, images: np.ndarray) -> np.ndarray:
        """Return the scattering coefficients of images, (n, p) float32.

        Raises:
            ValueError: The images have another shape or another range than those of the fit.
        """
        x = features.images(images)
        if x.shape[1:] != self.shape:
            raise ValueError(
                f"images must have the shape (n, {', '.join(map(str, self.shape))}) of those of "
                f"the fit: got {np.shape(images)}; crop or resize them."
            )
        if x.dtype != self.dtype:
            kinds = ["uint8" if one == np.uint8 else "floats" for one in (self.dtype, x.dtype)]
            raise ValueError(
                f"images must be {kinds[0]}, as those of the fit: got {kinds[1]}; convert them, "
                "and mind the range: uint8 is divided by 255, floats are not."
            )
        S = features.scattered(x, J=self.J, L=self.L, device=self.device)
        return features.rows(S, "order2", J=self.J, L=self.L)[0]

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Return the class of each image, (n,).

        Args:
            images: Images of the size, the kind and the range of those of the fit, (n, H, W) or
                (n, c, H, W).
        """
        return self.model.predict(self.features(images))

    def score(self, images: np.ndarray, labels: Any) -> float:
        """Return the share of images whose class is right.

        Args:
            images: Images, as in `predict`.
            labels: Their labels, (n,), of the kind of those of the fit.

        Raises:
            ValueError: Images or labels are not like those of the fit, or their numbers differ.
        """
        y = _labels(labels)
        if (y.dtype.kind == "U") != (self.classes.dtype.kind == "U"):
            kinds = ["texts" if one.dtype.kind == "U" else "numbers" for one in (y, self.classes)]
            raise ValueError(
                f"labels must be of the kind of those of the fit: got {kinds[0]}, not {kinds[1]}; "
                "convert them."
            )
        _check_numbers(images, y)
        return float(np.mean(self.predict(images) == y))


def fit(
    images: np.ndarray,
    labels: Any,
    *,
    L: int = 8,
    seed: int = 0,
    device: torch.device | str | None = None,
) -> Classifier:
    """Return a classifier of images that needs no tuning.

    The features are scattering coefficients of orders 0 to 2. Cross-validation on at most 2,000 of
    the images chooses J and one of two methods: an affine space for each class, which is strong for
    few images, or a support vector machine, which is strong for many. The classifier is then fitted
    to all images. Memory holds their coefficients.

    Args:
        images: Images of one size, (n, H, W) or (n, c, H, W), uint8 in 0..255 or floats in any
            range.
        labels: Labels, (n,), numbers or texts; at least two classes, of at least two images each.
        L: Number of angles.
        seed: Seed of the folds.
        device: Device that scatters; the first GPU or the CPU by default.

    Raises:
        ValueError: Images or labels are not as above, or their numbers differ.

    References:
        J. Bruna and S. Mallat, Invariant scattering convolution networks, IEEE TPAMI 35(8), 2013.

    Example:
        >>> from sklearn.datasets import load_digits
        >>> from gsn.systems.classification import fit
        >>> digits = load_digits()
        >>> found = fit(digits.images[::4], digits.target[::4])
        >>> found.score(digits.images[1::4], digits.target[1::4]) > 0.95
        True
    """
    x, y = features.images(images), _labels(labels)
    _check_numbers(x, y)
    L, seed = arguments.integer("L", L, least=1), arguments.integer("seed", seed, least=0)
    where = machine.chosen(device)
    classes = _classes(y)
    some = min(len(y), max(TRIED, 2 * len(classes)))
    few = subsets.drawn(y, some, seed=seed)
    tried, errors, positions = {}, {}, {}
    for J in features.scales(x.shape[-2:]):
        S = features.scattered(x[few], J=J, L=L, device=where)
        X, positions[J] = features.rows(S, "order2", J=J, L=L)
        for method in measurement.CLASSIFIERS:
            model, error = measurement.chosen(method, X, y[few], positions=positions[J], seed=seed)
            tried[J, method], errors[J, method] = model, error
            log.info("J = %d, %s: %.2f %% in cross-validation", J, method, 100 * error)
    J, method = min(errors, key=errors.get)
    model, kept = tried[J, method], (x.shape[1:], x.dtype)
    found = Classifier(classes, J, L, method, errors, *kept, model, where)
    if method == "svm":
        found.model.fit(found.features(x), y)
    elif len(few) < len(y):  # d grows with the number of images
        X = found.features(x)
        model, _ = measurement.chosen(method, X, y, positions=positions[J], seed=seed)
        found = dataclasses.replace(found, model=model)
    return found


def _check_numbers(images: Any, y: np.ndarray) -> None:
    """Refuse images and labels whose numbers differ."""
    if len(images) != len(y):
        raise ValueError(
            f"images and labels must be as many: got {len(images)} and {len(y)}; check their order."
        )


def _labels(labels: Any) -> np.ndarray:
    """Return labels as an array of one axis, of numbers or of texts."""
    texts = isinstance(labels, list | tuple) and any(isinstance(one, str) for one in labels)
    kind = getattr(getattr(labels, "dtype", None), "kind", "")
    if texts or kind in ("U", "O"):
        found = np.asarray(labels, dtype=object)  # numpy would make a text of None
        texts = {isinstance(one, str) for one in found.ravel()}
        if len(texts) > 1:
            raise ValueError(
                "labels must be all texts or all whole numbers: got both; leave out the images "
                "without a label, or convert them."
            )
        found = found.astype(str) if texts == {True} else arguments.array("labels", found.tolist())
    else:
        found = arguments.array("labels", labels)
    if found.ndim != 1 or found.dtype.kind not in "biuU":
        raise ValueError(
            f"labels must be whole numbers or texts, one an image: got {found.dtype} of the shape "
            f"{found.shape}; use labels.argmax(1) for one-hot rows, or astype(int)."
        )
    return found


def _classes(y: np.ndarray) -> np.ndarray:
    """Return the classes, of which each must have two images."""
    classes, counts = np.unique(y, return_counts=True)
    if len(classes) < 2:
        raise ValueError(
            "a classifier needs two classes or more: got one class; add images of another."
        )
    if counts.min() < 2:
        single = arguments.shown(classes.tolist()[np.argmin(counts)])
        raise ValueError(
            f"each class needs at least 2 images: class {single} has 1; add some, or leave it out."
        )
    return classes
