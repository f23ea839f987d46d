"""What others do with the same sinograms.

fbp          filtered back-projection; the cutoff is chosen
sirt         simultaneous iterations; their number is chosen
tv           total variation, to a relative gap of 1e-4; the weight is chosen
tv, anchor   the same with the pull beta/2 ||x - x_L||^2 of the best linear estimate
unet         a U-Net that corrects the first estimates, trained on the same pairs
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gsn.inverse import backprojection
from gsn.inverse import total_variation as tv
from gsn.metrics.reconstruction import best
from gsn.networks.upscaling import UNet
from gsn.systems.tomography import tuning
from gsn.systems.tomography.model import FIRST, Tomography
from gsn.training import regression

CUTOFFS = (0.2, 0.35, 0.5, 0.7, 1.0)
ITERATIONS = (10, 20, 40, 80, 160, 320)
PULLS = (0.03, 0.1, 0.3, 1.0)  # beta, by the inverse variance of x_L


@dataclass(frozen=True)
class Parameters:
    """The parameters of the peers that are the best on validation images.

    Attributes:
        cutoff: Cutoff of filtered back-projection.
        iterations: Number of iterations of SIRT.
        weight: Weight of the total variation beside the pull of x_L.
        pull: Weight beta of that pull, by the inverse variance of x_L.
    """

    cutoff: float
    iterations: int
    weight: float
    pull: float


def chosen(model: Tomography, x: np.ndarray, y: torch.Tensor) -> Parameters:
    """Return the parameters of the peers.

    Args:
        model: Model, whose weight of the total variation was chosen on the same images.
        x: Validation images, (n, N, N).
        y: Their sinograms.
    """
    cutoff = best(x, {c: fbp(model, y, c).cpu().numpy() for c in CUTOFFS})
    iterates = sirt(model, y, ITERATIONS).cpu().numpy()
    iterations = best(x, dict(zip(ITERATIONS, iterates, strict=True)))
    grid = tuning.grid(model)
    weights = grid[max(grid.index(model.weights.tv) - 1, 0) : grid.index(model.weights.tv) + 2]
    pairs = [(weight, pull) for weight in weights for pull in PULLS]
    pulled = {pair: anchored(model, y, *pair, **FIRST).x.cpu().numpy() for pair in pairs}
    return Parameters(cutoff, iterations, *best(x, pulled))


def fbp(model: Tomography, y: torch.Tensor, cutoff: float) -> torch.Tensor:
    """Return filtered back-projections, values in [0, M]."""
    return backprojection.filtered(model.radon, y, cutoff=cutoff).clamp(0, model.most)


def sirt(model: Tomography, y: torch.Tensor, iterations: Sequence[int]) -> torch.Tensor:
    """Return images of SIRT after some numbers of iterations, values in [0, M]."""
    return backprojection.sirt(model.radon, y, iterations=iterations).clamp(max=model.most)


def variation(model: Tomography, y: torch.Tensor, weight: float) -> tv.Minimum:
    """Return the images of least total variation for a weight, to a gap of 1e-4."""
    return tv.minimise(model.radon, y, weight=weight, most=model.most)


def oracle(
    x: np.ndarray, weights: Sequence[float], start: int, images: Callable[[float], np.ndarray]
) -> float:
    """Return the weight with the best images, by steps from one weight to a better neighbour.

    Args:
        x: True images, (n, N, N).
        weights: Weights, increasing.
        start: Index of the first weight.
        images: Function from a weight to images.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.tomography import peers
        >>> x = np.ones((1, 4, 4))
        >>> peers.oracle(x, [1.0, 2.0, 4.0, 8.0], 0, lambda weight: x + abs(weight - 5))
        4.0
    """
    tried, i = {}, start
    while True:
        near = range(max(i - 1, 0), min(i + 2, len(weights)))
        tried |= {k: images(weights[k]) for k in near if k not in tried}
        if i == (i := best(x, tried)):
            return weights[i]


def anchored(
    model: Tomography, y: torch.Tensor, weight: float, pull: float, **end: Any
) -> tv.Minimum:
    """Return the same with the pull of the best linear estimate."""
    given = {"anchor": model.linear(y, model.shape), "most": model.most}
    given["pull"] = pull * model.sigma**2 / model.linear.variance
    return tv.minimise(model.radon, y, weight=weight, **given, **end)


def unet(x: np.ndarray, inputs: np.ndarray, *, width: int, **training: Any) -> UNet:
    """Return a U-Net that corrects first estimates, trained on the squared error.

    Args:
        x: Training images, (n, N, N).
        inputs: First estimates, (n, 2, N, N): of least total variation, and linear.
        width: Number of channels at the finest scale.
        **training: Keywords of `gsn.training.regression.fit`.
    """
    return regression.fit(lambda: UNet(inputs.shape[1], width=width), [inputs], x, **training)
