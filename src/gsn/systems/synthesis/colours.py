"""The principal axes of the colours of an image.

    C = cov(x) = Q D Q^T,      z = Q^T x,      x = Q z

The planes z are uncorrelated, in the order of their variance. They are correlated no more than
that: two of them may still have their edges at one place.
"""

import torch

CONSTANT = 1e-6  # of the largest deviation: less is rounding, as in a grey image of three colours


def axes(x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
    """Return the principal axes of the colours as columns, the one of most variance first.

    Args:
        x: Image, (c, H, W).
        mask: Points that count, (H, W) bool.

    Returns:
        Orthonormal axes Q, (c, c) in the dtype of x.

    Example:
        >>> import torch
        >>> from gsn.systems.synthesis import colours
        >>> x = torch.stack([torch.randn(8, 8), torch.zeros(8, 8)])
        >>> colours.axes(x).abs().tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    values = (x.flatten(1) if mask is None else x[:, mask]).double()
    _, Q = torch.linalg.eigh(torch.cov(values).reshape(len(x), len(x)))
    return Q.flip(dims=[1]).to(x.dtype)


def rotated(x: torch.Tensor, Q: torch.Tensor) -> torch.Tensor:
    """Return Q^T x for images, (..., c, H, W)."""
    return torch.einsum("cd,...chw->...dhw", Q, x)


def varying(planes: torch.Tensor, mask: torch.Tensor | None = None) -> list[bool]:
    """Return whether each plane varies by more than rounding, (c,).

    Args:
        planes: Planes, (c, H, W).
        mask: Points that count, (H, W) bool.
    """
    values = (planes.flatten(1) if mask is None else planes[:, mask]).double()
    deviations = values.std(dim=1)
    return (deviations > CONSTANT * deviations.max()).tolist()
