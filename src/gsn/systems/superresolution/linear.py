"""The best linear estimate of an image from a small one: a ridge regression.

Each block of s x s pixels is a linear function of the 9 x 9 small pixels around it, the same at all
places. At the border the small image is continued by its last row or column. The result is then
projected on the images x with A x = y.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from gsn.decomposition import ridge, windows
from gsn.inverse.operators.sampling import Decimation

REACH = 4  # small pixels on either side
PENALTIES = np.geomspace(1e-8, 1e-2, 7)


@dataclass(frozen=True)
class Linear:
    """The best linear estimate.

    Attributes:
        weight: Weights of the 81 small pixels and of 1, (82, s^2) float64.
        penalty: Penalty of the ridge, for standardised pixels.
    """

    weight: torch.Tensor
    penalty: float

    def __call__(self, A: Decimation, y: torch.Tensor) -> torch.Tensor:
        """Return the estimates, (n, H/s, W/s) -> (n, H, W)."""
        weight = self.weight.to(y)
        kernel = weight[:-1].mT.reshape(-1, 1, 2 * REACH + 1, 2 * REACH + 1)
        blocks = F.conv2d(_padded(y), kernel, weight[-1])
        return A.consistent(F.pixel_shuffle(blocks, A.factor)[:, 0], y)


def fit(batches: Iterable[torch.Tensor], factor: int, *, together: int) -> Linear:
    """Return the best linear estimate for images that are like some others.

    Makes one pass over the images. Memory holds sums of the size 82^2, and a batch.

    Args:
        batches: Batches of images, (n, H, W).
        factor: Factor s.
        together: Number of consecutive blocks that are held out together: those of an image, times
            the number of consecutive images that are alike.

    Example:
        >>> import torch
        >>> from gsn.systems.superresolution import linear
        >>> x = torch.rand(40, 16, 16, generator=torch.Generator().manual_seed(0))
        >>> linear.fit([x], 4, together=1).weight.shape
        torch.Size([82, 16])
    """

    def pairs():
        for x in batches:
            y = Decimation(factor, tuple(x.shape[1:]))(x)
            z = F.unfold(_padded(y), 2 * REACH + 1)
            blocks = F.pixel_unshuffle(x[:, None], factor)
            yield windows.columns(z).cpu().numpy(), windows.columns(blocks).cpu().numpy()

    found = ridge.fit(pairs(), penalties=PENALTIES, together=together, standardised=True)
    return Linear(torch.from_numpy(found.weight), found.penalty)


def _padded(y: torch.Tensor) -> torch.Tensor:
    """Return small images with a border, (n, 1, h + 8, w + 8)."""
    return F.pad(y[:, None], (REACH,) * 4, mode="replicate")
