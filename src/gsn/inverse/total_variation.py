"""Total variation, with a certificate of how far from the minimum an image is.

    x^ = argmin P(x),   P(x) = 1/2 ||A x - y||^2 + lambda TV(x) [+ beta/2 ||x - c||^2],  0 <= x <= M

TV(x) is the sum of |grad x| over the pixels, with forward differences that are 0 at the border
(Rudin, Osher & Fatemi 1992). The algorithm is the primal-dual one of Chambolle & Pock (2011), with
diagonal steps (Pock & Chambolle 2011), whose ratio follows the residuals of each image (Goldstein
et al. 2013). Each dual point (q, p) with |p| <= lambda gives the lower bound

    D(q, p) = -1/2 ||q||^2 - <q, y> + sum_u min_{0 <= t <= M} (t w(u) [+ beta/2 (t - c(u))^2]),
    w = A^T q + grad^T p,

which is finite since x is bounded. So (P - D) / P bounds the relative distance to the minimum.

References:
    L. I. Rudin, S. Osher and E. Fatemi, Nonlinear total variation based noise removal algorithms,
    Physica D 60, 1992.

    A. Chambolle and T. Pock, A first-order primal-dual algorithm for convex problems with
    applications to imaging, Journal of Mathematical Imaging and Vision 40, 2011.

    T. Pock and A. Chambolle, Diagonal preconditioning for first order primal-dual algorithms in
    convex optimization, ICCV, 2011.

    T. Goldstein, M. Li, X. Yuan, E. Esser and R. Baraniuk, Adaptive primal-dual hybrid gradient
    methods for saddle-point problems, arXiv:1305.0546, 2013.
"""

from dataclasses import dataclass

import torch

from gsn.inverse.operators import Operator
from gsn.runtime import arguments, progress

EVERY = 20  # iterations between two certificates
BALANCE, CHANGE = 1.5, 0.5  # imbalance of the residuals that is tolerated, and the first change
FADING = 0.95  # of the changes, one after the other
SAFETY = 1.02  # the power method gives a norm from below


@dataclass(frozen=True)
class Minimum:
    """Images near the minimum of P.

    Attributes:
        x: Images, (n, H, W).
        gap: Bound (P - D) / P of each on the relative distance to the minimum, (n,) float64.
        iterations: Number of iterations of each, (n,) int64.
    """

    x: torch.Tensor
    gap: torch.Tensor
    iterations: torch.Tensor


def gradient(x: torch.Tensor) -> torch.Tensor:
    """Return the forward differences, (..., H, W) -> (..., 2, H, W), 0 at the last row and column.

    Example:
        >>> import torch
        >>> from gsn.inverse.total_variation import gradient
        >>> gradient(torch.tensor([[0.0, 1.0], [0.0, 3.0]])).tolist()
        [[[0.0, 2.0], [0.0, 0.0]], [[1.0, 0.0], [3.0, 0.0]]]
    """
    found = x.new_zeros(*x.shape[:-2], 2, *x.shape[-2:])
    found[..., 0, :-1, :] = x[..., 1:, :] - x[..., :-1, :]
    found[..., 1, :, :-1] = x[..., :, 1:] - x[..., :, :-1]
    return found


def divergence(p: torch.Tensor) -> torch.Tensor:
    """Return the negative adjoint of the gradient, (..., 2, H, W) -> (..., H, W)."""
    rows, columns = p[..., 0, :-1, :], p[..., 1, :, :-1]
    found = torch.zeros_like(p[..., 0, :, :])
    found[..., :-1, :] += rows
    found[..., 1:, :] -= rows
    found[..., :, :-1] += columns
    found[..., :, 1:] -= columns
    return found


def total_variation(x: torch.Tensor) -> torch.Tensor:
    """Return the total variation of images, (..., H, W) -> (...)."""
    return gradient(x).square().sum(dim=-3).sqrt().sum(dim=(-2, -1))


@torch.no_grad()
def minimise(
    A: Operator,
    y: torch.Tensor,
    *,
    weight: float,
    most: float,
    anchor: torch.Tensor | None = None,
    pull: float = 0.0,
    start: torch.Tensor | None = None,
    tolerance: float = 1e-4,
    iterations: int = 20000,
) -> Minimum:
    """Return the images of least P, each to a relative gap.

    An image that has reached the gap is not computed any more. Computes on the device and in the
    precision of y.

    Args:
        A: Operator.
        y: Measurements, (n, *measured).
        weight: Weight lambda of the total variation, above 0.
        most: Largest value M of a pixel; the smallest one is 0.
        anchor: Images c that x is pulled towards, (n, H, W); None for none.
        pull: Weight beta of the anchor.
        start: Images to start from, (n, H, W); None for 0.
        tolerance: Relative gap (P - D) / P at which an image is done.
        iterations: Largest number of iterations.

    Returns:
        Images with their gaps. A gap above the tolerance says that the iterations did not suffice.

    Raises:
        ValueError: A weight is out of its range, or y does not have the shape of the operator.

    Example:
        >>> import torch
        >>> from gsn.inverse import total_variation as tv
        >>> from gsn.inverse.operators import Identity
        >>> y = torch.zeros(1, 8, 8, dtype=torch.float64)
        >>> y[:, :, 4:] = 1
        >>> found = tv.minimise(Identity((8, 8)), y, weight=0.4, most=1.0, tolerance=1e-8)
        >>> found.x[0, 0, [0, 7]].round(decimals=4).tolist()  # 8 lambda / 32 pixels on either side
        [0.1, 0.9]
    """
    weight = arguments.real("weight", weight, above=0, such_as=0.01)
    most = arguments.real("most", most, above=0, such_as=1.0)
    pull = arguments.real("pull", pull, least=0, such_as=1.0) if anchor is not None else 0.0
    if tuple(y.shape[1:]) != A.measured or not torch.isfinite(y).all():
        raise ValueError(
            f"y must be finite of the shape (n, {', '.join(map(str, A.measured))}) of the "
            f"operator: got {tuple(y.shape)}; use A(x)."
        )
    problem = _Problem(A, weight, most, pull)
    n = len(y)
    x = y.new_zeros(n, *A.shape) if start is None else start.clone().clamp(0, most)
    c = torch.zeros_like(x) if anchor is None else anchor
    state = _State(x, torch.zeros_like(y), y.new_zeros(n, 2, *A.shape), y.new_ones(n))
    best = Minimum(x.clone(), torch.full((n,), torch.inf).double(), torch.zeros(n).long())
    items, change = torch.arange(n), CHANGE
    bar = progress.Progress(total=n, unit="image", label="total variation")
    for done in range(EVERY, max(iterations, EVERY) + EVERY, EVERY):
        problem.advance(state, y, c, change)
        change *= FADING
        gap = problem.gap(state, y, c).double().cpu()
        ended = (gap <= tolerance) | (done >= iterations)
        best.x[items], best.gap[items], best.iterations[items] = state.x, gap, done
        bar.update(int(ended.sum()))
        if ended.all():
            break
        if ended.any():
            left = ~ended
            items, (y, c), state = items[left], (y[left], c[left]), state.of(left)
    bar.close()
    return best


@dataclass
class _State:
    """The primal and dual points of some images, and the ratio of their steps."""

    x: torch.Tensor
    q: torch.Tensor
    p: torch.Tensor
    ratio: torch.Tensor

    def of(self, items: torch.Tensor) -> "_State":
        return _State(*(part[items] for part in vars(self).values()))


class _Problem:
    """P and D, and the steps of Chambolle & Pock."""

    def __init__(self, A: Operator, weight: float, most: float, pull: float):
        self.A, self.weight, self.most, self.pull = A, weight, most, pull
        rows = A(torch.ones(1, *A.shape).double()).abs()
        columns = A.adjoint(torch.ones(1, *A.measured).double()).abs()
        self.rows = 1 / rows.clamp(min=1e-2 * float(rows.max()))
        self.columns = 1 / (columns.clamp(min=1e-2 * float(columns.max())) + 4)
        self.columns /= SAFETY * self._square_norm()

    def _square_norm(self, steps: int = 60) -> float:
        """Return the square of the norm of the operator between the scaled spaces."""
        root = self.columns.sqrt()
        x = torch.rand(root.shape, generator=torch.Generator().manual_seed(0)).double()
        for _ in range(steps):
            u = root * x / x.norm()
            x = root * (self.A.adjoint(self.rows * self.A(u)) - divergence(0.5 * gradient(u)))
        return float(x.norm())

    def advance(self, state: _State, y: torch.Tensor, c: torch.Tensor, change: float) -> None:
        """Make EVERY iterations, then balance the steps by the last residuals."""
        each = (-1, *[1] * (state.x.ndim - 1))
        ratio = state.ratio.reshape(each)
        sigma_q = self.rows.to(y) * state.ratio.reshape(-1, *[1] * (y.ndim - 1))
        sigma_p, tau = 0.5 * ratio[:, None], self.columns.to(y) / ratio
        x, q, p = state.x, state.q, state.p
        bar = x
        for step in range(EVERY):
            if step == EVERY - 1:
                before = x, q, p
            q = (q + sigma_q * (self.A(bar) - y)) / (1 + sigma_q)
            p = p + sigma_p * gradient(bar)
            p = p * (self.weight / p.square().sum(1, keepdim=True).sqrt().clamp(min=self.weight))
            new = x - tau * (self.A.adjoint(q) - divergence(p))
            if self.pull:
                new = (new + tau * self.pull * c) / (1 + tau * self.pull)
            new = new.clamp(0, self.most)
            bar, x = 2 * new - x, new
        state.x, state.q, state.p = x, q, p
        moves = [(a - b).flatten(1) for a, b in zip((x, q, p), before, strict=True)]
        primal = (moves[0] / tau.flatten(1)).norm(dim=1)
        dual = (
            (moves[1] / sigma_q.flatten(1)).norm(dim=1).square()
            + (moves[2] / sigma_p.flatten(1)).norm(dim=1).square()
        ).sqrt()
        larger = torch.where(primal < dual / BALANCE, 1 / (1 - change), torch.ones_like(primal))
        smaller = torch.where(primal > dual * BALANCE, 1 - change, torch.ones_like(primal))
        state.ratio = state.ratio * larger * smaller

    def gap(self, state: _State, y: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
        """Return (P - D) / P of each image."""
        x, q, p = state.x, state.q, state.p
        P = (self.A(x) - y).flatten(1).square().sum(1) / 2 + self.weight * total_variation(x)
        w = self.A.adjoint(q) - divergence(p)
        t = torch.where(w < 0, torch.full_like(w, self.most), 0)
        if self.pull:
            P = P + self.pull / 2 * (x - c).square().sum((1, 2))
            t = (c - w / self.pull).clamp(0, self.most)
        least = (t * w + self.pull / 2 * (t - c).square()).sum((1, 2))
        D = -q.flatten(1).square().sum(1) / 2 - (q * y).flatten(1).sum(1) + least
        return (P - D) / P.clamp(min=torch.finfo(P.dtype).tiny)
