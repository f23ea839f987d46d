"""The convolutions of G, in forms with the fewest and the fastest operations.

Upsampling by 2 and a k x k convolution together are a linear map from the input to the four phases
of the output: the places of even and of odd rows and columns. Each phase is a convolution of the
input (polyphase form), of side 5 for k = 7. The layer is then one convolution at the low resolution
with 4 c' channels, followed by a pixel shuffle. That takes half of the multiplications, and no
upsampled copy. It equals the plain form at the border too, because a bilinear upsampling commutes
with symmetric extension. On a CPU, minimal filtering computes the convolution.

    phases      filters between phases, symmetric extension
    winograd    minimal filtering
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from gsn.networks.phases import bilinear_phases, block_phases, pad_symmetric, phase_weight
from gsn.networks.winograd import POINTS, TILE, winograd


class Conv(nn.Conv2d):
    """A k x k convolution with a padding that keeps the size, (n, c, H, W) -> (n, c', H, W).

    With symmetric padding, k of 7 or more, and even H and W, it acts on blocks of 2 x 2 pixels,
    from 4 c to 4 c' channels. That takes twice the multiplications, but machines do these faster
    than those of a few colours.

    Args:
        channels_in: Number of channels c.
        channels_out: Number of channels c'.
        kernel: Side k, odd.
        bias: Whether to add a bias.
        padding: `symmetric` or `reflect`.

    Example:
        >>> import torch
        >>> from gsn.networks.convolutions import Conv
        >>> Conv(4, 3, 7, bias=True, padding="symmetric")(torch.rand(2, 4, 16, 16)).shape
        torch.Size([2, 3, 16, 16])
    """

    def __init__(
        self, channels_in: int, channels_out: int, kernel: int, *, bias: bool, padding: str
    ):
        super().__init__(channels_in, channels_out, kernel, bias=bias)
        self.reflects = padding == "reflect"
        self.register_buffer("phases", torch.from_numpy(self.maps(kernel)), persistent=False)

    @staticmethod
    def maps(kernel: int) -> np.ndarray:
        """Return the maps from a filter to its phases, (P, Q, taps, k) float32."""
        return block_phases(kernel)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the convolution of a batch, (n, c, H, W) -> (n, c', H, W)."""
        r, reach = self.kernel_size[0] // 2, self.phases.shape[2] // 2
        if self.reflects:
            return F.conv2d(F.pad(x, (r, r, r, r), mode="reflect"), self.weight, self.bias)
        if r < 3 or x.shape[-1] % 2 or x.shape[-2] % 2:
            return F.conv2d(pad_symmetric(x, r), self.weight, self.bias)
        x = pad_symmetric(x, 2 * reach)  # (n, c, H + 4 reach, W + 4 reach)
        x = F.pixel_unshuffle(x, 2)  # (n, 4 c, H/2 + 2 reach, W/2 + 2 reach)
        return self.shuffled(x)

    def shuffled(self, x: torch.Tensor) -> torch.Tensor:
        """Return the convolution of a padded input, computed phase by phase.

        The four phases are put in their places, and the bias is added.

        Args:
            x: Phases of the padded input, (n, Q^2 c, h + taps - 1, w + taps - 1).

        Returns:
            Convolution, (n, c', 2 h, 2 w).
        """
        weight = phase_weight(self.weight, self.phases)
        if x.is_cuda:  # its convolutions are fastest in this order of memory
            x = x.contiguous(memory_format=torch.channels_last)
            weight = weight.contiguous(memory_format=torch.channels_last)
        y = F.conv2d(x, weight)  # (n, 4 c', h, w)
        y = F.pixel_shuffle(y, 2)  # (n, c', 2 h, 2 w)
        return y if self.bias is None else y + self.bias[:, None, None]


class UpsampledConv(Conv):
    """A bilinear upsampling by 2, then a k x k convolution, (n, c, H, W) -> (n, c', 2H, 2W).

    The arguments are those of `Conv`.

    References:
        A. Lavin and S. Gray, Fast algorithms for convolutional neural networks, CVPR, 2016.

    Example:
        >>> import torch
        >>> from gsn.networks.convolutions import UpsampledConv
        >>> layer = UpsampledConv(4, 2, 7, bias=False, padding="symmetric")
        >>> layer(torch.rand(2, 4, 8, 8)).shape
        torch.Size([2, 2, 16, 16])
    """

    @staticmethod
    def maps(kernel: int) -> np.ndarray:
        """Return the maps from a filter to its phases, (2, 1, taps, k) float32."""
        return bilinear_phases(kernel)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the convolution of an upsampled batch, (n, c, H, W) -> (n, c', 2H, 2W)."""
        if self.reflects:
            x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            return super().forward(x)
        taps = self.phases.shape[2]
        if self.minimal(x, taps):
            return winograd(x, self.weight, self.bias, taps)
        return self.shuffled(pad_symmetric(x, taps // 2))

    def minimal(self, x: torch.Tensor, taps: int) -> bool:
        """Return whether minimal filtering is the faster form of the layer.

        It is on a CPU, with enough channels and enough tiles. With few channels, the transform of
        the images costs what the products save. With few tiles, the transform of the weights does.
        In half precision minimal filtering would lose too many digits.

        Args:
            x: Input, (n, c, H, W).
            taps: Side of the filters of the phases.
        """
        tiles = len(x) * -(-x.shape[-2] // TILE) * -(-x.shape[-1] // TILE)
        precise = x.dtype in (torch.float32, torch.float64)
        precise = precise and not torch.is_autocast_enabled("cpu")
        possible = x.device.type == "cpu" and precise and taps + TILE - 2 <= len(POINTS)
        return possible and x.shape[1] >= 32 and tiles >= 16


def initialise(layer: nn.Linear | nn.Conv2d) -> None:
    """Draw the weights of a layer from torch's generator.

    They are N(0, 0.02^2) before a batch normalisation, as in the authors' code. A layer with a bias
    has none behind it. Its weights are He's, because nothing rescales them.
    """
    if layer.bias is None:
        nn.init.normal_(layer.weight, 0, 0.02)
    else:
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)
