"""What others do with the same small images: each result is projected on A x = y.

bicubic      cubic interpolation (torch)
tv           total variation, to a relative gap of 1e-4
wavelets     l1 norm in a basis of wavelets
network      a small convolutional network, trained on the same pairs
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from gsn.inverse import total_variation, wavelets
from gsn.inverse.operators.sampling import Decimation
from gsn.networks.upscaling import Upscaler
from gsn.systems.superresolution.fitting import batches
from gsn.systems.superresolution.linear import Linear
from gsn.training import schedules, train

GAP = 1e-4


def bicubic(A: Decimation, y: torch.Tensor) -> torch.Tensor:
    """Return the cubic interpolation of small images, (n, h, w) -> (n, H, W).

    Example:
        >>> import torch
        >>> from gsn.inverse.operators.sampling import Decimation
        >>> from gsn.systems.superresolution import peers
        >>> peers.bicubic(Decimation(2, (16, 16)), torch.ones(1, 8, 8)).shape
        torch.Size([1, 16, 16])
    """
    x = F.interpolate(y[:, None], size=A.shape, mode="bicubic")[:, 0]
    return A.consistent(x, y)


def tv(A: Decimation, y: torch.Tensor, weight: float) -> tuple[torch.Tensor, float]:
    """Return the images of least total variation for a weight, and the largest relative gap."""
    found = total_variation.minimise(
        A, y.double(), weight=weight, most=1.0, start=A.inverse(y.double()), tolerance=GAP
    )
    return A.consistent(found.x, y.double()).to(y), float(found.gap.max())


def sparse(A: Decimation, y: torch.Tensor, weight: float) -> torch.Tensor:
    """Return the images that are sparse in wavelets for a weight of the l1 norm."""
    J = min((side & -side).bit_length() - 1 for side in A.shape)
    start = A.inverse(y)
    found = wavelets.minimise(A, y, weight=weight, J=min(J, 4), start=start, iterations=100)
    return A.consistent(found, y)


def trained(
    x: np.ndarray,
    linear: Linear,
    factor: int,
    *,
    epochs: int,
    width: int,
    batch: int,
    learning_rate: float,
    seed: int,
    checkpoint: Path,
    stamp: str = "",
    device: torch.device | str = "cpu",
) -> Upscaler:
    """Return a network that corrects the linear estimate, trained on the squared error.

    Args:
        x: Training images, (n, N, N) float in [0, 1] or uint8.
        linear: Best linear estimate.
        factor: Factor s.
        epochs, batch, learning_rate, seed, checkpoint, stamp: As in `gsn.training.train`.
        width: Number of channels.
        device: Device to compute on.
    """
    A, own = Decimation(factor, tuple(x.shape[-2:])), torch.device(device)
    small, first, whole = [], [], []
    for images in batches(x, own, "linear estimates"):
        y = A(images)
        for part, values in ((small, y), (first, linear(A, y)), (whole, images)):
            part.append(values.cpu().numpy())
    torch.manual_seed(seed)
    network = Upscaler(factor, width=width)
    train(
        network,
        lambda f, y, u, x: (f(y, u) - x).square().mean(),
        [np.concatenate(part) for part in (small, first, whole)],
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
