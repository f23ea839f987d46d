"""Arguments of the statistics, checked: fields, examples, masks and the number of scales."""

import torch

from gsn.runtime import arguments

# ASSUME: a band whose deviation is below this fraction of the field's is rounding, and no property
# of the example.
EMPTY = 1e-5
# Deviations beyond which squares of weak bands, or of their sums, leave the numbers of a type.
LARGEST = {torch.float32: 1e12, torch.float64: 1e100}


def fields(x: torch.Tensor, shape: tuple[int, int]) -> torch.Tensor:
    """Return fields, once their shape and their kind are right.

    Args:
        x: Fields, (n, H, W) float32 or float64.
        shape: Sides (H, W) that they must have.

    Raises:
        ValueError: x is of another shape or kind.

    Example:
        >>> import torch
        >>> from gsn.transforms.statistics import arguments
        >>> arguments.fields(torch.zeros(2, 4, 4), (4, 4)).shape
        torch.Size([2, 4, 4])
    """
    if isinstance(x, torch.Tensor) and x.dtype in (torch.float32, torch.float64):
        if x.ndim == 3 and len(x) and tuple(x.shape[1:]) == tuple(shape):
            return x
        found = tuple(x.shape)
    else:
        found = getattr(x, "dtype", type(x).__name__)
    raise ValueError(
        f"x must be a float32 or float64 tensor of shape (n, {shape[0]}, {shape[1]}): got {found}; "
        "convert it, crop it or use x[None]."
    )


def examples(
    x: torch.Tensor, shape: tuple[int, int], mask: torch.Tensor | None = None
) -> torch.Tensor:
    """Return examples without gradient, once they can be fitted.

    Args:
        x: Examples, (n, H, W) float32 or float64.
        shape: Sides (H, W) that they must have.
        mask: Points that count, (H, W) bool.

    Raises:
        ValueError: A number that counts is not finite, an example is constant, their deviation is
            too large or too small for their type, or the mask is no mask or hides all.
    """
    x = fields(x, shape).detach()
    seen = x.flatten(1) if mask is None else x[:, visible(mask, shape).to(x.device)]
    missing = int((~torch.isfinite(seen)).sum())
    if missing:
        raise ValueError(
            f"x must be finite: got {missing} numbers that are not; fill them, or hide them by a "
            "mask."
        )
    constant = (seen == seen[:, :1]).all(dim=1)
    if constant.any():
        value = float(seen[constant][0, 0])
        raise ValueError(
            f"x must vary: got a constant field of value {value:g}; use another example."
        )
    deviation, most = float(seen.double().std()), LARGEST[x.dtype]
    if not 1 / most <= deviation <= most:
        raise ValueError(
            f"x must have a deviation of {1 / most:g} to {most:g}, whose squares its type holds: "
            f"got {deviation:g}; use another unit."
        )
    return x


def visible(mask: torch.Tensor, shape: tuple[int, int]) -> torch.Tensor:
    """Return a mask, once it is one.

    Args:
        mask: Points that count, (H, W) bool.
        shape: Sides (H, W) that it must have.

    Raises:
        ValueError: It is of another shape or kind, or hides all.
    """
    good = isinstance(mask, torch.Tensor) and mask.dtype == torch.bool
    if not good or tuple(mask.shape) != tuple(shape):
        found = tuple(mask.shape) if good else getattr(mask, "dtype", type(mask).__name__)
        raise ValueError(
            f"mask must be a bool tensor of shape {tuple(shape)}: got {found}; convert or crop it."
        )
    if not mask.any():
        raise ValueError(
            f"mask must leave some points: got one that hides all {mask.numel()}; mark those that "
            "count as True."
        )
    return mask


def scales(J: int | None, shape: tuple[int, int]) -> int:
    """Return the number of scales, by default two less than log2 of the shortest side.

    The coarsest Morlet wavelets then have about three periods on that side.

    Args:
        J: Number of scales, or None.
        shape: Sides (H, W) of the fields.

    Raises:
        ValueError: J is no integer of at least 1, or 2^J exceeds the shortest side.

    Example:
        >>> from gsn.transforms.statistics import arguments
        >>> arguments.scales(None, (256, 512))
        6
    """
    largest = min(shape).bit_length() - 1
    J = max(1, largest - 2) if J is None else arguments.integer("J", J, least=1)
    if largest < J:
        raise ValueError(
            f"J must be at most log2 of the shortest side: got J={J} for {shape[0]}x{shape[1]}; "
            f"use J={largest} or less."
        )
    return J


def fitted(reference: torch.Tensor) -> torch.Tensor:
    """Return what a fit has frozen, if there was a fit.

    Raises:
        ValueError: There was no fit.
    """
    if not reference.numel():
        raise ValueError("a statistic must be fitted before it is used: got none; call fit(x).")
    return reference
