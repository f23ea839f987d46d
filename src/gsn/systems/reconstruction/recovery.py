"""The recovery diagram: how often k Diracs are recovered exactly from S_J, by J and order.

An image has k pixels of the value 1, the others are 0. It is recovered if its PSNR after alignment
is above a threshold. The PSNR of the constant image, 10 log10(N^2 / (k (1 - k / N^2))) dB, is far
below.
"""

import logging
from pathlib import Path

import numpy as np
import torch
from scipy import stats

from gsn.data import shapes
from gsn.systems.reconstruction import measurement
from gsn.systems.reconstruction.inversion import reconstruct

log = logging.getLogger(__name__)

COLUMNS = ("N", "J", "L", "order", "coefficients", "diracs", "draws", "recovered", "probability")
COLUMNS += ("low", "high", "psnr_median_db", "error_median", "seconds")


def recovered(
    N: int,
    diracs: list[int],
    *,
    J: int,
    L: int,
    order: int,
    draws: int,
    threshold: float,
    starts: int,
    steps: int,
    tolerance: float,
    seed: int,
    device: torch.device,
    checkpoint: Path | None = None,
    stamp: str = "",
) -> list[dict]:
    """Count the images of k Diracs that are recovered from S_J, for several k.

    Args:
        N: Side of the images in pixels.
        diracs: Numbers of Diracs.
        J: Scale of averaging, as log2.
        L: Number of angles.
        order: Largest number of wavelets on a path, 1 or 2.
        draws: Number of images of each number of Diracs.
        threshold: PSNR in dB above which an image counts as recovered.
        starts: Number of starts.
        steps: Number of steps of each start.
        tolerance: Error at which a descent ends.
        seed: Seed of the images and of the starts.
        device: Device to compute on.
        checkpoint: Folder of the states of the descents, which the caller deletes.
        stamp: Whatever else the run depends on.

    Returns:
        Row for each number of Diracs, with the keys COLUMNS. `low` and `high` are Wilson's interval
        of 95 % of the probability.
    """
    x = np.stack(
        [
            shapes.draw("diracs", N, k=k, seed=seed, index=index)
            for k in diracs
            for index in range(draws)
        ]
    )
    transform = measurement.transform_of(N, J=J, L=L, order=order)
    S = transform(torch.from_numpy(x).to(device))
    found = reconstruct(
        S,
        transform,
        n_starts=starts,
        steps=steps,
        tolerance=tolerance,
        seed=seed,
        checkpoint=checkpoint,
        stamp=stamp,
    )
    decibels = measurement.psnr(x, measurement.aligned(x, found.x.cpu().numpy(), J=J).y)
    decibels = decibels.reshape(len(diracs), draws)
    errors = found.error.cpu().numpy().reshape(len(diracs), draws)
    same = {"N": N, "J": J, "L": L, "order": order, "coefficients": S[0].numel(), "draws": draws}
    same |= {"seconds": found.seconds / len(diracs)}
    rows = []
    for k, own, error in zip(diracs, decibels, errors, strict=True):
        hits = int((own > threshold).sum())
        low, high = stats.binomtest(hits, draws).proportion_ci(0.95, method="wilson")
        log.info("J = %d, order %d, %d Diracs: %d of %d recovered", J, order, k, hits, draws)
        counted = {"diracs": k, "recovered": hits, "probability": hits / draws}
        counted |= {"low": float(low), "high": float(high)}
        medians = {"psnr_median_db": np.median(own), "error_median": np.median(error)}
        rows.append(same | counted | medians)
    return rows
