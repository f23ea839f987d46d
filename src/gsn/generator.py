"""The generator G: (n, d) -> (n, c, N, N), a DCGAN generator with bilinear upsampling (section 3 of the paper).

    G = tanh BN W_{m+1}  rho BN W_m ... rho BN W_1  rho BN W_0,        rho = ReLU

W_0 is linear, onto width 2^m channels of s x s, N = s 2^m; W_1 ... W_m each double the side and halve the channels,
by a bilinear upsampling and a k x k convolution with symmetric padding; W_{m+1} is a k x k convolution to c colours.

Differs from the paper: m = log2(N / 4) upsamplings instead of J (which from 4 x 4 would give 64, not 128), batch
normalisation before each non-linearity and tanh at the end, all as in the authors' code of 2018.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


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
        kernel: side k of the convolutions, odd; 7 in the paper.

    Raises:
        ValueError: for a size or a kernel that the network is not defined for.
    """

    def __init__(self, d: int, N: int, *, channels: int = 3, width: int = 32, kernel: int = 7):
        super().__init__()
        if kernel % 2 == 0:
            raise ValueError(f"the kernel must be odd: got kernel={kernel}.")
        m = upsamplings(N)
        self.settings = {"d": d, "N": N, "channels": channels, "width": width, "kernel": kernel}
        self.side = N >> m
        widths = [width * 2 ** (m - i) for i in range(m + 1)]
        self.linear = nn.Linear(d, widths[0] * self.side**2, bias=False)
        self.normalise = nn.Sequential(_batch_norm(widths[0]), nn.ReLU(inplace=True))
        self.blocks = nn.Sequential(
            *(
                nn.Sequential(UpsampledConv(before, after, kernel), _batch_norm(after), nn.ReLU(inplace=True))
                for before, after in pairwise(widths)
            )
        )
        self.colours = SymmetricConv(width, channels, kernel)
        self.normalise_colours = _batch_norm(channels)
        for weight in (self.linear.weight, *(w.weight for w in self.modules() if isinstance(w, nn.Conv2d))):
            nn.init.normal_(weight, 0, 0.02)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """z: (n, d), of covariance I over the training set -> images (n, c, N, N) in [-1, 1]."""
        h = self.linear(z).reshape(len(z), -1, self.side, self.side)
        h = self.blocks(self.normalise(h))
        return torch.tanh(self.normalise_colours(self.colours(h)))


def save(generator: Generator, path: str | Path) -> None:
    """Write a generator's settings and weights; `load` reads them."""
    torch.save({"settings": generator.settings, "weights": generator.state_dict()}, path)


def load(path: str | Path, device: torch.device | str = "cpu") -> Generator:
    """A trained generator, in evaluation mode."""
    state = torch.load(path, map_location=device, weights_only=True)
    generator = Generator(**state["settings"]).to(device)
    generator.load_state_dict(state["weights"])
    return generator.eval()


@torch.no_grad()
def decode(generator: Generator, z: np.ndarray, batch: int = 256) -> Iterator[np.ndarray]:
    """G(z) in batches: (n, d) -> (batch, c, N, N) float32 in [0, 255], the units of the stored images."""
    device = next(generator.parameters()).device
    for part in torch.from_numpy(np.asarray(z, dtype=np.float32)).split(batch):
        yield ((generator(part.to(device)) + 1) * 127.5).cpu().numpy()


def _batch_norm(channels: int) -> nn.BatchNorm2d:
    norm = nn.BatchNorm2d(channels, eps=1e-3)
    nn.init.normal_(norm.weight, 1, 0.02)
    return norm


class SymmetricConv(nn.Conv2d):
    """k x k convolution without bias and with symmetric padding: (n, c, H, W) -> (n, c', H, W)."""

    def __init__(self, channels_in: int, channels_out: int, kernel: int):
        super().__init__(channels_in, channels_out, kernel, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.conv2d(pad_symmetric(x, self.kernel_size[0] // 2), self.weight)


class UpsampledConv(SymmetricConv):
    """Bilinear upsampling by 2, then a k x k convolution with symmetric padding: (n, c, H, W) -> (n, c', 2H, 2W).

    Computed in polyphase form: each of the four phases of the output is a convolution of the input, of side
    (k + 3) / 2 or so, hence one convolution at the low resolution with 4 c' channels and a pixel shuffle. It is
    equal to the plain form (for k = 7, with half of its multiplications and no upsampled copy), because upsampling
    commutes with symmetric extension.
    """

    def __init__(self, channels_in: int, channels_out: int, kernel: int):
        super().__init__(channels_in, channels_out, kernel)
        self.register_buffer("phases", torch.from_numpy(polyphase(kernel)), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        phases, taps, _ = self.phases.shape
        row_and_column = torch.einsum("pay,qbx->yxpqab", self.phases, self.phases).reshape(
            self.weight[0, 0].numel(), -1
        )
        weight = self.weight.flatten(2) @ row_and_column  # (c', c, 4 taps^2)
        weight = weight.unflatten(2, (phases**2, taps, taps)).transpose(1, 2).flatten(0, 1)  # (4 c', c, taps, taps)
        return F.pixel_shuffle(F.conv2d(pad_symmetric(x, taps // 2), weight), 2)


def polyphase(kernel: int) -> np.ndarray:
    """Row maps from a filter on the upsampled line to its two phases on the line itself: (2, taps, k) float32.

    With r = k // 2 and u the upsampled x, sum_t w_t u(2i + p + t) = sum_a (T_p w)_a x(i + a), where the bilinear
    u(2m) = x(m - 1) / 4 + 3 x(m) / 4 and u(2m + 1) = 3 x(m) / 4 + x(m + 1) / 4.
    """
    r = kernel // 2
    reach = (r + 2) // 2 if r else 1
    T = np.zeros((2, 2 * reach + 1, kernel), dtype=np.float32)
    for p in range(2):
        for t in range(-r, r + 1):
            m, odd = divmod(p + t, 2)
            T[p, m + reach, t + r] += 0.75
            T[p, m + reach + (1 if odd else -1), t + r] += 0.25
    return T


def pad_symmetric(x: torch.Tensor, r: int) -> torch.Tensor:
    """Half-sample symmetric extension by r on each side: ... x1 x0 | x0 x1 ..., a linear map of each axis."""
    rows, columns = (_extension(side, r).to(x) for side in x.shape[-2:])
    return rows @ (x @ columns.T)  # on a CPU faster than copying the borders, forward and backward


def _extension(side: int, r: int) -> torch.Tensor:
    """(side + 2 r, side) matrix of zeros and ones."""
    i = torch.arange(-r, side + r) % (2 * side)
    return F.one_hot(torch.where(i < side, i, 2 * side - 1 - i), side)
