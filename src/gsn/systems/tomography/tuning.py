"""The choice of the weights of the energy, on validation images, by the mean PSNR.

The weight of the total variation is the best of a grid. The others are chosen one after the other:
the start, kappa, lambda, beta, each from a short list.
"""

import logging
from dataclasses import replace

import numpy as np
import torch

from gsn.inverse import total_variation as tv
from gsn.metrics import reconstruction
from gsn.systems.tomography.model import FIRST, Tomography, Weights

log = logging.getLogger(__name__)

TV = np.geomspace(0.01, 1, 13)  # by sigma: lambda = t sigma sqrt(angles)
TRIED = {
    "start": ("tv", "linear"),
    "kappa": (0.1, 0.3, 1.0),
    "edges": (0.5, 1.0, 2.0),
    "pull": (0.0, 0.1, 0.5),
}


def grid(model: Tomography) -> list[float]:
    """Return the weights of the total variation that are tried, for 1/2 ||A x - y||^2."""
    return [float(t) * model.sigma * len(model.angles) ** 0.5 for t in TV]


def first(model: Tomography, x: np.ndarray, y: torch.Tensor) -> Weights:
    """Return the weights with the best one of the total variation."""
    tried = {}
    for weight in grid(model):
        found = tv.minimise(model.radon, y, weight=weight, most=model.most, **FIRST).x
        tried[weight] = found.cpu().numpy()
    weight = reconstruction.best(x, tried)
    psnr = reconstruction.mean_psnr(x, tried[weight])
    log.info("weight of the total variation: %.3g, %.2f dB", weight, psnr)
    return replace(model.weights, tv=weight)


def chosen(model: Tomography, x: np.ndarray, y: torch.Tensor) -> Weights:
    """Return all weights.

    Args:
        model: Model with its regression.
        x: Validation images, (n, H, W).
        y: Their sinograms.
    """
    best, estimates, known = model.weights, model.first(y), {}

    def score(weights: Weights) -> float:
        if weights not in known:
            found = model.reconstruct(y, weights=weights, first=estimates)
            known[weights] = reconstruction.mean_psnr(x, found.cpu().numpy())
        return known[weights]

    for name, values in TRIED.items():
        best = max((replace(best, **{name: value}) for value in values), key=score)
    log.info("weights: %s, %.2f dB", best, score(best))
    return best
