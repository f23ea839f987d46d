"""Real fields by half of their Fourier coefficients, with the adjoints that torch leaves slow.

    a_hat(omega) = 1/(h w) sum_u a(u) e^{-i omega u},   omega in the half plane omega_1 >= 0
    1/(h w) sum_u a(u) b(u) = sum_omega c(omega) Re(a_hat(omega) b_hat(omega)*)

c is 1 on the columns omega_1 = 0 and omega_1 = pi, which hold both of a conjugate pair, and 2 on
the others. Coefficients do not depend on the grid, so fields on different grids meet once the finer
one's are cropped. All functions have gradients of any order.
"""

import numpy as np
import torch
from torch.autograd import Function

EDGES = slice(1, -1)  # columns that stand for two frequencies


def spectra(a: torch.Tensor) -> torch.Tensor:
    """Return the coefficients of real fields, (..., h, w) -> (..., h, w/2 + 1) complex."""
    return _Spectra.apply(a)


def fields(a_hat: torch.Tensor, h: int, w: int) -> torch.Tensor:
    """Return the real fields of coefficients, (..., h, w/2 + 1) -> (..., h, w)."""
    return _Fields.apply(a_hat, h, w)


def inner(a_hat: torch.Tensor, b_hat: torch.Tensor) -> torch.Tensor:
    """Return the means of all products of two sets of fields as one matrix product.

    Args:
        a_hat: Coefficients, (n, p, h, w/2 + 1) complex.
        b_hat: Coefficients on the same grid, (n, q, h, w/2 + 1) complex.

    Returns:
        Means over the points, (n, p, q) real.

    Example:
        >>> import torch
        >>> from gsn.transforms import half_planes
        >>> a, b = torch.randn(1, 2, 8, 6), torch.randn(1, 3, 8, 6)
        >>> means = half_planes.inner(half_planes.spectra(a), half_planes.spectra(b))
        >>> torch.allclose(means, torch.einsum("npij,nqij->npq", a, b) / 48, atol=1e-6)
        True
    """
    return _Inner.apply(a_hat, b_hat)


def crop(a_hat: torch.Tensor, h: int, w: int) -> torch.Tensor:
    """Return the coefficients on a coarser grid of h x w points, (..., h, w/2 + 1)."""
    if a_hat.shape[-2:] == (h, w // 2 + 1):
        return a_hat
    return _Crop.apply(a_hat, h, w)


def multiplicities(h: int, w: int) -> np.ndarray:
    """Return c, the number of frequencies that each coefficient stands for, (h, w/2 + 1)."""
    c = np.ones((h, w // 2 + 1))
    c[:, EDGES] = 2
    return c


def waves(h: int, w: int, shifts: np.ndarray) -> np.ndarray:
    """Return c e^{i omega tau} for shifts, (2, h (w/2 + 1), shifts): cosines and sines.

    Args:
        h: Number of rows of the grid.
        w: Number of columns of the grid.
        shifts: Shifts tau along both axes in units of the period, (shifts, 2).
    """
    rows, columns = np.fft.fftfreq(h, 1 / h)[:, None, None], np.arange(w // 2 + 1)[:, None]
    phase = 2 * np.pi * (rows * shifts[:, 0] + columns * shifts[:, 1])  # (h, w/2 + 1, shifts)
    both = np.stack([np.cos(phase), np.sin(phase)]) * multiplicities(h, w)[..., None]
    return both.reshape(2, -1, len(shifts))


def hermitian(g: torch.Tensor) -> torch.Tensor:
    """Return half of a spectrum whose first and last columns are those of a real field.

    The gradient of a half-spectrum is arbitrary there, and the inverse FFT of a GPU takes for
    granted that it is not. What is left out does not change the real field.

    Args:
        g: Half of a spectrum, (..., h, w/2 + 1) complex, for an even w.

    Example:
        >>> import torch
        >>> from gsn.transforms.half_planes import hermitian
        >>> g = torch.randn(4, 3, dtype=torch.complex128)
        >>> torch.allclose(torch.fft.irfft2(hermitian(g)), torch.fft.irfft2(g))
        True
    """
    edges = g[..., [0, -1]]
    opposite = edges.flip(-2).roll(1, -2).conj()
    return torch.cat(
        [(edges + opposite)[..., :1] / 2, g[..., 1:-1], (edges + opposite)[..., 1:] / 2], -1
    )


class _Spectra(Function):
    @staticmethod
    def forward(ctx, a):
        ctx.sides = a.shape[-2:]
        return torch.fft.rfft2(a, norm="forward")

    @staticmethod
    def backward(ctx, g):
        g = hermitian(g / 2)
        g[..., 0] *= 2
        g[..., -1] *= 2
        return torch.fft.irfft2(g, s=ctx.sides, norm="backward")


class _Fields(Function):
    @staticmethod
    def forward(ctx, a_hat, h, w):
        return torch.fft.irfft2(a_hat, s=(h, w), norm="forward")

    @staticmethod
    def backward(ctx, g):
        g = torch.fft.rfft2(g, norm="backward")
        g[..., EDGES] *= 2
        return g, None, None


class _Inner(Function):
    @staticmethod
    def forward(ctx, a_hat, b_hat):
        ctx.save_for_backward(a_hat, b_hat)
        edges = [0, -1]
        return 2 * _products(a_hat, b_hat) - _products(a_hat[..., edges], b_hat[..., edges])

    @staticmethod
    def backward(ctx, g):
        a_hat, b_hat = ctx.saved_tensors
        wanted = ctx.needs_input_grad
        return (
            _combined(2 * g, b_hat) if wanted[0] else None,
            _combined(2 * g.mT, a_hat) if wanted[1] else None,
        )


def _products(a_hat: torch.Tensor, b_hat: torch.Tensor) -> torch.Tensor:
    """Return Re sum a_hat b_hat* over the coefficients, (n, p, q)."""
    return torch.view_as_real(a_hat).flatten(2) @ torch.view_as_real(b_hat).flatten(2).mT


def _combined(g: torch.Tensor, b_hat: torch.Tensor) -> torch.Tensor:
    """Return sum_q g[p, q] b_hat[q], half of it in the columns at the edges."""
    n, _, h, w = b_hat.shape
    planes = g @ torch.view_as_real(b_hat).flatten(2)  # (n, p, h w 2)
    planes = torch.view_as_complex(planes.view(n, -1, h, w, 2))
    planes[..., 0] *= 0.5
    planes[..., -1] *= 0.5
    return planes


class _Crop(Function):
    @staticmethod
    def forward(ctx, a_hat, h, w):
        ctx.shape = a_hat.shape
        columns = w // 2 + 1
        low, high = a_hat[..., : h // 2, :columns], a_hat[..., -(h // 2) :, :columns]
        return torch.cat([low, high], dim=-2)

    @staticmethod
    def backward(ctx, g):
        h, columns = g.shape[-2:]
        whole = g.new_zeros(ctx.shape)
        whole[..., : h // 2, :columns] = g[..., : h // 2, :]
        whole[..., -(h // 2) :, :columns] = g[..., h // 2 :, :]
        return whole, None, None
