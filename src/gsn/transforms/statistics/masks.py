"""Means over the points of a field that count, at each scale.

A wavelet of scale j sees hidden points up to some 2^(j+1) pixels away: there, the Gaussian of a
Morlet wavelet has fallen to a twentieth. The mean of a band therefore leaves out all points within
a margin of hidden ones. Hidden points have the mean of the others, so that their values do not
matter, even where they are missing.
"""

import functools
import math

import numpy as np
import torch
from scipy import ndimage

from gsn.transforms.statistics import arguments


def filled(x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """Return fields with the mean of the visible points at the hidden ones.

    Args:
        x: Fields, (n, H, W).
        mask: Points that count, (H, W) bool.

    Example:
        >>> import torch
        >>> from gsn.transforms.statistics import masks
        >>> x = torch.tensor([[[1.0, 3.0], [float("nan"), 2.0]]])
        >>> masks.filled(x, torch.isfinite(x[0]))[0].tolist()
        [[1.0, 3.0], [2.0, 2.0]]
    """
    if mask is None:
        return x
    mask = arguments.visible(mask, x.shape[1:]).to(x.device)
    return torch.where(mask, x, x[:, mask].mean(dim=1)[:, None, None])


def mean(x: torch.Tensor, mask: torch.Tensor | None, margin: float = 0) -> torch.Tensor:
    """Return the mean over the points that count, (n, ..., h, w) -> (n, ...).

    Args:
        x: Real or complex values on the points of a grid over the torus, (n, ..., h, w).
        mask: Points that count, (H, W) bool, or None for all.
        margin: Distance from hidden points that a point must exceed to count, in pixels.

    Raises:
        ValueError: No point is left.
    """
    if mask is None:
        return x.mean(dim=(-2, -1))
    return (x * weights(mask, margin, x)).sum(dim=(-2, -1))


def weights(mask: torch.Tensor, margin: float, like: torch.Tensor) -> torch.Tensor:
    """Return the weights of the points of a grid, zero near hidden ones, whose sum is 1, (h, w).

    Args:
        mask: Points that count, (H, W) bool.
        margin: Distance from hidden points that a point must exceed to count, in pixels.
        like: Tensor, real or complex, whose grid, device and precision the weights take.

    Raises:
        ValueError: No point is left.

    Example:
        >>> import torch
        >>> from gsn.transforms.statistics import masks
        >>> mask = torch.ones(8, 8, dtype=torch.bool)
        >>> mask[0] = False
        >>> masks.weights(mask, 2, torch.zeros(4, 4)).sum(dim=1).tolist()
        [0.0, 0.0, 1.0, 0.0]
    """
    packed = mask.cpu().numpy().tobytes()
    found = _weights(packed, tuple(mask.shape), tuple(like.shape[-2:]), margin)
    dtype = torch.float64 if like.dtype in (torch.float64, torch.complex128) else torch.float32
    return torch.from_numpy(found).to(like.device, dtype)


@functools.lru_cache(maxsize=64)  # a descent asks for the same ones in each step
def _weights(
    packed: bytes, shape: tuple[int, int], sides: tuple[int, int], margin: float
) -> np.ndarray:
    mask = np.frombuffer(packed, dtype=bool).reshape(shape)
    kept = mask
    if not mask.all():
        pad = [min(math.ceil(margin) + 1, side) for side in shape]
        around = np.pad(mask, [(p, p) for p in pad], mode="wrap")  # the torus
        distance = ndimage.distance_transform_edt(around)
        kept = distance[pad[0] : pad[0] + shape[0], pad[1] : pad[1] + shape[1]] > margin
    rows, columns = (
        np.rint(np.arange(n) * side / n).astype(int) % side
        for n, side in zip(sides, shape, strict=True)
    )
    chosen = kept[np.ix_(rows, columns)].astype(float)
    if not chosen.any():
        raise ValueError(
            f"mask must leave points farther than {margin:g} pixels from hidden ones, for the "
            "coarsest wavelets: got none; use a smaller J or a larger field."
        )
    return chosen / chosen.sum()
