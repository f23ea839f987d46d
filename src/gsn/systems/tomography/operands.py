"""Sinograms and images as tensors of one kind, or one sentence about what is wrong."""

from collections.abc import Callable

import numpy as np
import torch

from gsn.runtime import arguments


def sinograms(
    y, measured: tuple[int, int], shape: tuple[int, int]
) -> tuple[torch.Tensor, Callable]:
    """Return sinograms as a tensor (n, angles, detectors), and a function to give images back.

    Args:
        y: Sinograms, (..., angles, detectors) float, an array or a tensor.
        measured: Numbers of angles and of detectors.
        shape: Height and width (H, W) of the images.

    Returns:
        Sinograms, and a function from (n, H, W) to (..., H, W) of the kind and dtype of y.

    Raises:
        ValueError: They are not finite, or not of this geometry.
    """
    tensor = y if isinstance(y, torch.Tensor) else torch.from_numpy(arguments.array("sinogram", y))
    if tuple(tensor.shape[-2:]) != measured or not tensor.is_floating_point():
        raise ValueError(
            "a sinogram must be float of the shape (..., angles, detectors), "
            f"(..., {measured[0]}, {measured[1]}) here: got {tensor.dtype} of "
            f"{tuple(tensor.shape)}; transpose it, or give the angles that it has."
        )
    wrong = int((~torch.isfinite(tensor)).sum())
    if wrong:
        raise ValueError(
            f"a sinogram must be finite: got NaN or infinity at {wrong} places; fill them."
        )
    flat = tensor.detach().reshape(-1, *measured)
    kept = flat if flat.dtype in (torch.float32, torch.float64) else flat.float()

    def give(x: torch.Tensor):
        x = x.to(tensor.dtype).reshape(*tensor.shape[:-2], *shape)
        return x if isinstance(y, torch.Tensor) else x.numpy()

    return kept, give


def examples(x) -> np.ndarray:
    """Return training images, (n, M, M) float32 in [0, 1].

    Raises:
        ValueError: They are not finite, negative, or of another shape.
    """
    x = arguments.array("x", x)
    if x.ndim == 4 and x.shape[1] == 1:
        x = x[:, 0]
    if x.ndim != 3 or x.shape[1] != x.shape[2] or len(x) < 2:
        raise ValueError(
            f"x must be square grey images (n, M, M), n of at least 2: got {x.shape}; crop them."
        )
    found = np.asarray(x, dtype=np.float32) / (255 if x.dtype == np.uint8 else 1)
    if not np.isfinite(found).all() or found.min() < 0:
        raise ValueError(
            "x must be finite and not negative, an attenuation: got NaN, infinity or values below "
            "0; fill or clip them."
        )
    return found
