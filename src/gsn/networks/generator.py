"""The generator G, from an embedding z to an image: (n, d) -> (n, c, N, N).

    G = tanh BN W_{m+1}  rho BN W_m ... rho BN W_1  rho BN W_0,        rho = ReLU

It is the generator of DCGAN (Radford et al. 2016) with bilinear upsampling (Angles & Mallat 2018,
section 3). W_0 is linear, onto width 2^m channels of s x s, with N = s 2^m. Each of W_1 ... W_m
doubles the side and halves the channels, by bilinear upsampling and a k x k convolution with
symmetric padding. W_{m+1} is a k x k convolution to c colours.

Differs from the paper: there are m = log2(N / 4) upsamplings instead of J, which from 4 x 4 would
give a side of 64, not 128. There is a tanh at the end, as in the authors' code of 2018. Where the
text and the code differ in other ways there is a choice: batch normalisation (the code) or biases
(the text), symmetric padding (the text) or reflection (the code). `linear` is not the paper's: a
fixed linear decoder x = A z + b enters before each normalisation, convolved, and before the tanh,

    G(z) = tanh(atanh x + BN W_{m+1} h),   h = rho BN (W_m h' + V_m x),   gains from 0.1, not 1

References:
    T. Angles and S. Mallat, Generative networks as inverse problems with scattering transforms,
    ICLR, 2018.

    A. Radford, L. Metz and S. Chintala, Unsupervised representation learning with deep
    convolutional generative adversarial networks, ICLR, 2016.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import nn

from gsn.networks.convolutions import Conv, UpsampledConv, initialise
from gsn.networks.linear import LinearDecoder
from gsn.networks.normalisation import BatchNorm
from gsn.runtime import arguments, precision, weights

NORMALISATIONS = ("batch", "none")
PADDINGS = ("symmetric", "reflect")


def upsamplings(N: int) -> int:
    """Return the number m of upsamplings, such that N = s 2^m with 4 <= s < 8.

    Args:
        N: Side of the images in pixels.

    Raises:
        ValueError: N is not s 2^m for any s from 4 to 7.

    Example:
        >>> from gsn.networks.generator import upsamplings
        >>> upsamplings(128), upsamplings(28)
        (5, 2)
    """
    m = N.bit_length() - 3
    if N < 4 or N % 2**m:
        raise ValueError(
            f"N must be s * 2**m with s from 4 to 7: got N={N}; crop or resize the images."
        )
    return m


class Generator(nn.Module):
    """The generator G for images of one size, (n, d) -> (n, c, N, N).

    The module docstring has the equation, and what differs from the paper.

    Args:
        d: Dimension of z.
        N: Side of the images in pixels, s 2^m with s from 4 to 7.
        channels: Number of colours c.
        width: Number of channels of the last hidden layer. At N = 128, width 32 gives the paper's
            1024 channels at 4 x 4.
        kernel: Side k of the convolutions, odd, up to 9. It is 7 in the paper, and 3 for MNIST in
            Ziomek & Farrahi (2022).
        normalisation: `batch` for batch normalisation and no bias, or `none` for biases.
        padding: `symmetric` (... x1 x0 | x0 x1 ...), or `reflect` (... x2 x1 | x0 x1 ...), which
            is computed in the plain, slower form.
        linear: Whether there is a linear decoder of z (`gsn.networks.linear`). Its map is set by
            the caller, `generator.linear_decoder.set`, and not trained.

    Attributes:
        settings: Arguments of the network, by name.
        side: Side s of the first hidden layer.

    Raises:
        ValueError: N is not of this form, or the kernel, the normalisation or the padding is
            unknown or does not fit.

    Example:
        >>> import torch
        >>> from gsn.networks.generator import Generator
        >>> Generator(d=16, N=32, width=4)(torch.randn(8, 16)).shape
        torch.Size([8, 3, 32, 32])
    """

    @precision.single()
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
        linear: bool = False,
    ):
        super().__init__()
        if kernel not in (1, 3, 5, 7, 9):
            raise ValueError(f"the kernel must be odd and at most 9: got kernel={kernel}.")
        for name, choice, choices in (
            ("normalisation", normalisation, NORMALISATIONS),
            ("padding", padding, PADDINGS),
        ):
            if choice not in choices:
                raise ValueError(f"{name} must be one of {', '.join(choices)}: got {choice!r}.")
        if padding == "reflect" and kernel // 2 >= N:
            raise ValueError(
                f"reflection needs kernel // 2 < N: got kernel={kernel}, N={N}; "
                "use a smaller kernel."
            )
        m = upsamplings(N)
        self.settings = {"d": d, "N": N, "channels": channels, "width": width, "kernel": kernel}
        self.settings |= {"normalisation": normalisation, "padding": padding, "linear": linear}
        self.side = N >> m
        bias = normalisation == "none"
        norm = nn.Identity if bias else BatchNorm
        widths = [width * 2 ** (m - i) for i in range(m + 1)]
        convolution = {"kernel": kernel, "bias": bias, "padding": padding}
        self.linear = nn.Linear(d, widths[0] * self.side**2, bias=bias)
        self.normalise = nn.Sequential(norm(widths[0]), nn.ReLU(inplace=True))
        self.blocks = nn.Sequential()
        for before, after in pairwise(widths):
            layer = UpsampledConv(before, after, **convolution)
            self.blocks.append(nn.Sequential(layer, norm(after), nn.ReLU(inplace=True)))
        self.colours = Conv(widths[-1], channels, **convolution)
        self.normalise_colours = norm(channels)
        for layer in self.modules():
            if isinstance(layer, nn.Linear | nn.Conv2d):
                initialise(layer)
        self.linear_decoder = None
        if linear:
            entries = {"layers": widths[1:], "kernel": min(kernel, 5), "padding": padding}
            self.linear_decoder = LinearDecoder(d, N, channels, **entries)
            with torch.no_grad():  # the last layer begins as a small correction
                (self.colours if bias else self.normalise_colours).weight.mul_(0.1)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Return the images of a batch of z.

        Args:
            z: Embeddings, (n, d), with covariance I over the training set.

        Returns:
            Images, (n, c, N, N), in [-1, 1].
        """
        if not len(z):
            return z.reshape(0, *(self.settings[name] for name in ("channels", "N", "N")))
        h = self.linear(z).reshape(len(z), -1, self.side, self.side)  # (n, width 2^m, s, s)
        h, x = self.normalise(h), self.linear_decoder(z) if self.linear_decoder else None
        for i, (layer, *normalised) in enumerate(map(nn.Module.children, self.blocks)):
            h = layer(h)
            if x is not None:
                h = h + self.linear_decoder.seen(x, i, h.shape[-1])
            for part in normalised:
                h = part(h)
        y = self.normalise_colours(self.colours(h))  # of h: (n, width, N, N)
        return torch.tanh(y if x is None else torch.atanh(x) + y)


def save(generator: Generator, path: str | Path) -> None:
    """Write the settings and weights of a generator to a file, which `load` reads.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryFile() as file:
        ...     save(Generator(d=4, N=8, width=2), file)
    """
    torch.save({"settings": generator.settings, "weights": generator.state_dict()}, path)


def load(path: str | Path, device: torch.device | str = "cpu") -> Generator:
    """Return a trained generator, in evaluation mode.

    Args:
        path: Path of a file that `save` wrote.
        device: Device for the generator.

    Raises:
        OSError: The file does not exist or may not be read.
        ValueError: The file is truncated, damaged or not a generator, or a weight is not finite.

    Example:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save(Generator(d=4, N=8, width=2), pathlib.Path(folder, "generator.pt"))
        ...     load(pathlib.Path(folder, "generator.pt")).settings["N"]
        8
    """
    state = weights.load(path, "a complete trained generator")
    try:
        generator = weights.filled(lambda: Generator(**state["settings"]), state["weights"])
    except (KeyError, TypeError, RuntimeError, AttributeError, ValueError) as error:
        raise ValueError(
            f"{path} must hold the settings and the weights of a generator: {arguments.gist(error)}"
            "; write it by gsn.networks.generator.save, from the network itself, not a wrapper."
        ) from error
    if not all(torch.isfinite(value).all() for value in generator.state_dict().values()):
        raise ValueError(f"{path} must have finite weights: found NaN; make it again.")
    return generator.to(device).eval()


@torch.no_grad()
def decode(generator: Generator, z: np.ndarray, batch: int = 64) -> Iterator[np.ndarray]:
    """Yield the images G(z) in batches, in the units of the stored images.

    Makes one pass over z, and holds one batch of images.

    Args:
        generator: Generator, in evaluation mode.
        z: Embeddings, (n, d).
        batch: Number of images at once.

    Yields:
        Images, (batch, c, N, N) float32, in [0, 255]. The last batch may be smaller.

    Raises:
        ValueError: z is complex or not finite, or batch is less than 1.

    Example:
        >>> import numpy as np
        >>> from gsn.networks.generator import Generator, decode
        >>> G = Generator(d=4, N=8, width=2).eval()
        >>> [x.shape for x in decode(G, np.zeros((5, 4)), batch=3)]
        [(3, 3, 8, 8), (2, 3, 8, 8)]
    """
    if np.iscomplexobj(z) or batch < 1:
        raise ValueError(f"z must be real, and batch at least 1: got batch={batch} of {z.dtype}.")
    z, device = np.ascontiguousarray(z, dtype=np.float32), next(generator.parameters()).device
    if not np.isfinite(z).all():
        raise ValueError("z must be finite: found NaN or infinity; make it again, or leave it out.")
    for first in range(0, len(z), batch):
        with precision.single(device):
            x = generator(torch.from_numpy(z[first : first + batch]).to(device))
        yield ((x + 1) * 127.5).cpu().numpy()
