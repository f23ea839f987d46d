"""Statistics of many fields in bounded memory, group by group."""

from collections.abc import Callable

import torch
from torch.utils.checkpoint import checkpoint


def by_groups(
    function: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, *, points: int
) -> torch.Tensor:
    """Return a function of fields, (n, H, W) -> (n, M), of groups of them.

    A gradient holds what the function needs for one group. If there are several, it takes two
    passes.

    Args:
        function: Differentiable function that treats each field alone.
        x: Fields, (n, H, W).
        points: Limit on the points of the fields of a group; a group has at least one field.

    Example:
        >>> import torch
        >>> from gsn.transforms.statistics.groups import by_groups
        >>> by_groups(lambda x: x.mean((1, 2))[:, None], torch.ones(3, 4, 4), points=32).shape
        torch.Size([3, 1])
    """
    groups = x.split(max(1, points // (x.shape[1] * x.shape[2])))
    if len(groups) == 1:
        return function(x)
    if torch.is_grad_enabled() and x.requires_grad:
        return torch.cat([checkpoint(function, group, use_reentrant=False) for group in groups])
    return torch.cat([function(group) for group in groups])
