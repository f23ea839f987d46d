"""Microcanonical gradient descent (Bruna & Mallat 2019).

    x <- x - kappa J^T (Phi(x) - y)

From Gaussian noise, its law is the image of a Gaussian law, and keeps all symmetries that Phi and
the noise share. With a fixed kappa its entropy is known (`gsn.inverse.entropy`). Otherwise, kappa
is halved until the energy falls enough, and grows after each step that needed no halving.

References:
    J. Bruna and S. Mallat, Multiscale sparse microcanonical models, Mathematical Statistics and
    Learning 1(3/4), 2019.
"""

import torch

from gsn.inverse.energy import Energy, column, numbers
from gsn.inverse.paths import Paths

DECREASE = 0.25  # part of kappa |grad E|^2 by which E must fall
GROWTH = 1.2
MOST = 40  # halvings of a step


class Gradient(Paths):
    """The paths of n fields along their gradients.

    Args:
        energy: Energy of the fields.
        x: Points to start from, (n, *shape).
        steps: Largest number of steps of a field.
        tolerance: Relative error at which a field ends.
        step: Step kappa; None to choose it in each step.
    """

    KEPT = (*Paths.KEPT, "kappa", "tries")

    def __init__(
        self, energy: Energy, x: torch.Tensor, steps: int, tolerance: float, step: float | None
    ):
        super().__init__(energy, x, steps, tolerance)
        items = torch.arange(len(x))
        self.fixed = step is not None
        self.kappa = torch.full_like(self.E, step) if self.fixed else self.first_step(items)
        self.tries = torch.zeros_like(items)

    def advance(self) -> None:
        """Evaluate each active field once, and move those whose energy falls enough."""
        items = self.active.nonzero().squeeze(1)
        kappa, g = self.kappa[items], self.g[items]
        x = self.x[items] - column(kappa, g) * g
        E, g = self.energy(x, items)
        E, square = numbers(E, g.square().sum(dim=1))
        good = torch.isfinite(E + square)
        if not self.fixed:
            fall = self.E[items] - E
            good &= fall >= DECREASE * kappa * self.square[items]
        elif not good.all():
            self.refuse(items[~good])
        moved = items[good]
        self.x[moved], self.g[moved] = x[good], g[good]
        self.E[moved], self.square[moved] = E[good], square[good]
        self.made[moved] += 1
        self.record(moved)
        if not self.fixed:
            self._choose(items, good, E)

    def _choose(self, items: torch.Tensor, good: torch.Tensor, E: torch.Tensor) -> None:
        """Choose the next steps of fields, and end those for which none is small enough."""
        at_once = self.tries[items] == 0
        factor = torch.where(good, torch.where(at_once, GROWTH, 1.0), 0.5)
        self.kappa[items] *= factor.double()
        self.tries[items] = torch.where(good, 0, self.tries[items] + 1)
        stuck = self.tries[items] > MOST
        blocked = items[stuck & ~torch.isfinite(E)]
        if len(blocked):
            self.refuse(blocked)
        self.active[items[stuck]] = False
