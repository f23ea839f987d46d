"""The example of the user as tensors: a field or an image in colour, and its mask."""

from typing import Any

import numpy as np
import torch

from gsn.runtime import arguments, machine


def example(x: Any) -> torch.Tensor:
    """Return an example as a tensor, (H, W) or (c, H, W) float32 or float64.

    An array goes to the first GPU, if there is one. A tensor stays on its device.

    Raises:
        ValueError: It is no array of real numbers, or its shape is another one.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.synthesis import operands
        >>> operands.example(np.zeros((3, 8, 8), np.uint8)).dtype
        torch.float32
    """
    device = x.device if isinstance(x, torch.Tensor) else machine.device()
    values = arguments.array("x", x)
    if values.ndim not in (2, 3) or not values.size:
        raise ValueError(
            f"x must be one field, (H, W), or one image, (c, H, W): got the shape {values.shape}; "
            "give one example."
        )
    if values.ndim == 3 and values.shape[2] <= 4 < values.shape[0]:
        raise ValueError(
            f"x must have its colours first, (c, H, W): got the shape {values.shape}; use "
            "np.moveaxis(x, -1, 0)."
        )
    dtype = np.float64 if values.dtype == np.float64 else np.float32
    return torch.from_numpy(np.array(values, dtype=dtype)).to(device)


def mask(points: Any, x: torch.Tensor) -> torch.Tensor | None:
    """Return a mask as a tensor on the device of an example, (H, W) bool; None if all count.

    Raises:
        ValueError: It has another shape or type, or leaves fewer than two points.
    """
    if points is None:
        return None
    values, sides = arguments.array("mask", points), tuple(x.shape[-2:])
    if values.shape != sides or values.dtype != bool:
        raise ValueError(
            f"mask must be bool of the shape {sides}, true where a point counts: got "
            f"{values.dtype} of the shape {values.shape}; use mask > 0, or crop it."
        )
    if values.sum() < 2:
        raise ValueError(
            f"mask must leave points: got {values.sum()} of {values.size}; true marks what counts."
        )
    return torch.from_numpy(values).to(x.device)


def filled(x: torch.Tensor, points: torch.Tensor | None) -> torch.Tensor:
    """Return an example whose hidden points have the mean of the others.

    Args:
        x: Example, (..., H, W).
        points: Points that count, (H, W) bool.

    Raises:
        ValueError: A point that counts is not finite, or all of each colour are equal.

    Example:
        >>> import torch
        >>> from gsn.systems.synthesis import operands
        >>> x = torch.tensor([[1.0, float("nan")], [3.0, 2.0]])
        >>> operands.filled(x, torch.isfinite(x)).tolist()
        [[1.0, 2.0], [3.0, 2.0]]
    """
    values = x.flatten(-2) if points is None else x[..., points]  # (..., points)
    if not torch.isfinite(values).all():
        wrong = int((~torch.isfinite(values)).sum())
        raise ValueError(
            f"x must be finite: found {wrong} numbers that are not; hide their points by mask=, or "
            "fill them."
        )
    if bool((values == values[..., :1]).all()):
        colours = ", ".join(f"{float(one):g}" for one in values.reshape(-1, values.shape[-1])[:, 0])
        raise ValueError(f"x must vary: all its numbers are {colours}; give another example.")
    if points is None:
        return x
    mean = values.double().mean(dim=-1).to(x.dtype)[..., None, None]
    return torch.where(points, x, mean)
