"""The paths of n fields in a descent: where they are, how far they are from y, which have ended.

Each field has its own steps. A field that has ended is frozen: it is not evaluated again.
"""

import abc

import torch

from gsn.inverse.energy import Energy, numbers


class Paths(abc.ABC):
    """The state that all methods of descent share, and its rules.

    Args:
        energy: Energy of the fields.
        x: Points to start from, (n, *shape).
        steps: Largest number of steps of a field.
        tolerance: Relative error |Phi(x) - y| / |y| at which a field ends.

    Attributes:
        x: Points, (n, d).
        g: Gradients of E there, (n, d).
        E: Energies there, (n,) float64 on the CPU, as all that follow.
        square: Squared norms of the gradients, (n,).
        made: Number of steps made, (n,).
        active: Fields that have not ended, (n,).
        losses: Relative errors after each step, (steps + 1, n), NaN for those not made.

    Raises:
        ValueError: Phi or its gradient is not finite at x.
    """

    KEPT: tuple[str, ...] = ("x", "g", "E", "square", "made", "active", "losses")

    def __init__(self, energy: Energy, x: torch.Tensor, steps: int, tolerance: float):
        n = len(x)
        self.energy, self.steps, self.tolerance = energy, steps, tolerance
        self.x = x.flatten(1).clone()
        self.made = torch.zeros(n, dtype=torch.int64)
        self.active = torch.ones(n, dtype=torch.bool)
        self.losses = torch.full((steps + 1, n), torch.nan, dtype=torch.float64)
        items = torch.arange(n)
        E, self.g = energy(self.x, items)
        self.E, self.square = numbers(E, self.g.square().sum(dim=1))
        wrong = ~torch.isfinite(self.E + self.square)
        if wrong.any():
            what = "phi" if not torch.isfinite(self.E).all() else "the gradient of phi"
            raise ValueError(
                f"{what} must be finite at the start: got NaN or infinity for field "
                f"{int(wrong.nonzero()[0])} of {n}; start elsewhere, or correct phi."
            )
        self.record(items)

    @abc.abstractmethod
    def advance(self) -> None:
        """Evaluate each active field once, and move those that have found their next point."""

    def record(self, items: torch.Tensor) -> None:
        """Note the errors of fields that have moved, and freeze those that have ended."""
        error = (2 * self.E[items]).sqrt() / self.energy.scale[items]
        self.losses[self.made[items], items] = error
        ended = (error <= self.tolerance) | (self.made[items] >= self.steps)
        self.active[items] = ~ended & (self.square[items] > 0)

    def first_step(self, items: torch.Tensor) -> torch.Tensor:
        """Return the length of a step along the gradient, 2 E / |grad E|^2, where nothing is known.

        It is the exact one if the Hessian is a multiple of the identity and E is zero at its end.
        """
        return 2 * self.E[items] / self.square[items]

    def refuse(self, items: torch.Tensor) -> None:
        """Raise an error that names the first of some fields, which has no finite value ahead."""
        item = int(items[0])
        raise FloatingPointError(
            f"phi and its gradient must stay finite: got NaN or infinity for field {item} at step "
            f"{int(self.made[item]) + 1}; use a smaller step, or correct phi."
        )

    @property
    def done(self) -> int:
        """Number of steps that all active fields have made."""
        return int(self.made[self.active].min() if self.active.any() else self.made.max())

    @property
    def errors(self) -> torch.Tensor:
        """Relative errors now, (n,)."""
        return self.losses[self.made, torch.arange(len(self.made))]

    def curve(self) -> torch.Tensor:
        """Return the relative errors after each step, (steps made + 1, n).

        A field that has ended keeps its last one.
        """
        rows = torch.arange(int(self.made.max()) + 1)[:, None]
        return self.losses.gather(0, torch.minimum(rows, self.made))

    def state(self) -> dict:
        """Return what a resumption needs."""
        return {name: getattr(self, name) for name in self.KEPT} | {
            "evaluations": self.energy.evaluations
        }

    def load(self, state: dict) -> None:
        """Continue from a state."""
        for name in self.KEPT:
            setattr(self, name, state[name].to(getattr(self, name).device))
        self.energy.evaluations = state["evaluations"]
