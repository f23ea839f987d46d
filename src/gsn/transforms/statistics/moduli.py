"""Spectra of wavelet moduli, (n, H, W) -> (n, L, h, w / 2 + 1) for each scale, and their adjoint.

    U_hat(omega) = (h w)^-1 sum over u of |x * psi|(u) e^{-i omega u}

on the grid of the scale (`gsn.transforms.bands`). The gradient of x_hat is written by hand: with
the gradient g of U_hat,

    x_hat:   sum over psi of psi_hat FFT( Re IFFT(g) w / |w| ),   w = x * psi

and no gradient where w = 0. It keeps w and |w|, and takes one real and one complex FFT a band. A
gradient that is differentiated again is computed by the operations of torch.
"""

import torch

from gsn.runtime import precision
from gsn.transforms.bands import Bands
from gsn.transforms.half_planes import hermitian

LEAST = 1e-30  # a modulus that is less has no phase


def spectra(x_hat: torch.Tensor, bands: Bands, j: int) -> torch.Tensor:
    """Return the spectra of the moduli of a scale, (n, L, h, w / 2 + 1) complex.

    Args:
        x_hat: Spectra of fields, (n, H, W) complex, as torch.fft.fft2 has them.
        bands: Wavelets.
        j: Index of the scale.

    Example:
        >>> import torch
        >>> from gsn.transforms.bands import Bands
        >>> from gsn.transforms import morlet
        >>> from gsn.transforms.statistics import moduli
        >>> bands = Bands(morlet.wavelets((32, 32), J=2, L=4))
        >>> moduli.spectra(torch.fft.fft2(torch.randn(1, 32, 32)), bands, 1).shape
        torch.Size([1, 4, 32, 17])
    """
    with precision.without_autocast(x_hat.device):
        return _Moduli.apply(x_hat, bands, j)


class _Moduli(torch.autograd.Function):
    """x_hat -> FFT |x * psi|."""

    @staticmethod
    def forward(ctx, x_hat, bands, j):
        w = bands(x_hat, j)
        u = w.abs()
        ctx.save_for_backward(x_hat, w, u)
        ctx.bands, ctx.j, ctx.sides = bands, j, x_hat.shape[-2:]
        return torch.fft.rfft2(u, norm="forward")

    @staticmethod
    def backward(ctx, gradient):
        x_hat, w, u = ctx.saved_tensors
        if torch.is_grad_enabled():  # create_graph
            U_hat = torch.fft.rfft2(ctx.bands(x_hat, ctx.j).abs(), norm="forward")
            return *torch.autograd.grad(U_hat, x_hat, gradient, create_graph=True), None, None
        h, columns = u.shape[-2:]
        gradient = hermitian(gradient)
        gradient[..., 1 : columns // 2] /= 2  # an inverse FFT counts these columns twice
        slope = torch.fft.irfft2(gradient, s=(h, columns), norm="forward") / u.clamp(min=LEAST)
        turned = torch.view_as_complex(torch.view_as_real(w) * slope[..., None])
        spectra = torch.view_as_real(torch.fft.fft2(turned))
        psi = ctx.bands.psi(ctx.j, spectra) / (h * columns * ctx.sides[0] * ctx.sides[1])
        total = torch.view_as_complex((spectra * psi[..., None]).sum(dim=1))
        return _padded(total, *ctx.sides), None, None


def _padded(part: torch.Tensor, H: int, W: int) -> torch.Tensor:
    """Return spectra (n, h, w) with zeros at the higher frequencies of (n, H, W)."""
    h, w = part.shape[-2:]
    if (h, w) == (H, W):
        return part
    whole = part.new_zeros(len(part), H, W)
    for rows in (slice(0, h // 2), slice(-h // 2, None)):
        for columns in (slice(0, w // 2), slice(-w // 2, None)):
            whole[:, rows, columns] = part[:, rows, columns]
    return whole
