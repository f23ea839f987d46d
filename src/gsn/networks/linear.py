"""A linear decoder of z inside G: what is linear in z need not be learnt by the convolutions."""

import numpy as np
import torch
from torch import nn

from gsn.runtime import precision

LIMIT = 0.98  # of abs(A z + b), so that atanh stays finite: its inverse is 2.3


class LinearDecoder(nn.Module):
    """A fixed linear map from z to images, as what a tanh adds to, (n, d) -> (n, c, N, N).

        z -> atanh(A z + b),        A z + b clipped to [-0.98, 0.98]

    With nothing added, the tanh gives back the linear picture. A and b are not trained. They are
    zero until `set` is called, and part of the state of the network.

    Args:
        d: Dimension of z.
        N: Side of the images in pixels.
        channels: Number of colours c.

    Example:
        >>> import torch
        >>> from gsn.networks.linear import LinearDecoder
        >>> decoder = LinearDecoder(d=2, N=4, channels=1)
        >>> decoder.set(np.full((2, 16), 0.1), np.zeros(16))
        >>> round(torch.tanh(decoder(torch.ones(1, 2)))[0, 0, 0, 0].item(), 6)
        0.2
    """

    def __init__(self, d: int, N: int, channels: int):
        super().__init__()
        self.shape = (channels, N, N)
        self.register_buffer("A", torch.zeros(channels * N * N, d))
        self.register_buffer("b", torch.zeros(channels * N * N))

    def set(self, weight: np.ndarray, mean: np.ndarray) -> None:
        """Set A and b.

        Args:
            weight: Transpose of A, (d, c N^2), onto pixels in [-1, 1].
            mean: Picture b of z = 0, (c N^2,).
        """
        self.A.copy_(torch.from_numpy(np.ascontiguousarray(weight.T)))
        self.b.copy_(torch.from_numpy(np.asarray(mean)))

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Return atanh(A z + b) of a batch of z, (n, c, N, N)."""
        with precision.without_autocast(z.device):  # atanh would magnify the rounding of bfloat16
            x = nn.functional.linear(z.to(self.A.dtype), self.A, self.b)
            return torch.atanh(x.clamp(-LIMIT, LIMIT)).reshape(len(z), *self.shape)
