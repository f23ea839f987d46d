"""A linear decoder of z inside G: what is linear in z need not be learnt by the convolutions."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from gsn.networks.convolutions import Conv, initialise
from gsn.runtime import precision

LIMIT = 0.98  # of abs(A z + b), so that atanh stays finite: its inverse is 2.3


class LinearDecoder(nn.Module):
    """A fixed linear map from z to a picture, and trained convolutions of that picture.

        x = A z + b, clipped to [-0.98, 0.98]

    The picture is used twice. atanh x is added before the tanh of G, so that G gives back x where
    its convolutions add nothing. V_i x, a convolution of x reduced to the side of a layer of G, is
    added before the normalisation of that layer. A and b are not trained. They are zero until `set`
    is called, and part of the state of the network.

    Args:
        d: Dimension of z.
        N: Side of the images in pixels.
        channels: Number of colours c.
        layers: Number of channels of each layer that takes the picture.
        kernel: Side of the convolutions V_i, odd.
        padding: `symmetric` or `reflect`.

    Example:
        >>> import torch
        >>> from gsn.networks.linear import LinearDecoder
        >>> decoder = LinearDecoder(d=2, N=4, channels=1)
        >>> decoder.set(np.full((2, 16), 0.1), np.zeros(16))
        >>> round(decoder(torch.ones(1, 2))[0, 0, 0, 0].item(), 6)
        0.2
    """

    def __init__(
        self,
        d: int,
        N: int,
        channels: int,
        *,
        layers: Sequence[int] = (),
        kernel: int = 5,
        padding: str = "symmetric",
    ):
        super().__init__()
        self.shape = (channels, N, N)
        self.register_buffer("A", torch.zeros(channels * N * N, d))
        self.register_buffer("b", torch.zeros(channels * N * N))
        self.convolutions = nn.ModuleList(
            Conv(channels, width, kernel, bias=False, padding=padding) for width in layers
        )
        for layer in self.convolutions:
            initialise(layer)

    def set(self, weight: np.ndarray, mean: np.ndarray) -> None:
        """Set A and b.

        Args:
            weight: Transpose of A, (d, c N^2), onto pixels in [-1, 1].
            mean: Picture b of z = 0, (c N^2,).
        """
        self.A.copy_(torch.from_numpy(np.ascontiguousarray(weight.T)))
        self.b.copy_(torch.from_numpy(np.asarray(mean)))

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Return the picture x of each z of a batch, (n, c, N, N) in [-0.98, 0.98]."""
        with precision.without_autocast(z.device):  # atanh would magnify the rounding of bfloat16
            x = F.linear(z.to(self.A.dtype), self.A, self.b)
            return x.clamp(-LIMIT, LIMIT).reshape(len(z), *self.shape)

    def seen(self, x: torch.Tensor, i: int, side: int) -> torch.Tensor:
        """Return V_i x for layer i, whose images have a side that divides N."""
        return self.convolutions[i](F.avg_pool2d(x, self.shape[-1] // side))
