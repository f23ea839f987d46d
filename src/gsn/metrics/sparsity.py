"""The sparsity of a network: the share of its activations that are zero.

Angles & Mallat (2018, section 4) report it.

References:
    T. Angles and S. Mallat, Generative networks as inverse problems with scattering transforms,
    ICLR, 2018.
"""

from collections.abc import Iterable

import numpy as np
import torch
from torch import nn

SPARSITY_COLUMNS = ("layer", "channels", "side", "n", "zero_share")


@torch.no_grad()
def sparsity(generator: nn.Module, batches: Iterable[np.ndarray]) -> list[tuple]:
    """Return the share of zeros among the outputs of each ReLU of a network, in evaluation mode.

    The paper reports about 70 %. Makes one pass over the batches, and holds one of them.

    Args:
        generator: G, or another network with nn.ReLU modules. Its modes are restored.
        batches: Batches of z, (n, d) float32.

    Returns:
        Rows of SPARSITY_COLUMNS, one for each ReLU in the order of the network, with layers counted
        from 0, and a last row, `all`, over all activations. n is the number of z.

    Raises:
        ValueError: There is no z, or the network has no nn.ReLU.

    References:
        T. Angles and S. Mallat, Generative networks as inverse problems with scattering
        transforms, ICLR, 2018.

    Example:
        >>> import numpy as np, torch
        >>> from gsn.metrics.sparsity import sparsity
        >>> network = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.ReLU())
        >>> [row[:4] for row in sparsity(network, [np.ones((3, 2), dtype=np.float32)])]
        [(0, 4, 1, 3), ('all', '', '', 3)]
    """
    # channels, side, activations and zeros of each ReLU, in the order of the first calls
    found: dict[nn.Module, list[int]] = {}
    modes = [(module, module.training) for module in generator.modules()]
    device = next(generator.parameters()).device
    n = 0

    def count(relu: nn.Module, _, y: torch.Tensor) -> None:
        """Add the activations of a batch, (n, c) or (n, c, h, w), to the counts of their ReLU."""
        numbers = found.setdefault(relu, [y.shape[1], y.shape[-1] if y.ndim > 2 else 1, 0, 0])
        numbers[2] += y.numel()
        numbers[3] += y.numel() - int(torch.count_nonzero(y))

    hooks = [
        module.register_forward_hook(count) for module, _ in modes if isinstance(module, nn.ReLU)
    ]
    try:
        generator.eval()
        for z in batches:
            generator(torch.from_numpy(z).to(device))
            n += len(z)
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in modes:
            module.training = mode
    if not found or not n:
        raise ValueError(
            "sparsity needs a network with nn.ReLU modules and at least one z: "
            f"got {len(hooks)} and {n}."
        )
    rows = [
        (i, channels, side, n, zeros / total)
        for i, (channels, side, total, zeros) in enumerate(found.values())
    ]
    _, _, totals, zeros = zip(*found.values(), strict=True)
    return [*rows, ("all", "", "", n, sum(zeros) / sum(totals))]
