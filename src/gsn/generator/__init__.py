"""The generator G: (n, d) -> (n, c, N, N), a DCGAN generator with bilinear upsampling (section 3 of the paper).

    G = tanh BN W_{m+1}  rho BN W_m ... rho BN W_1  rho BN W_0,        rho = ReLU

W_0 is linear, onto width 2^m channels of s x s, N = s 2^m; W_1 ... W_m each double the side and halve the channels,
by a bilinear upsampling and a k x k convolution with symmetric padding; W_{m+1} is a k x k convolution to c colours.

Differs from the paper: m = log2(N / 4) upsamplings instead of J (which from 4 x 4 would give 64, not 128), and tanh at
the end, as in the authors' code of 2018. Where text and code differ in other ways there is a choice: batch
normalisation (the code) or biases (the text), symmetric padding (the text) or reflection (the code).
"""

import errno
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import nn

from gsn.generator.convolutions import Conv, UpsampledConv
from gsn.generator.normalisation import BatchNorm

NORMALISATIONS = ("batch", "none")
PADDINGS = ("symmetric", "reflect")


def upsamplings(N: int) -> int:
    """m such that N = s 2^m with 4 <= s < 8.

    Raises:
        ValueError: if there is none.
    """
    m = N.bit_length() - 3
    if N < 4 or N % 2**m:
        raise ValueError(f"N must be s * 2**m with s from 4 to 7: got N={N}; crop or resize the images.")
    return m


class Generator(nn.Module):
    """G for images of one size.

    Args:
        d: dimension of z.
        N: side of the images, s 2^m with s from 4 to 7.
        channels: colours c of the images.
        width: channels of the last hidden layer; the paper's 1024 at 4 x 4 and N = 128 are width 32.
        kernel: side k of the convolutions, odd, up to 9; 7 in the paper, 3 for MNIST in Ziomek & Farrahi.
        normalisation: batch, with which the layers need no bias, or none, with biases.
        padding: symmetric (... x1 x0 | x0 x1 ...), or reflect (... x2 x1 | x0 x1 ...), which is computed in the plain,
            slower form.

    Raises:
        ValueError: for a size, a kernel or a choice that the network is not defined for.
    """

    def __init__(
        self,
        d: int,
        N: int,
        *,
        channels: int = 3,
        width: int = 32,
        kernel: int = 7,
        normalisation: str = "batch",
        padding: str = "symmetric",
    ):
        super().__init__()
        if kernel not in (1, 3, 5, 7, 9):
            raise ValueError(f"the kernel must be odd and at most 9: got kernel={kernel}.")
        for name, choice, choices in (("normalisation", normalisation, NORMALISATIONS), ("padding", padding, PADDINGS)):
            if choice not in choices:
                raise ValueError(f"{name} must be one of {', '.join(choices)}: got {choice!r}.")
        if padding == "reflect" and kernel // 2 >= N:
            raise ValueError(f"reflection needs kernel // 2 < N: got kernel={kernel}, N={N}; use a smaller kernel.")
        m = upsamplings(N)
        self.settings = {"d": d, "N": N, "channels": channels, "width": width, "kernel": kernel}
        self.settings |= {"normalisation": normalisation, "padding": padding}
        self.side = N >> m
        bias = normalisation == "none"
        norm = nn.Identity if bias else BatchNorm
        convolution = {"kernel": kernel, "bias": bias, "padding": padding}
        widths = [width * 2 ** (m - i) for i in range(m + 1)]
        self.linear = nn.Linear(d, widths[0] * self.side**2, bias=bias)
        self.normalise = nn.Sequential(norm(widths[0]), nn.ReLU(inplace=True))
        self.blocks = nn.Sequential(
            *(
                nn.Sequential(UpsampledConv(before, after, **convolution), norm(after), nn.ReLU(inplace=True))
                for before, after in pairwise(widths)
            )
        )
        self.colours = Conv(width, channels, **convolution)
        self.normalise_colours = norm(channels)
        for layer in self.modules():
            if isinstance(layer, nn.Linear | nn.Conv2d):
                _initialise(layer)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """z: (n, d), of covariance I over the training set -> images (n, c, N, N) in [-1, 1]."""
        h = self.linear(z).reshape(len(z), -1, self.side, self.side)
        h = self.blocks(self.normalise(h))
        return torch.tanh(self.normalise_colours(self.colours(h)))


def _initialise(layer: nn.Linear | nn.Conv2d) -> None:
    """Weights N(0, 0.02^2) before a batch normalisation, as in the authors' code; He's where nothing rescales them."""
    if layer.bias is None:
        nn.init.normal_(layer.weight, 0, 0.02)
    else:
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)


def save(generator: Generator, path: str | Path) -> None:
    """Write a generator's settings and weights; `load` reads them."""
    torch.save({"settings": generator.settings, "weights": generator.state_dict()}, path)


def load(path: str | Path, device: torch.device | str = "cpu") -> Generator:
    """A trained generator, in evaluation mode.

    Raises:
        ValueError: if the file cannot be read.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # of a file that is cut or another's there are many kinds
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise ValueError(
            f"{path} must be a trained generator, whole: it cannot be read; copy or make it again."
        ) from error
    generator = Generator(**state["settings"])
    generator.load_state_dict(state["weights"])
    return generator.to(device).eval()


@torch.no_grad()
def decode(generator: Generator, z: np.ndarray, batch: int = 64) -> Iterator[np.ndarray]:
    """G(z) in batches: (n, d) -> (batch, c, N, N) float32 in [0, 255], the units of the stored images."""
    device = next(generator.parameters()).device
    for part in torch.from_numpy(np.asarray(z, dtype=np.float32)).split(batch):
        yield ((generator(part.to(device)) + 1) * 127.5).cpu().numpy()
