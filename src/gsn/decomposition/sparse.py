"""Sparse codes in a dictionary, by FISTA, and how far codes are from the best ones.

    z* = argmin_{z >= 0} 1/2 ||x - D z||^2 + lambda ||z||_1

`gsn.decomposition.istc` has the network with a learned dictionary, of which this is the reference.

References:
    A. Beck and M. Teboulle, A fast iterative shrinkage-thresholding algorithm for linear inverse
    problems, SIAM J. Imaging Sciences 2(1), 2009.

    B. O'Donoghue and E. Candes, Adaptive restart for accelerated gradient schemes, Foundations of
    Computational Mathematics 15, 2015.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F

from gsn.runtime import arguments


class Codes(NamedTuple):
    """What FISTA found.

    Attributes:
        z: Codes, (n, m), at least 0.
        gap: Duality gap of each code, (n,): an upper bound of its excess of the objective.
        steps: Number of steps made.
    """

    z: torch.Tensor
    gap: torch.Tensor
    steps: int


def objective(x: torch.Tensor, D: torch.Tensor, z: torch.Tensor, threshold: float) -> torch.Tensor:
    """Return 1/2 ||x - D z||^2 + lambda ||z||_1 of each row, (n,)."""
    return (x - z @ D.T).square().sum(1) / 2 + threshold * z.abs().sum(1)


def duality_gap(
    x: torch.Tensor, D: torch.Tensor, z: torch.Tensor, threshold: float
) -> torch.Tensor:
    """Return the duality gap of codes: the objective less a lower bound of its minimum.

    The lower bound is that of the dual point theta = s (x - D z), with the largest s <= 1 for which
    d_i^T theta <= lambda for all atoms.

    Args:
        x: Signals, (n, p).
        D: Dictionary, (p, m).
        z: Codes, (n, m), at least 0.
        threshold: lambda, above 0.

    Returns:
        Gaps, (n,), at least 0 up to rounding.

    Example:
        >>> import torch
        >>> from gsn.decomposition.sparse import duality_gap
        >>> x, D = torch.tensor([[2.0, 0.1]]), torch.eye(2)
        >>> abs(duality_gap(x, D, torch.tensor([[1.5, 0.0]]), 0.5).item()) < 1e-6
        True
    """
    rest = x - z @ D.T
    largest = (rest @ D).amax(1, keepdim=True)
    theta = rest * (threshold / largest.clamp(min=threshold))
    dual = x.square().sum(1) / 2 - (x - theta).square().sum(1) / 2
    return objective(x, D, z, threshold) - dual


@torch.no_grad()
def fista(
    x: torch.Tensor,
    D: torch.Tensor,
    threshold: float,
    *,
    steps: int = 10_000,
    tolerance: float = 1e-6,
) -> Codes:
    """Return the sparse codes of signals in a dictionary, by FISTA with restarts.

    The momentum starts again where it points uphill (O'Donoghue & Candes 2015).

    Args:
        x: Signals, (n, p).
        D: Dictionary, (p, m), of any columns.
        threshold: lambda, above 0.
        steps: Largest number of steps.
        tolerance: Duality gap, as a share of ||x||^2 / 2, at which the steps end.

    Raises:
        ValueError: The arrays do not fit together or have a number that is not finite, lambda is
            not above 0, or steps is not at least 1.

    Example:
        >>> import torch
        >>> from gsn.decomposition.sparse import fista
        >>> fista(torch.tensor([[2.0, 0.1]]), torch.eye(2), 0.5).z.tolist()
        [[1.5, 0.0]]
    """
    threshold = arguments.real("threshold", threshold, above=0, such_as=0.1)
    steps = arguments.integer("steps", steps, least=1)
    _check(x, D)
    tiny = torch.finfo(D.dtype).tiny  # for a dictionary of zeros, whose codes are zero
    step = 1 / torch.linalg.matrix_norm(D, 2).square().clamp(min=tiny)
    gram, seen = D.T @ D, x @ D
    z = y = x.new_zeros(len(x), D.shape[1])
    t = x.new_ones(len(x), 1)
    bound = tolerance * x.square().sum(1) / 2
    for number in range(1, steps + 1):
        new = F.relu(y + step * (seen - y @ gram - threshold))
        uphill = ((y - new) * (new - z)).sum(1, keepdim=True) > 0
        t = torch.where(uphill, torch.ones_like(t), t)
        later = (1 + (1 + 4 * t.square()).sqrt()) / 2
        y, z, t = new + (t - 1) / later * (new - z), new, later
        if number % 10 == 0 and bool((duality_gap(x, D, z, threshold) <= bound).all()):
            break
    return Codes(z, duality_gap(x, D, z, threshold), number)


def _check(x: torch.Tensor, D: torch.Tensor) -> None:
    """Refuse arrays that do not fit together, and numbers that are not finite."""
    if x.ndim != 2 or D.ndim != 2 or x.shape[1] != D.shape[0] or not len(x):
        raise ValueError(
            "x and D must be (n, p) and (p, m): got the shapes "
            f"{tuple(x.shape)} and {tuple(D.shape)}; transpose one of them."
        )
    for name, array in (("x", x), ("D", D)):
        if bad := int((~array.isfinite()).sum()):
            raise ValueError(
                f"{name} must be finite: found NaN or infinity in {bad} of {array.numel()} "
                "numbers; leave them out, or fill them."
            )


def coherence(W: torch.Tensor, D: torch.Tensor) -> float:
    """Return the mutual coherence of filters and atoms, max over i != j of abs(<w_i, d_j>).

    Example:
        >>> import torch
        >>> from gsn.decomposition.sparse import coherence
        >>> coherence(torch.eye(3), torch.eye(3))
        0.0
    """
    products = (W.T @ D).abs()
    return float(products.fill_diagonal_(0).max())
