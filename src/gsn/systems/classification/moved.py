"""Errors on images that are rotated and scaled at random, training and test images alike.

References:
    J. Bruna and S. Mallat, Invariant scattering convolution networks, IEEE TPAMI 35(8), 2013,
    section 4.
"""

import logging
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from scipy import ndimage

from gsn.runtime import progress
from gsn.systems.classification import features, measurement, subsets
from gsn.transforms.scattering2d import paths

log = logging.getLogger(__name__)

# The paper's errors in per cent, order 1 and order 2.
PUBLISHED = {"none": (1.6, 0.8), "rotations": (6.7, 3.3), "scalings": (2, 1), "both": (12, 5.5)}
# ASSUME: all angles, and factors up to the root of 2, uniform in their logarithm.
FACTOR = math.sqrt(2)
COLUMNS = ("moved", "order", "n", "classes", "J", "chosen", "wrong", "test", "error_percent")
COLUMNS += ("low_percent", "high_percent", "published_percent")


def moved(x: np.ndarray, how: str, *, seed: int) -> np.ndarray:
    """Return images that are rotated, scaled, or both, about their centre, each in its own way.

    Args:
        x: Images, (n, c, H, W) uint8.
        how: `none`, `rotations`, `scalings` or `both`.
        seed: Seed of angles and factors.

    Returns:
        Images of the same shape, by linear interpolation; what lies outside is 0.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.classification.moved import moved
        >>> x = np.zeros((1, 1, 9, 9), np.uint8)
        >>> x[0, 0, 4, 4] = 100
        >>> int(moved(x, "both", seed=0)[0, 0, 4, 4])
        100
    """
    if how == "none":
        return x
    rng = np.random.default_rng(seed)
    angles = rng.uniform(0, 2 * np.pi, len(x)) * (how != "scalings")
    factors = FACTOR ** (rng.uniform(-1, 1, len(x)) * (how != "rotations"))
    centre = (np.array(x.shape[2:]) - 1) / 2
    found = np.empty_like(x)
    bar = progress.Progress(total=len(x), unit="image", label=how)
    for i, (angle, factor) in enumerate(zip(angles, factors, strict=True)):
        cosine, sine = np.cos(angle) / factor, np.sin(angle) / factor
        matrix = np.array([[cosine, -sine], [sine, cosine]])  # from a target to its source
        for channel in range(x.shape[1]):
            ndimage.affine_transform(
                x[i, channel],
                matrix,
                centre - matrix @ centre,
                output=found[i, channel],
                order=1,
            )
        bar.update(1)
    bar.close()
    return found


def measured(
    images: Mapping[str, np.ndarray],
    labels: Mapping[str, np.ndarray],
    *,
    each: int,
    classes: int,
    scales: list[int],
    L: int,
    seed: int,
    device: torch.device | None = None,
) -> list[dict[str, Any]]:
    """Measure the error of affine PCA on moved images, for orders 1 and 2.

    Args:
        images: Images of the splits, (n, c, H, W) uint8.
        labels: Labels of the splits.
        each: Number of training images of each class.
        classes: Number of classes; those with the largest labels are left out.
        scales: Scales J, of which cross-validation chooses one for each order.
        L: Number of angles.
        seed: Seed of the subset and of the moves.
        device: Device that scatters.

    Returns:
        Rows with the keys COLUMNS.
    """
    known = {split: np.flatnonzero(labels[split] < classes) for split in ("train", "test")}
    known["train"] = known["train"][subsets.each(labels["train"][known["train"]], each, seed=seed)]
    y = {split: labels[split][rows] for split, rows in known.items()}
    result = []
    for how, published in PUBLISHED.items():
        x = {
            split: moved(images[split][rows], how, seed=seed + (split == "test"))
            for split, rows in known.items()
        }
        found = {}
        for J in scales:
            S = {name: features.scattered(one, J=J, L=L, device=device) for name, one in x.items()}
            for order in (1, 2):
                low = {name: one[:, :, paths(J, L)["order"] <= order] for name, one in S.items()}
                positions = S["train"].shape[3] * S["train"].shape[4]
                X = {name: one.reshape(len(one), -1) for name, one in low.items()}
                model, error = measurement.chosen(
                    "affine", X["train"], y["train"], positions=positions, seed=seed
                )
                if order not in found or error < found[order][0]:
                    found[order] = error, J, model, model.predict(X["test"])
        for order, (_, J, model, predicted) in found.items():
            row = {"moved": how, "order": order, "n": len(y["train"]), "classes": classes, "J": J}
            row |= {"chosen": measurement.described(model), "published_percent": ""}
            if classes == 9 and each == 1000:
                row["published_percent"] = published[order - 1]
            wrong = int((predicted != y["test"]).sum())
            result.append(row | measurement.counted(wrong, len(predicted)))
            log.info("%s, order %d: %.2f %%", how, order, result[-1]["error_percent"])
    return result
