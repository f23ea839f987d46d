"""The energy of a field, E(x) = 1/2 |Phi(x) - y|^2, and its gradient J^T (Phi(x) - y).

J is the Jacobian of Phi at x. Its adjoint is that of torch's automatic differentiation.
"""

from collections.abc import Callable

import torch

Phi = Callable[[torch.Tensor], torch.Tensor]


class Energy:
    """The energy of each of n fields and its gradient, which is zero at the points that are fixed.

    Args:
        phi: Differentiable function (k, *shape) -> (k, M) that treats each field alone.
        y: Targets, (n, M).
        shape: Shape of a field.
        free: Points that may change, (*shape) bool; None for all.

    Attributes:
        scale: Norms |y| of the targets, (n,) float64 on the CPU.
        evaluations: Number of evaluations of each field so far, (n,) int64 on the CPU.

    Example:
        >>> import torch
        >>> from gsn.inverse.energy import Energy
        >>> energy = Energy(lambda x: 3 * x, torch.ones(2, 1), (1,))
        >>> E, gradient = energy(torch.ones(1, 1), torch.tensor([0]))
        >>> E.tolist(), gradient.tolist(), energy.evaluations.tolist()
        ([2.0], [[6.0]], [1, 0])
    """

    def __init__(
        self, phi: Phi, y: torch.Tensor, shape: tuple[int, ...], free: torch.Tensor | None = None
    ):
        self.phi, self.y, self.shape = phi, y, shape
        self.free = None if free is None else free.flatten()
        (self.scale,) = numbers(y.norm(dim=1))
        self.evaluations = torch.zeros(len(y), dtype=torch.int64)

    def __call__(self, x: torch.Tensor, items: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the energies, (k,), and their gradients, (k, d), of some of the fields.

        Args:
            x: Points, (k, d).
            items: Indices of the fields, (k,) int64 on the CPU.

        Raises:
            ValueError: phi returns another shape, or has no gradient.
        """
        self.evaluations[items] += 1
        with torch.enable_grad():
            u = x.detach().view(-1, *self.shape).requires_grad_()
            features = self.phi(u)
            expected = (len(x), self.y.shape[1])
            if tuple(features.shape) != expected:
                raise ValueError(
                    f"phi must return a row of numbers for each field, {expected} for this y: got "
                    f"{tuple(features.shape)}; make y that of phi."
                )
            if not features.requires_grad:
                raise ValueError(
                    "phi must be differentiable: its result has no gradient; compute it by "
                    "operations of torch, without detach or numpy."
                )
            E = (features - self.y[items]).square().sum(dim=1) / 2
            (gradient,) = torch.autograd.grad(E.sum(), u)
        gradient = gradient.flatten(1)
        if self.free is not None:
            gradient = torch.where(self.free, gradient, 0)
        return E.detach(), gradient


def numbers(*tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Return a number for each field, (k,) of each tensor, as float64 on the CPU, in one transfer.

    The logic of a descent works on these few numbers. The fields stay on their device.
    """
    return torch.stack(tensors).cpu().double().unbind()


def column(values: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """Return a number for each field as a column, (k, 1), of the type and device of a tensor."""
    return values.to(like.device, like.dtype)[:, None]


def dot(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return the inner products of rows, (k, d) and (k, d) -> (k,)."""
    return (a * b).sum(dim=1)
