"""Sparsity in an orthonormal wavelet basis W.

    x^ = argmin 1/2 ||A x - y||^2 + mu ||W x||_1

by the proximal gradient with momentum (FISTA, Beck & Teboulle 2009). W is the separable basis of
Daubechies' wavelets with two vanishing moments, on the periodic image; the mean at the coarsest
scale is not penalised. A basis is not invariant to translations, so the solutions for some
translations of the basis are averaged (cycle spinning, Coifman & Donoho 1995).

References:
    A. Beck and M. Teboulle, A fast iterative shrinkage-thresholding algorithm for linear inverse
    problems, SIAM Journal on Imaging Sciences 2(1), 2009.

    R. R. Coifman and D. L. Donoho, Translation-invariant de-noising, in Wavelets and Statistics,
    Springer, 1995.

    I. Daubechies, Orthonormal bases of compactly supported wavelets, Communications on Pure and
    Applied Mathematics 41, 1988.
"""

import math

import torch

from gsn.inverse.operators import Operator, square_norm
from gsn.runtime import arguments

SHIFTS = ((0, 0), (1, 2), (2, 1), (3, 3))  # translations of the basis, in pixels
ROOT = math.sqrt(3)
LOW = torch.tensor([1 + ROOT, 3 + ROOT, 3 - ROOT, 1 - ROOT], dtype=torch.float64) / (4 * 2**0.5)
SAFETY = 1.02  # the power method gives ||A||^2 from below


class Basis:
    """An orthonormal basis of separable wavelets for images of sides that 2^J divides.

    Args:
        shape: Height and width (H, W).
        J: Number of scales.

    Example:
        >>> import torch
        >>> from gsn.inverse.wavelets import Basis
        >>> basis, x = Basis((16, 16), J=2), torch.rand(3, 16, 16, dtype=torch.float64)
        >>> torch.allclose(basis.inverse(basis(x)), x)
        True
    """

    def __init__(self, shape: tuple[int, int], J: int):
        self.J = arguments.integer("J", J, least=1)
        if any(side % 2**J for side in shape):
            raise ValueError(
                f"the sides must be multiples of 2**J: got {shape[0]} x {shape[1]}, J={J}; "
                "use a smaller J."
            )
        self.levels = [
            tuple(matrix(side >> j) for side in shape) for j in range(J)
        ]  # one pair of orthogonal matrices a scale
        self.coarse = tuple(side >> J for side in shape)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Return the coefficients W x, (..., H, W), with the coarsest scale in the first corner."""
        x = x.clone()
        for rows, columns in self.levels:
            h, w = len(rows), len(columns)
            x[..., :h, :w] = rows.to(x) @ x[..., :h, :w] @ columns.to(x).mT
        return x

    def inverse(self, c: torch.Tensor) -> torch.Tensor:
        """Return W^T c."""
        c = c.clone()
        for rows, columns in reversed(self.levels):
            h, w = len(rows), len(columns)
            c[..., :h, :w] = rows.to(c).mT @ c[..., :h, :w] @ columns.to(c)
        return c


def matrix(N: int) -> torch.Tensor:
    """Return the matrix of one scale of a signal of N samples, (N, N): low-pass, then details."""
    W, n = torch.zeros(N, N, dtype=torch.float64), torch.arange(N // 2)
    for k in range(4):
        W[n, (2 * n + k) % N] += LOW[k]
        W[N // 2 + n, (2 * n + k) % N] += (-1) ** k * LOW[3 - k]
    return W


@torch.no_grad()
def minimise(
    A: Operator,
    y: torch.Tensor,
    *,
    weight: float,
    J: int,
    start: torch.Tensor | None = None,
    iterations: int = 100,
) -> torch.Tensor:
    """Return the images that are sparse in wavelets, averaged over translations of the basis.

    Args:
        A: Operator.
        y: Measurements, (n, *measured).
        weight: Weight mu of the l1 norm.
        J: Number of scales.
        start: Images to start from, (n, H, W); None for 0.
        iterations: Number of iterations.

    Returns:
        Images, (n, H, W).

    Example:
        >>> import torch
        >>> from gsn.inverse import wavelets
        >>> from gsn.inverse.operators import Identity
        >>> y = torch.ones(1, 8, 8) + 0.01 * torch.randn(1, 8, 8)
        >>> x = wavelets.minimise(Identity((8, 8)), y, weight=0.1, J=1)
        >>> bool((x - 1).abs().max() < (y - 1).abs().max())
        True
    """
    weight = arguments.real("weight", weight, least=0, such_as=0.01)
    basis, tau = Basis(A.shape, J), 1 / (SAFETY * square_norm(A))
    start = y.new_zeros(len(y), *A.shape) if start is None else start
    total = torch.zeros_like(start)
    for shift in SHIFTS:
        x = ahead = start
        t = 1.0
        for _ in range(iterations):
            step = (ahead - tau * A.adjoint(A(ahead) - y)).roll(shift, (-2, -1))
            c = basis(step)
            kept = c[..., : basis.coarse[0], : basis.coarse[1]].clone()
            c = c - c.clamp(-weight * tau, weight * tau)
            c[..., : basis.coarse[0], : basis.coarse[1]] = kept
            new = basis.inverse(c).roll((-shift[0], -shift[1]), (-2, -1))
            following = (1 + math.sqrt(1 + 4 * t * t)) / 2
            ahead, x, t = new + (t - 1) / following * (new - x), new, following
        total += x
    return total / len(SHIFTS)
