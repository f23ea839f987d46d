"""An encoder of images, the mirror image of the generator G: (n, c, N, N) -> (n, outputs).

    E = BN V rho BN W_m ... rho BN W_1 rho BN W_0,        rho = ReLU

W_0 is a k x k convolution onto `width` channels. Each of W_1 ... W_m halves the side and doubles
the channels, by a k x k convolution with stride 2. V is linear, from width 2^m channels of s x s,
with N = s 2^m. It is the discriminator of DCGAN (Radford et al. 2016) with the kernels, the widths
and the padding of G, and with its ReLU.

References:
    A. Radford, L. Metz and S. Chintala, Unsupervised representation learning with deep
    convolutional generative adversarial networks, ICLR, 2016.
"""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from gsn.networks.convolutions import Conv, initialise
from gsn.networks.generator import upsamplings
from gsn.networks.normalisation import BatchNorm
from gsn.networks.phases import pad_symmetric
from gsn.runtime import precision


class HalvedConv(nn.Conv2d):
    """A k x k convolution at every second pixel, (n, c, H, W) -> (n, c', H/2, W/2), H and W even.

    Args:
        channels_in: Number of channels c.
        channels_out: Number of channels c'.
        kernel: Side k, odd.
        bias: Whether to add a bias.
        padding: `symmetric` or `reflect`.

    Example:
        >>> import torch
        >>> from gsn.networks.encoder import HalvedConv
        >>> HalvedConv(4, 8, 7, bias=False, padding="symmetric")(torch.rand(2, 4, 16, 16)).shape
        torch.Size([2, 8, 8, 8])
    """

    def __init__(
        self, channels_in: int, channels_out: int, kernel: int, *, bias: bool, padding: str
    ):
        super().__init__(channels_in, channels_out, kernel, stride=2, bias=bias)
        self.reflects = padding == "reflect"

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the convolution of a batch, (n, c, H, W) -> (n, c', H/2, W/2)."""
        r = self.kernel_size[0] // 2
        x = F.pad(x, (r, r, r, r), mode="reflect") if self.reflects else pad_symmetric(x, r)
        return F.conv2d(x, self.weight, self.bias, stride=2)


class Encoder(nn.Module):
    """The mirror image of G, (n, c, N, N) -> (n, outputs).

    Args:
        outputs: Number of outputs.
        N: Side of the images in pixels, s 2^m with s from 4 to 7.
        channels: Number of colours c.
        width: Number of channels of the first hidden layer, as of the last one of G.
        kernel: Side k of the convolutions, odd.
        normalisation: `batch` for batch normalisation and no bias, or `none` for biases.
        padding: `symmetric` or `reflect`.
        normalised: Whether each output is normalised to mean 0 and variance 1 over the batch, and
            in evaluation mode by its running statistics. Otherwise it has a bias.

    Raises:
        ValueError: N is not of this form.

    References:
        A. Radford, L. Metz and S. Chintala, Unsupervised representation learning with deep
        convolutional generative adversarial networks, ICLR, 2016.

    Example:
        >>> import torch
        >>> from gsn.networks.encoder import Encoder
        >>> Encoder(16, 32, width=4)(torch.rand(8, 3, 32, 32)).shape
        torch.Size([8, 16])
    """

    @precision.single()
    def __init__(
        self,
        outputs: int,
        N: int,
        *,
        channels: int = 3,
        width: int = 32,
        kernel: int = 7,
        normalisation: str = "batch",
        padding: str = "symmetric",
        normalised: bool = True,
    ):
        super().__init__()
        m = upsamplings(N)
        bias = normalisation == "none"
        norm = nn.Identity if bias else BatchNorm
        widths = [width * 2**i for i in range(m + 1)]
        convolution = {"kernel": kernel, "bias": bias, "padding": padding}
        colours = Conv(channels, width, **convolution)
        self.blocks = nn.Sequential(colours, norm(width), nn.ReLU(inplace=True))
        for before, after in pairwise(widths):
            layer = HalvedConv(before, after, **convolution)
            self.blocks.extend([layer, norm(after), nn.ReLU(inplace=True)])
        self.linear = nn.Conv2d(widths[-1], outputs, N >> m, bias=not normalised)
        self.normalise = nn.BatchNorm2d(outputs, affine=False) if normalised else nn.Identity()
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                initialise(layer)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the outputs of a batch of images in [-1, 1], (n, outputs)."""
        return self.normalise(self.linear(self.blocks(x))).flatten(1)
