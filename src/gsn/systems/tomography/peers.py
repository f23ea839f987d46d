"""What others do with the same sinograms.

fbp          filtered back-projection; the cutoff is chosen
sirt         simultaneous iterations; their number is chosen
tv           total variation, to a relative gap of 1e-4; the weight is chosen
tv, anchor   the same with the pull beta/2 ||x - x_L||^2 of the best linear estimate
unet         a U-Net that corrects the first estimates, trained on the same pairs
"""

from pathlib import Path

import numpy as np
import torch

from gsn.inverse import backprojection
from gsn.inverse import total_variation as tv
from gsn.networks.upscaling import UNet
from gsn.systems.tomography.model import Tomography
from gsn.training import schedules, train

GAP = {"tolerance": 1e-4, "iterations": 20000}
CUTOFFS = (0.2, 0.35, 0.5, 0.7, 1.0)
ITERATIONS = (10, 20, 40, 80, 160, 320)
PULLS = (0.03, 0.1, 0.3, 1.0)  # beta, by the inverse variance of x_L


def fbp(model: Tomography, y: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return filtered back-projections by the cutoff that they have, values in [0, M]."""
    return {
        f"{cutoff:g}": backprojection.filtered(model.radon, y, cutoff=cutoff).clamp(0, model.most)
        for cutoff in CUTOFFS
    }


def sirt(model: Tomography, y: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return images of SIRT by the number of iterations."""
    found = backprojection.sirt(model.radon, y, iterations=ITERATIONS)
    return dict(zip(map(str, ITERATIONS), found.clamp(max=model.most), strict=True))


def variation(model: Tomography, y: torch.Tensor, weight: float) -> tv.Minimum:
    """Return the images of least total variation for a weight, to a gap of 1e-4."""
    return tv.minimise(model.radon, y, weight=weight, most=model.most, **GAP)


def anchored(
    model: Tomography, y: torch.Tensor, weight: float, pull: float, end: dict = GAP
) -> tv.Minimum:
    """Return the same with the pull of the best linear estimate."""
    given = {"anchor": model.linear(y, model.shape), "most": model.most}
    given["pull"] = pull * model.sigma**2 / model.linear.variance
    return tv.minimise(model.radon, y, weight=weight, **given, **end)


def trained(
    x: np.ndarray,
    inputs: np.ndarray,
    *,
    epochs: int,
    width: int,
    batch: int,
    learning_rate: float,
    seed: int,
    checkpoint: Path,
    stamp: str = "",
    device: torch.device | str = "cpu",
) -> UNet:
    """Return a U-Net that corrects first estimates, trained on the squared error.

    Args:
        x: Training images, (n, N, N).
        inputs: First estimates, (n, 2, N, N): of least total variation, and linear.
        epochs, batch, learning_rate, seed, checkpoint, stamp, device: As in `gsn.training.train`.
        width: Number of channels at the finest scale.
    """
    torch.manual_seed(seed)
    network = UNet(inputs.shape[1], width=width)
    train(
        network,
        lambda f, u, x: (f(u) - x).square().mean(),
        [inputs.astype(np.float32), x.astype(np.float32)],
        epochs=epochs,
        batch=batch,
        learning_rate=learning_rate,
        schedule=schedules.cosine(0.1),
        seed=seed,
        checkpoint=checkpoint,
        stamp=stamp,
        device=device,
    )
    return network.eval().requires_grad_(False)
