"""The paper's measurements: PSNR of reconstructions (Table 1), and how many activations of the generator are zero.

    PSNR = 10 log10(peak^2 / MSE)

The pooled figure takes the MSE over all pixels of all images; the mean figure averages the PSNR of the images. They
differ (the mean is the larger one), and Table 1 is most likely pooled: both are reported, never mixed.
"""

from collections.abc import Iterable

import numpy as np
import torch
from torch import nn

PSNR_COLUMNS = ("n", "psnr_pooled_db", "psnr_mean_db")
SPARSITY_COLUMNS = ("layer", "channels", "side", "n", "zero_share")


def mse(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Mean squared error of each image: (n, ...), (n, ...) -> (n,) float64, in squared units of x.

    Raises:
        ValueError: if the shapes differ.
    """
    if x.shape != y.shape:
        raise ValueError(f"the images must have the same shape: got {x.shape} and {y.shape}.")
    difference = np.subtract(x, y, dtype=np.float64).reshape(len(x), -1)
    return np.mean(difference * difference, axis=1)


def psnr(errors: np.ndarray, *, peak: float) -> tuple[float, float]:
    """Pooled PSNR and mean of the PSNRs of the images, in dB.

    Args:
        errors: (n,) mean squared error of each image, as from `mse`.
        peak: the range of the pixels: 255 for uint8, 1 for [0, 1], 2 for [-1, 1].

    Raises:
        ValueError: if there is no image, or an error is negative or not finite.
    """
    errors = np.asarray(errors, dtype=np.float64)
    if not errors.size or not np.isfinite(errors).all() or (errors < 0).any():
        raise ValueError(f"PSNR needs the finite, non-negative errors of at least one image: got {errors}.")
    with np.errstate(divide="ignore"):  # a perfect image has an infinite PSNR
        return float(10 * np.log10(peak**2 / errors.mean())), float(np.mean(10 * np.log10(peak**2 / errors)))


def psnr_of_pairs(pairs: Iterable[tuple[np.ndarray, np.ndarray]], *, peak: float) -> tuple[int, float, float]:
    """PSNR over batches of (original, reconstruction), in one pass: PSNR_COLUMNS."""
    errors = np.concatenate([mse(x, y) for x, y in pairs])
    return len(errors), *psnr(errors, peak=peak)


@torch.no_grad()
def sparsity(generator: nn.Module, batches: Iterable[np.ndarray]) -> list[tuple]:
    """Share of zeros among the outputs of each ReLU of a network, in evaluation mode; the paper reports about 70 %.

    Args:
        generator: G, or another network with nn.ReLU modules; its modes are restored.
        batches: of z, (n, d).

    Returns:
        Rows of SPARSITY_COLUMNS, one for each ReLU in the order of the network, the layers counted from 0, and a last
        one, `all`, over all activations; n is the number of z.

    Raises:
        ValueError: if there is no z, or the network has no nn.ReLU.
    """
    found: dict[nn.Module, list[int]] = {}  # channels, side, activations and zeros, in the order of the first calls
    modes = [(module, module.training) for module in generator.modules()]
    device = next(generator.parameters()).device
    n = 0

    def count(relu: nn.Module, _, y: torch.Tensor) -> None:
        numbers = found.setdefault(relu, [y.shape[1], y.shape[-1] if y.ndim > 2 else 1, 0, 0])
        numbers[2] += y.numel()
        numbers[3] += y.numel() - int(torch.count_nonzero(y))

    hooks = [module.register_forward_hook(count) for module, _ in modes if isinstance(module, nn.ReLU)]
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
        raise ValueError(f"sparsity needs a network with nn.ReLU modules and at least one z: got {len(hooks)} and {n}.")
    rows = [(i, channels, side, n, zeros / total) for i, (channels, side, total, zeros) in enumerate(found.values())]
    _, _, totals, zeros = zip(*found.values(), strict=True)
    return [*rows, ("all", "", "", n, sum(zeros) / sum(totals))]
