"""The entropy of the law of a gradient descent that starts from noise of a known law.

A step x' = x - kappa grad E(x) maps a volume at x to one that is |det(I - kappa Hess E(x))| times
as large. As long as the map is one to one, the law of X_n has the entropy

    H(X_n) = H(X_0) + sum_{k<n} E log |det(I - kappa Hess E(X_k))|
    Hess E = J^T J + sum_m (Phi_m - y_m) Hess Phi_m

(Bruna & Mallat 2019). The expectation is the mean over the fields. If two points are mapped to one,
the sum is an upper bound of the entropy. A step that depends on the point, as one of backtracking
does, has another Jacobian, so kappa is fixed here.

In the mean-field descent (Haggbom, Karlsmark & Anden 2025), the residual is that of the mean of Phi
over the fields. In the limit of many fields a single one does not move that mean, and the Hessian
is the second term alone:

    Hess = sum_m (mean_l Phi_m(x_l) - y_m) Hess Phi_m

References:
    J. Bruna and S. Mallat, Multiscale sparse microcanonical models, Mathematical Statistics and
    Learning 1(3/4), 2019.

    M. Haggbom, M. Karlsmark and J. Anden, Mean-field microcanonical gradient descent, AISTATS,
    2025.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch

from gsn.inverse import lanczos, operands
from gsn.inverse.energy import Phi, dot
from gsn.runtime import arguments, progress


@dataclass(frozen=True)
class Change:
    """The change of entropy along a descent.

    Attributes:
        x: Fields at its end, (n, *shape).
        nats: Logarithm of the factor by which a volume at the start of each field has grown after
            each step, (steps + 1, n) float64 on the CPU. H(X_k) = H(X_0) + nats[k].mean().
        losses: Relative errors |Phi(x) - y| / |y|, (steps + 1, n) float64 on the CPU; in the mean
            field those of the mean of Phi, the same for all.
    """

    x: torch.Tensor
    nats: torch.Tensor
    losses: torch.Tensor


def gaussian(d: int, deviation: float) -> float:
    """Return the entropy of Gaussian white noise, d/2 log(2 pi e s^2), in nats.

    Args:
        d: Number of points.
        deviation: Standard deviation s.

    Example:
        >>> from gsn.inverse.entropy import gaussian
        >>> round(gaussian(1, 1.0), 4)
        1.4189
    """
    return d / 2 * math.log(2 * math.pi * math.e * deviation**2)


@torch.inference_mode(False)
def change(
    phi: Phi,
    y: torch.Tensor,
    x0: torch.Tensor,
    *,
    step: float,
    steps: int,
    method: str = "gradient",
    probes: int | None = None,
    order: int = 20,
    seed: int = 0,
) -> Change:
    """Descend by x <- x - kappa grad E(x) and sum log |det(I - kappa Hess E)| on the way.

    Without probes the determinant is exact: a step takes d second derivatives and holds n d^2
    numbers. With probes it is estimated by stochastic Lanczos quadrature: a step takes
    probes x order second derivatives and holds order n d numbers.

    Args:
        phi: Function (n, *shape) -> (n, M) that treats each field alone and is differentiable
            twice.
        y: Target of all fields, (M,), or of each, (n, M).
        x0: Fields to start from, (n, *shape) float32 or float64.
        step: Step kappa. The determinant is the more regular, the further it is below the inverse
            of the largest eigenvalue of Hess E.
        steps: Number of steps.
        method: Method, gradient or mean_field.
        probes: Number of random vectors in each step; None for the exact determinant.
        order: Order of the quadrature.
        seed: Seed of the random vectors.

    Raises:
        ValueError: An argument is out of its range or not finite.
        FloatingPointError: The descent leaves the finite numbers.

    References:
        J. Bruna and S. Mallat, Multiscale sparse microcanonical models, Mathematical Statistics
        and Learning 1(3/4), 2019.

    Example:
        >>> import torch
        >>> from gsn.inverse.entropy import change
        >>> found = change(lambda x: 2 * x, torch.ones(3), torch.zeros(1, 3), step=0.1, steps=5)
        >>> round(float(found.nats[-1]) / 15, 4), round(float(torch.tensor(1 - 0.1 * 4).log()), 4)
        (-0.5108, -0.5108)
    """
    if method == "lbfgs":
        raise ValueError("method must be gradient or mean_field: got lbfgs; its law is not known.")
    x, together = operands.fields("x0", x0), method == "mean_field"
    y = operands.targets(y, x, one=together)
    steps, _, step = operands.settings(method, steps, 0, step)
    generator = torch.Generator().manual_seed(arguments.integer("seed", seed, least=0))
    if probes is not None:
        probes = arguments.integer("probes", probes, least=1, such_as=10)
        order = arguments.integer("order", order, least=2, such_as=20)
    nats, losses = torch.zeros(2, steps + 1, len(x), dtype=torch.float64).unbind()
    bar = progress.Progress(total=steps, unit="step", label="entropy")
    for k in range(steps + 1):
        losses[k], g, hessian = derivatives(phi, y, x, together)
        if not torch.isfinite(losses[k]).all():
            raise FloatingPointError(
                f"phi must stay finite: got NaN or infinity at step {k}; use a smaller step than "
                f"{step:g}."
            )
        if k == steps:
            break
        if probes is None:
            growth = exact(hessian, g, step)
        else:
            growth = lanczos.trace(
                hessian, _logarithm(step), g, probes=probes, order=order, generator=generator
            )
        nats[k + 1] = nats[k] + growth
        x = x - step * g.view(x.shape)
        bar.update(1, error=f"{float(losses[k].max()):.2e}")
    bar.close()
    return Change(x, nats, losses)


def derivatives(
    phi: Phi, y: torch.Tensor, x: torch.Tensor, together: bool
) -> tuple[torch.Tensor, torch.Tensor, lanczos.Operator]:
    """Return what a step takes: errors, direction, and Hessian.

    Args:
        phi: Function (n, *shape) -> (n, M).
        y: Targets, (n, M).
        x: Fields, (n, *shape).
        together: Whether the residual is that of the mean field.

    Returns:
        Relative errors, (n,) float64 on the CPU; J^T of the residual, (n, d); and the function of
        v, (n, d), which applies the Hessian.
    """
    with torch.enable_grad():
        u = x.detach().flatten(1).requires_grad_()
        features = phi(u.view(x.shape))
        residual = features - y
        if together:
            residual = residual.mean(dim=0, keepdim=True).detach().expand_as(y)
            potential = dot(features, residual)
        else:
            potential = residual.square().sum(dim=1) / 2
        (g,) = torch.autograd.grad(potential.sum(), u, create_graph=True)

    def hessian(v: torch.Tensor) -> torch.Tensor:
        if not g.requires_grad:  # of a linear phi
            return torch.zeros_like(v)
        return torch.autograd.grad(g, u, v, retain_graph=True)[0]

    errors = residual.detach().norm(dim=1) / y.norm(dim=1)
    return errors.cpu().double(), g.detach(), hessian


def exact(hessian: lanczos.Operator, like: torch.Tensor, step: float) -> torch.Tensor:
    """Return log |det(I - kappa Hess E)|, (n,) float64 on the CPU, from the whole matrices."""
    d, columns = like.shape[1], []
    for i in range(d):
        unit = torch.zeros_like(like)
        unit[:, i] = 1
        columns.append(hessian(unit))
    matrices = torch.eye(d).to(like) - step * torch.stack(columns, dim=2)  # (n, d, d)
    return torch.linalg.slogdet(matrices.double()).logabsdet.cpu()


def _logarithm(step: float) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return theta -> log |1 - kappa theta|."""
    return lambda theta: (1 - step * theta).abs().log()
