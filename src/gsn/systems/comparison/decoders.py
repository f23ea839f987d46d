"""Decoders: G, or an affine map in the same form, and their files."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from gsn.networks import generator
from gsn.runtime import weights


class Affine(nn.Module):
    """An affine map from z to images, clipped to [-1, 1], (n, d) -> (n, c, N, N).

    Args:
        weight: Its linear part, onto pixels in [0, 255], (d, c N^2).
        mean: Picture of z = 0, in [0, 255], (c N^2,).
        shape: Shape of an image, (c, N, N).

    Example:
        >>> import numpy as np
        >>> from gsn.networks.generator import decode
        >>> from gsn.systems.comparison.decoders import Affine
        >>> decoder = Affine(np.full((2, 4), 10.0), np.full(4, 100.0), (1, 2, 2))
        >>> next(decode(decoder, np.ones((1, 2)))).round().ravel().tolist()
        [120.0, 120.0, 120.0, 120.0]
    """

    def __init__(self, weight: np.ndarray, mean: np.ndarray, shape: tuple[int, int, int]):
        super().__init__()
        self.shape = tuple(shape)
        A, b = (torch.as_tensor(np.asarray(x, dtype=np.float32)) for x in (weight.T, mean))
        self.A = nn.Parameter(A / 127.5, requires_grad=False)
        self.b = nn.Parameter(b / 127.5 - 1, requires_grad=False)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Return the images of a batch of z, (n, c, N, N), in [-1, 1]."""
        x = nn.functional.linear(z, self.A, self.b)
        return x.clamp(-1, 1).reshape(len(z), *self.shape)


def numbers(decoder: nn.Module) -> int:
    """Return how many numbers a decoder has, those of a fixed linear part too."""
    fixed = getattr(decoder, "linear_decoder", None)
    counted = [*decoder.parameters(), *((fixed.A, fixed.b) if fixed else ())]
    return sum(tensor.numel() for tensor in counted)


def save(decoder: nn.Module, path: str | Path) -> None:
    """Write a decoder to a file, which `load` reads."""
    if isinstance(decoder, Affine):
        torch.save({"A": decoder.A.data, "b": decoder.b.data, "shape": decoder.shape}, path)
    else:
        generator.save(decoder, path)


def load(path: str | Path, device: torch.device | str = "cpu") -> nn.Module:
    """Return a decoder that `save` wrote, in evaluation mode.

    Raises:
        OSError: The file does not exist or may not be read.
        ValueError: The file is truncated, damaged or no decoder.
    """
    state = weights.load(path, "a decoder")
    if "A" not in state:
        return generator.load(path, device)
    weight, mean = (state["A"].T * 127.5).numpy(), ((state["b"] + 1) * 127.5).numpy()
    return Affine(weight, mean, state["shape"]).to(device).eval()
