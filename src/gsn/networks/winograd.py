"""Upsampling by 2 and convolution by Winograd's minimal filtering, for a CPU.

The convolution is that of the polyphase form, at the low resolution. It goes from windows of 8 x 8
to tiles of 4 x 4 (Lavin & Gray 2016, section 4, with Toom-Cook's points):

    y = A^T [ sum_c (G w_c G^T) * (B^T x_c B) ] A

The sums over c are one matrix product for each of the 64 places of a window. They take a sixth of
the multiplications of the polyphase form, and a twelfth of those of the plain form. In float32
they lose one digit of seven.

References:
    A. Lavin and S. Gray, Fast algorithms for convolutional neural networks, CVPR, 2016.
"""

import functools

import numpy as np
import torch

from gsn.networks.phases import bilinear_phases, pad_symmetric

TILE = 4  # side of the tiles of minimal filtering, at the low resolution
# Toom-Cook's points, besides infinity. More than 5 taps would need more points, and lose digits.
POINTS = (0, 1, -1, 2, -2, 1 / 2, -1 / 2)


def winograd(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, taps: int
) -> torch.Tensor:
    """Return an upsampling by 2 and a convolution, computed by minimal filtering.

    The equation is in the module docstring. In the comments, u and v are the row and the column of
    a place in a window, a and b those of a pixel in a tile, i and j those of a tile, and p and q
    the phases of rows and columns.

    Args:
        x: Input, (n, c, H, H).
        weight: Filter on the upsampled input, (c', c, k, k).
        bias: Bias, (c',), or None.
        taps: Side of the filters of the phases.

    Returns:
        Output, (n, c', 2H, 2H).

    References:
        A. Lavin and S. Gray, Fast algorithms for convolutional neural networks, CVPR, 2016.

    Example:
        >>> import torch
        >>> from gsn.networks.winograd import winograd
        >>> winograd(torch.rand(1, 2, 8, 8), torch.rand(3, 2, 7, 7), None, taps=5).shape
        torch.Size([1, 3, 16, 16])
    """
    At, W, Bt = _matrices(weight.shape[-1], weight.dtype)
    (n, c, H, _), out, size = x.shape, len(weight), len(Bt)
    t = -(-H // TILE)  # tiles along a side
    x = pad_symmetric(x, taps // 2, t * TILE - H)  # (n, c, side, side), side = (t - 1) TILE + size
    x = x.permute(0, 2, 3, 1)  # (n, side, side, c)
    x = x.reshape(n, -1, x.shape[2] * c)  # (n, side, side c)
    x = _Windows.apply(x, size).view(size, -1)  # (u, n i side c), before the transform
    x = Bt @ x  # (u, n i side c)
    x = x.view(size * n * t, -1, c)  # (u n i, side, c)
    x = _Windows.apply(x, size).view(size, -1)  # (v, u n i j c), before the transform
    x = Bt @ x  # (v, u n i j c)
    x = x.view(size**2, n * t * t, c)  # (v u, n i j, c)
    weight = weight.permute(2, 3, 0, 1)  # (k, k, c', c)
    weight = weight.flatten(2).flatten(0, 1)  # (k^2, c' c)
    weight = (W @ weight).view(size**2, 4 * out, c)  # (v u, p q c', c)
    y = _Products.apply(x, weight)  # (v u, n i j, p q c')
    y = At @ y.view(size, -1)  # (b, u n i j p q c')
    y = At @ y.view(TILE, size, -1)  # (b, a, n i j p q c')
    y = y.view(TILE, TILE, n, t, t, 2, 2, out)  # (b, a, n, i, j, p, q, c')
    y = y.permute(2, 3, 1, 5, 4, 0, 6, 7)  # (n, i, a, p, j, b, q, c')
    y = y.reshape(n, 2 * t * TILE, 2 * t * TILE, out)  # (n, row, column, c')
    y = y if bias is None else y + bias
    return y.permute(0, 3, 1, 2)[..., : 2 * H, : 2 * H]  # (n, c', 2H, 2H)


@functools.cache
def _matrices(kernel: int, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return A^T (TILE, size), the map W of weights (size^2 4, k^2), and B^T (size, size).

    W holds G w G^T for all pairs of phases of an upsampling. The matrices follow from the
    transposition principle. With V the values of polynomials at the points, polynomials a and b
    are multiplied by V(size)^-1 (V a * V b). Hence

        y = V(TILE)^T [(V(taps) w) * (V(size)^-T x)].

    The rows of G and of B^T are scaled to norm 1, which keeps more digits.
    """
    T = bilinear_phases(kernel).astype(np.float64)[:, 0]  # (p, taps, k)
    size = TILE + T.shape[1] - 1
    points = np.array(POINTS[: size - 1])

    def values(degree: int) -> np.ndarray:
        """Return V(degree), the powers of the points, with infinity last: (size, degree)."""
        return np.vstack([points[:, None] ** np.arange(degree), np.eye(degree)[-1]])

    G, Bt = values(T.shape[1]), np.linalg.inv(values(size)).T
    norms = np.linalg.norm(G, axis=1), np.linalg.norm(Bt, axis=1)
    At = values(TILE).T * (norms[0] * norms[1])
    G, Bt = G / norms[0][:, None], Bt / norms[1][:, None]
    W = np.einsum("ua,pay,vb,qbx->vupqyx", G, T, G, T, optimize=True)  # (v, u, p, q, y, x)
    W = W.reshape(4 * size**2, kernel**2)  # (v u p q, k^2)
    with torch.inference_mode(False):
        matrices = (np.ascontiguousarray(matrix) for matrix in (At, W, Bt))
        return tuple(torch.from_numpy(matrix).to(dtype) for matrix in matrices)


class _Windows(torch.autograd.Function):
    """Overlapping windows along the middle axis, TILE apart.

    (a, h, b) -> (size, a, (h - size) / TILE + 1, b).
    """

    @staticmethod
    def forward(ctx, x, size):
        a, h, b = ctx.shape = x.shape
        ctx.size = size
        windows = (size, a, (h - size) // TILE + 1, b)
        return x.contiguous().as_strided(windows, (b, h * b, TILE * b, 1)).contiguous()

    @staticmethod
    def backward(ctx, slope):
        a, h, b = ctx.shape
        count = slope.shape[2]
        extra = ctx.size - TILE  # the last samples of a window are the first ones of the next
        slope = slope.permute(1, 2, 0, 3)  # (a, count, size, b)
        x = slope.new_empty(a, h, b)
        tiles = x[:, : count * TILE].view(a, count, TILE, b)  # (a, count, TILE, b)
        tiles.copy_(slope[:, :, :TILE])
        x[:, count * TILE :] = slope[:, -1, TILE:]  # (a, extra, b), after the last tile
        tiles[:, 1:, :extra] += slope[:, :-1, TILE:]
        return x, None


class _Products(torch.autograd.Function):
    """The product x W^T for each place, with gradients that need no copy.

    (places, rows, c), (places, c', c) -> (places, rows, c').
    """

    @staticmethod
    def forward(ctx, x, weight):
        ctx.save_for_backward(x, weight)
        return torch.bmm(x, weight.mT)

    @staticmethod
    def backward(ctx, slope):
        x, weight = ctx.saved_tensors
        return torch.bmm(slope, weight), torch.bmm(slope.mT, x)
