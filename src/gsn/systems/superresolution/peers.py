"""What others do with the same small images: each result is projected on A x = y.

bicubic      cubic interpolation (torch)
tv           total variation, to a relative gap of 1e-4
wavelets     l1 norm in a basis of wavelets
network      a small convolutional network, trained on the same pairs
"""

import dataclasses
import functools
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from gsn.inverse import total_variation, wavelets
from gsn.inverse.operators.sampling import Decimation
from gsn.networks.upscaling import Upscaler
from gsn.systems.superresolution.fitting import batches
from gsn.systems.superresolution.linear import Linear
from gsn.training import regression


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


def tv(
    A: Decimation, y: torch.Tensor, weight: float, tolerance: float = 1e-4
) -> total_variation.Minimum:
    """Return the images of least total variation for a weight, to a relative gap.

    Computes in float64: P is so small where an image is smooth that float32 cannot certify 1e-4.
    """
    y_exact = y.double()
    found = total_variation.minimise(
        A, y_exact, weight=weight, most=1.0, start=A.inverse(y_exact), tolerance=tolerance
    )
    return dataclasses.replace(found, x=A.consistent(found.x, y_exact).to(y))


def sparse(A: Decimation, y: torch.Tensor, weight: float) -> torch.Tensor:
    """Return the images that are sparse in wavelets for a weight of the l1 norm."""
    J = min((side & -side).bit_length() - 1 for side in A.shape)
    start = A.inverse(y)
    found = wavelets.minimise(A, y, weight=weight, J=min(J, 4), start=start, iterations=100)
    return A.consistent(found, y)


def network(
    x: np.ndarray,
    linear: Linear,
    factor: int,
    *,
    width: int,
    device: torch.device | str = "cpu",
    **training: Any,
) -> Upscaler:
    """Return a network that corrects the linear estimate, trained on the squared error.

    Args:
        x: Training images, (n, N, N) float in [0, 1] or uint8.
        linear: Best linear estimate.
        factor: Factor s.
        width: Number of channels.
        device: Device to compute on.
        **training: Keywords of `gsn.training.regression.fit`.
    """
    A, own = Decimation(factor, tuple(x.shape[-2:])), torch.device(device)
    small, first, whole = [], [], []
    for images in batches(x, own, "linear estimates"):
        y = A(images)
        for part, values in ((small, y), (first, linear(A, y)), (whole, images)):
            part.append(values.cpu().numpy())
    inputs, whole = [np.concatenate(part) for part in (small, first)], np.concatenate(whole)
    build = functools.partial(Upscaler, factor, width=width)
    return regression.fit(build, inputs, whole, device=device, **training)
