"""Traces of functions of symmetric operators by stochastic Lanczos quadrature.

    tr f(A) = E[z^T f(A) z],   z^T f(A) z ~ |z|^2 sum_i tau_i^2 f(theta_i)

z has independent signs. theta_i are the eigenvalues of the tridiagonal matrix that Lanczos'
recursion from z makes of A, and tau_i the first components of its eigenvectors (Golub & Meurant
2010; Ubaru, Chen & Saad 2017). The quadrature of order m is exact for polynomials of degree up to
2 m - 1.

References:
    G. Golub and G. Meurant, Matrices, Moments and Quadrature with Applications, Princeton, 2010.

    S. Ubaru, J. Chen and Y. Saad, Fast estimation of tr(f(A)) via stochastic Lanczos quadrature,
    SIAM J. Matrix Anal. Appl. 38(4), 2017.
"""

from collections.abc import Callable

import torch

from gsn.inverse.energy import column, dot

Operator = Callable[[torch.Tensor], torch.Tensor]
NEGLIGIBLE = 1e-6  # new part of a vector, as a fraction of A v, below which it is rounding


def trace(
    A: Operator,
    f: Callable[[torch.Tensor], torch.Tensor],
    like: torch.Tensor,
    *,
    probes: int,
    order: int,
    generator: torch.Generator,
) -> torch.Tensor:
    """Return estimates of tr f(A_i) for n symmetric operators.

    The memory held is `order` vectors for each operator.

    Args:
        A: Function that applies the operators to a vector each, (n, d) -> (n, d).
        f: Function of a real number, with f(0) finite, applied to tensors.
        like: Tensor (n, d), whose type and device the vectors take.
        probes: Number of vectors z.
        order: Order of the quadrature, which takes as many applications of A.
        generator: Random generator of the CPU.

    Returns:
        Means over the vectors z, (n,) float64 on the CPU.

    References:
        S. Ubaru, J. Chen and Y. Saad, Fast estimation of tr(f(A)) via stochastic Lanczos
        quadrature, SIAM J. Matrix Anal. Appl. 38(4), 2017.

    Example:
        >>> import torch
        >>> from gsn.inverse.lanczos import trace
        >>> spectrum = torch.tensor([[1.0, 2.0, 3.0]], dtype=torch.float64)
        >>> settings = {"probes": 1, "order": 3, "generator": torch.Generator()}
        >>> trace(lambda v: spectrum * v, torch.exp, spectrum, **settings)
        tensor([30.1929], dtype=torch.float64)
    """
    n, d = like.shape
    total = torch.zeros(n, dtype=torch.float64)
    for _ in range(probes):
        z = 2.0 * torch.randint(0, 2, (n, d), generator=generator) - 1
        alphas, betas = tridiagonal(A, z.to(like), min(order, d))
        T = torch.diag_embed(alphas) + torch.diag_embed(betas, 1) + torch.diag_embed(betas, -1)
        theta, vectors = torch.linalg.eigh(T)  # (n, order), (n, order, order)
        total += d * (vectors[:, 0].square() * f(theta)).sum(dim=1)
    return total / probes


def tridiagonal(A: Operator, z: torch.Tensor, order: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return diagonals (n, order) and off-diagonals (n, order - 1) of Lanczos' matrices.

    Every vector is made orthogonal to all before it, twice. Where a recursion ends early the rest
    of its matrix is zero, apart from the first block, and has no weight in the quadrature.
    """
    v = z / z.norm(dim=1, keepdim=True)
    known, alphas, betas = v[:, None], [], []
    for k in range(order):
        w = A(v)
        alphas.append(dot(w, v))
        if k == order - 1:
            break
        size = w.norm(dim=1)
        for _ in range(2):
            parts = (known @ w[:, :, None]).squeeze(2)  # (n, k + 1)
            w = w - (parts[:, None] @ known).squeeze(1)
        beta = w.norm(dim=1)
        beta = torch.where(beta > NEGLIGIBLE * size, beta, 0)
        v = torch.where(column(beta, w) > 0, w / column(beta, w), 0)
        known = torch.cat([known, v[:, None]], dim=1)
        betas.append(beta)
    off = torch.stack(betas, dim=1) if betas else z.new_zeros(len(z), 0)
    return torch.stack(alphas, dim=1).cpu().double(), off.cpu().double()
