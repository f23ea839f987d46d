"""A small convolutional network for super-resolution, and one for images with artefacts (U-Net).

Both add a correction to an image that is known already, and are small: they train within minutes on
a CPU. The first one computes on the grid of the small image, and ends with a pixel shuffle (Shi et
al. 2016).

References:
    W. Shi et al., Real-time single image and video super-resolution using an efficient sub-pixel
    convolutional neural network, CVPR, 2016.

    K. H. Jin, M. T. McCann, E. Froustey and M. Unser, Deep convolutional neural network for inverse
    problems in imaging, IEEE TIP 26(9), 2017.
"""

import itertools

import torch
import torch.nn.functional as F
from torch import nn


class Upscaler(nn.Module):
    """The correction of an upscaled image from its small image, x + f(y).

    Args:
        factor: Factor s.
        width: Number of channels.
        depth: Number of convolutions of the width.

    Example:
        >>> import torch
        >>> from gsn.networks.upscaling import Upscaler
        >>> Upscaler(4)(torch.rand(2, 8, 8), torch.rand(2, 32, 32)).shape
        torch.Size([2, 32, 32])
    """

    def __init__(self, factor: int, *, width: int = 48, depth: int = 6):
        super().__init__()
        self.factor = factor
        sizes = [1, *[width] * depth]
        self.hidden = nn.ModuleList(conv(a, b) for a, b in itertools.pairwise(sizes))
        self.last = conv(width, factor**2)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """Return the corrected images.

        Args:
            y: Small images, (n, H/s, W/s).
            x: Upscaled images, (n, H, W).
        """
        h = F.relu(self.hidden[0](y[:, None]))
        for layer in self.hidden[1:]:
            h = h + F.relu(layer(h))
        return x + F.pixel_shuffle(self.last(h), self.factor)[:, 0]


class UNet(nn.Module):
    """The correction of images at several scales, x + f(x, ...).

    Args:
        images: Number of images of each kind that the network is given; the first one is corrected.
        width: Number of channels at the finest scale, which doubles with each coarser one.
        scales: Number of scales; the sides must be multiples of 2^(scales - 1).

    Example:
        >>> import torch
        >>> from gsn.networks.upscaling import UNet
        >>> UNet(2, width=4)(torch.rand(3, 2, 16, 16)).shape
        torch.Size([3, 16, 16])
    """

    def __init__(self, images: int, *, width: int = 16, scales: int = 3):
        super().__init__()
        widths = [width * 2**j for j in range(scales)]
        self.down = nn.ModuleList(
            block(a, b) for a, b in zip([images, *widths[:-1]], widths, strict=True)
        )
        self.up = nn.ModuleList(block(3 * a, a) for a in reversed(widths[:-1]))
        self.last = conv(width, 1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the first images corrected, (n, images, H, W) -> (n, H, W)."""
        h, kept = x, []
        for j, layer in enumerate(self.down):
            h = layer(F.avg_pool2d(h, 2) if j else h)
            kept.append(h)
        for layer, fine in zip(self.up, reversed(kept[:-1]), strict=True):
            h = layer(torch.cat([F.interpolate(h, scale_factor=2), fine], dim=1))
        return x[:, 0] + self.last(h)[:, 0]


def conv(channels_in: int, channels_out: int) -> nn.Conv2d:
    """Return a 3 x 3 convolution that keeps the size."""
    return nn.Conv2d(channels_in, channels_out, 3, padding=1, padding_mode="replicate")


def block(channels_in: int, channels_out: int) -> nn.Sequential:
    """Return two convolutions, each with a ReLU."""
    layers = (conv(channels_in, channels_out), nn.ReLU())
    return nn.Sequential(*layers, conv(channels_out, channels_out), nn.ReLU())
