"""Covariances of real fields within wavelet bands, as weighted Gram matrices of their spectra.

    G_l[a, b] = mean over u of (a * psi_l)(u) (b * psi_l)(u)^*
              = sum over omega of |psi_hat_l(omega)|^2 a_hat(omega) b_hat(omega)^*

for all pairs of channels, by Parseval: there is no inverse FFT. The channels are real, so that half
of the frequencies is enough. With the weights at omega and at -omega, the real part of a product
is weighted by their sum and the imaginary part by their difference.

On a CPU, compiled loops pass over some hundreds of frequencies at a time, for all pairs and all
weights. They hold no product of a spectrum and a weight, and so do their gradients. Elsewhere, and
for a gradient that is differentiated again, they are products of matrices in torch.
"""

from typing import NamedTuple

import numpy as np
import torch

from gsn.transforms.bands import Bands
from gsn.transforms.constants import Constants
from gsn.transforms.statistics import gram_loops


class Band(NamedTuple):
    """The weights of one scale on half of the frequencies that it occupies.

    Attributes:
        sides: Grid (h, w) of the scale.
        whole: Whether the grid has all rows, and all columns, of the fields.
        plus: Weights of the real part of a product, (L, K).
        minus: Weights of the imaginary part, (L, K).
    """

    sides: tuple[int, int]
    whole: tuple[bool, bool]
    plus: torch.Tensor
    minus: torch.Tensor


def band(psi: torch.Tensor, shape: tuple[int, int]) -> Band:
    """Return the weights |psi|^2 of one scale.

    Args:
        psi: Real Fourier transforms on a grid, (L, h, w), as `Bands.psi` has them.
        shape: Sides (H, W) of the fields.

    Example:
        >>> import torch
        >>> from gsn.transforms.statistics import gram
        >>> gram.band(torch.ones(1, 4, 4), (8, 8)).plus  # frequencies (0, 0..1), (1, 0..1), ...
        tensor([[1., 2., 1., 2., 1., 2.]])
    """
    h, w = psi.shape[-2:]
    whole = (h == shape[0], w == shape[1])
    weights = psi.square()
    mirrored = weights.flip((-2, -1)).roll((1, 1), (-2, -1))  # at -omega
    plus, minus = weights + mirrored, weights - mirrored
    for own in (0, w // 2):  # both halves of these columns are here
        plus[..., own], minus[..., own] = weights[..., own], weights[..., own]
    kept = (half(part, (h, w), whole).flatten(1).contiguous() for part in (plus, minus))
    return Band((h, w), whole, *kept)


class Weights:
    """The weights of all scales, in each precision and on each device that asks for them.

    Args:
        bands: Wavelets, on grids with room 1.

    Example:
        >>> import torch
        >>> from gsn.transforms.bands import Bands
        >>> from gsn.transforms import morlet
        >>> from gsn.transforms.statistics import gram
        >>> weights = gram.Weights(Bands(morlet.wavelets((32, 32), J=2, L=4)))
        >>> [band.plus.shape for band in weights(torch.ones(1))]
        [torch.Size([4, 544]), torch.Size([4, 544])]
    """

    def __init__(self, bands: Bands):
        self._bands = bands
        self._constants = Constants()

    def __call__(self, like: torch.Tensor) -> list[Band]:
        """Return the weights of each scale."""
        psi = (self._bands.psi(j, like) for j in range(len(self._bands)))
        return self._constants(
            "bands", like, lambda _: [band(part, self._bands.shape) for part in psi]
        )


def half(spectra: torch.Tensor, sides: tuple[int, int], whole: tuple[bool, bool]) -> torch.Tensor:
    """Return half of the frequencies of a grid.

    A grid that is coarser than the fields loses the frequencies -h/2 and -w/2, whose opposites it
    does not have.

    Args:
        spectra: Spectra of a finer grid, of all columns or as torch.fft.rfft2 has them.
        sides: Grid (h, w).
        whole: Whether the grid has all rows, and all columns, of the fields.
    """
    (h, w), (rows, columns) = sides, whole
    spectra = spectra[..., : w // 2 + columns]
    if rows:
        return spectra
    return torch.cat([spectra[..., : h // 2, :], spectra[..., 1 - h // 2 :, :]], dim=-2)


def points(spectra: torch.Tensor, sides: tuple[int, int], whole: tuple[bool, bool]) -> torch.Tensor:
    """Return the fields on the points of a grid, (..., h, w), from half of their spectra."""
    h = sides[0]
    if not whole[0]:
        middle = torch.zeros_like(spectra[..., :1, :])
        spectra = torch.cat([spectra[..., : h // 2, :], middle, spectra[..., h // 2 :, :]], dim=-2)
    return torch.fft.irfft2(spectra, s=sides, norm="forward")


def packed(channels: list[torch.Tensor], band: Band) -> torch.Tensor:
    """Return the spectra of all channels on the frequencies of a band, (n, C, 2, K) real."""
    parts = [torch.view_as_real(half(part, *band[:2])).flatten(-3, -2) for part in channels]
    return torch.cat(parts, dim=1).transpose(-1, -2).contiguous()


def pairs(C: int) -> tuple[list[int], list[int]]:
    """Return the pairs (a, b) of channels with a <= b, as two lists."""
    first, second = np.triu_indices(C)
    return first.tolist(), second.tolist()


def products(X: torch.Tensor, band: Band) -> torch.Tensor:
    """Return the real and the imaginary parts of Gram matrices, as products of matrices.

    Args:
        X: Spectra of channels, (n, C, 2, K) real.
        band: Weights.

    Returns:
        Entries of the pairs a <= b, (n, 2, L, pairs).

    Example:
        >>> import torch
        >>> from gsn.transforms.statistics import gram
        >>> band = gram.band(torch.ones(1, 4, 4), (4, 4))
        >>> gram.products(torch.ones(1, 2, 2, 12), band).shape
        torch.Size([1, 2, 1, 3])
    """
    turned = torch.stack([X[:, :, 1], -X[:, :, 0]], dim=2)
    transposed = X.flatten(2).transpose(1, 2)[:, None]  # (n, 1, 2 K, C)
    parts = [
        (part[:, None] * weights[:, None, None]).flatten(3) @ transposed  # (n, L, C, C)
        for part, weights in ((X, band.plus.to(X)), (turned, band.minus.to(X)))
    ]
    first, second = pairs(X.shape[1])
    return torch.stack([part[:, :, first, second] for part in parts], dim=1)


def grams(channels: list[torch.Tensor], bands: list[Band]) -> list[torch.Tensor]:
    """Return the Gram matrices of the first channels in each band, (n, 2, L, pairs) each.

    Args:
        channels: Spectra of x and of the moduli of each scale, as torch.fft.rfft2 has them with
            norm="forward", (n, C, h, w / 2 + 1) each.
        bands: Weights of each scale. Band j takes the channels of x and of the scales up to j.
    """
    if channels[0].device.type == "cpu":
        return list(_Grams.apply(bands, *channels))
    return _by_torch(channels, bands)


def _by_torch(channels: list[torch.Tensor], bands: list[Band]) -> list[torch.Tensor]:
    return [products(packed(channels[: j + 2], band), band) for j, band in enumerate(bands)]


class _Grams(torch.autograd.Function):
    """Gram matrices by compiled loops, and their gradients."""

    @staticmethod
    def forward(ctx, bands, *channels):
        ctx.bands = bands
        ctx.save_for_backward(*channels)
        outputs = []
        for j, band in enumerate(bands):
            X = packed(list(channels[: j + 2]), band)
            parts = X.new_zeros(torch.get_num_threads(), len(X), 2, len(band.plus), _count(X))
            weights = (band.plus.to(X).numpy(), band.minus.to(X).numpy())
            gram_loops.run(
                (gram_loops.products, X[i].numpy(), *weights, span, parts[thread, i].numpy())
                for i in range(len(X))
                for thread, span in enumerate(gram_loops.spans(X.shape[-1]))
            )
            outputs.append(parts.sum(dim=0))
        return tuple(outputs)

    @staticmethod
    def backward(ctx, *gradients):
        channels = ctx.saved_tensors
        if torch.is_grad_enabled():  # create_graph
            outputs = _by_torch(list(channels), ctx.bands)
            return None, *torch.autograd.grad(outputs, channels, gradients, create_graph=True)
        totals = [torch.zeros_like(part) for part in channels]
        for j, (band, gradient) in enumerate(zip(ctx.bands, gradients, strict=True)):
            X = packed(list(channels[: j + 2]), band)
            D, gradient = torch.zeros_like(X), gradient.contiguous()
            weights = (band.plus.to(X).numpy(), band.minus.to(X).numpy())
            gram_loops.run(
                (
                    gram_loops.adjoint,
                    X[i].numpy(),
                    *weights,
                    span,
                    gradient[i].numpy(),
                    D[i].numpy(),
                )
                for i in range(len(X))
                for span in gram_loops.spans(X.shape[-1])
            )
            _unpack(D, totals[: j + 2], band)
        return None, *totals


def _count(X: torch.Tensor) -> int:
    return X.shape[1] * (X.shape[1] + 1) // 2


def _unpack(D: torch.Tensor, totals: list[torch.Tensor], band: Band) -> None:
    """Add the gradient (n, C, 2, K) of `packed` to those of its channels."""
    (h, w), (rows, columns) = band.sides, band.whole
    columns = w // 2 + columns
    D = D.unflatten(-1, (-1, columns)).movedim(2, -1)  # (n, C, rows, columns, 2)
    for total in totals:
        part, D = D.split([total.shape[1], D.shape[1] - total.shape[1]], dim=1)
        total = torch.view_as_real(total)[..., :columns, :]
        if rows:
            total += part
        else:
            total[..., : h // 2, :, :] += part[..., : h // 2, :, :]
            total[..., 1 - h // 2 :, :, :] += part[..., h // 2 :, :, :]
