"""Errors from few labelled images: scattering beside pixels, HOG, and a small network.

Each subset has the same number of images of each class. All classifiers see the same subsets.
"""

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from skimage.feature import hog
from sklearn.pipeline import make_pipeline

from gsn.decomposition.affine import AffinePCA
from gsn.decomposition.scaling import PathMaximum
from gsn.runtime import progress
from gsn.systems.classification import measurement, subsets, svm, trained
from gsn.systems.classification.measurement import Given

log = logging.getLogger(__name__)

COLUMNS = ("features", "classifier", "each", "subset", "chosen", "wrong", "test", "error_percent")
COLUMNS += ("low_percent", "high_percent")
NETWORK = {"width": 32, "project": 0, "atoms": 0, "steps": 0, "learning_rate": 0.005}
UPDATES = 400  # steps of the network
CELL = {"pixels_per_cell": (4, 4), "cells_per_block": (2, 2), "orientations": 9}


def histograms(x: np.ndarray) -> np.ndarray:
    """Return the histograms of oriented gradients of images, by scikit-image, (n, p) float32.

    Args:
        x: Images, (n, c, H, W).

    Example:
        >>> import numpy as np
        >>> from gsn.systems.classification.few import histograms
        >>> histograms(np.zeros((2, 1, 16, 16), np.uint8)).shape
        (2, 324)
    """
    bar = progress.Progress(total=len(x), unit="image", label="HOG")
    found = []
    for image in x:
        found.append(hog(np.moveaxis(image, 0, 2), channel_axis=2, **CELL).astype(np.float32))
        bar.update(1)
    bar.close()
    return np.stack(found)


def simple(classifier: str, X: np.ndarray, y: np.ndarray, *, positions: int, seed: int):
    """Return a fitted classifier of few rows, whose parameters are chosen where that is possible.

    Args:
        classifier: One of `measurement.CLASSIFIERS`.
        X: Training rows, (n, p).
        y: Labels, (n,).
        positions: Number of consecutive columns of a path.
        seed: Seed of the folds.
    """
    if np.unique(y, return_counts=True)[1].min() > 1:
        model, _ = measurement.chosen(classifier, X, y, positions=positions, seed=seed)
        return model.fit(X, y) if classifier == "svm" else model
    if classifier == "svm":
        model = svm.GaussianSVM(positions=positions)
    else:
        model = make_pipeline(PathMaximum(positions), AffinePCA(d=0))
    return model.fit(X, y)


def measured(
    given: Mapping[str, Given],
    images: Mapping[str, np.ndarray],
    labels: Mapping[str, np.ndarray],
    *,
    sizes: Iterable[int],
    repeats: int,
    seed: int,
    checkpoint: Path,
    device: torch.device | str = "cpu",
) -> list[dict[str, Any]]:
    """Measure the errors of all classifiers of all features, and of a network on pixels.

    Args:
        given: Features by name.
        images: Images of the splits, (n, c, H, W) uint8.
        labels: Labels of the splits.
        sizes: Numbers of training images of each class.
        repeats: Number of random subsets.
        seed: Seed of the subsets.
        checkpoint: Path of the state of the network, which is deleted.
        device: Device of the network.

    Returns:
        Rows with the keys COLUMNS.
    """
    rows: list[dict[str, Any]] = []
    sizes = list(sizes)
    bar = progress.Progress(total=len(sizes) * repeats, unit="subset", label="few labels")
    for each in sizes:
        for subset in range(repeats):
            own = subsets.each(labels["train"], each, seed=seed + subset)
            y = labels["train"][own]

            def add(features, classifier, chosen, found, each=each, subset=subset):
                row = {"features": features, "classifier": classifier, "each": each}
                wrong = int((found != labels["test"]).sum())
                row |= {"subset": subset, "chosen": chosen} | measurement.counted(wrong, len(found))
                rows.append(row)
                log.info("%s, %s, %d: %.2f %%", features, classifier, each, row["error_percent"])

            for features, one in given.items():
                for classifier in measurement.CLASSIFIERS:
                    kept = {"positions": one.positions, "seed": seed}
                    model = simple(classifier, one.train[own], y, **kept)
                    add(features, classifier, measurement.described(model), model.predict(one.test))
            found = _network(images["train"][own], y, images["test"], seed, checkpoint, device)
            add("pixels", "network", f"{UPDATES} steps", found)
            bar.update(1)
    bar.close()
    return rows


def _network(x, y, test, seed, checkpoint, device) -> np.ndarray:
    """Return the predictions of a small network that is trained on a subset of the pixels."""
    batch = min(len(x), 32)
    epochs = -(-UPDATES // (len(x) // batch))
    network, _ = trained.fit(
        "convolutions",
        x,
        y,
        settings=NETWORK | {"epochs": epochs, "batch": batch},
        seed=seed,
        checkpoint=checkpoint,
        device=device,
    )
    checkpoint.unlink(missing_ok=True)
    return trained.predicted(network, test)
