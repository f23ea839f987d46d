"""Scattering moments: means of wavelet moduli, and of the wavelet moduli of these.

    Phi(x) = { mean and variance of x,   mean of |x * psi_{j1,t1}|^p,
               mean of ||x * psi_{j1,t1}| * psi_{j2,t2}|^p for j2 > j1 }

psi are Morlet wavelets (`gsn.transforms.scattering2d`). The mean of x is less the example's, in
units of the example's deviation, and each other number in units of the example's, so that a fine
scale weighs as much as a coarse one. A modulus has twice as many samples a side as in kymatio: its
aliases then change a number by less than 1e-3. On a CPU and without a mask, means of the power 1
are compiled, with their gradient.

References:
    J. Bruna and S. Mallat, Multiscale sparse microcanonical models, arXiv:1801.02013, 2018.

Example:
    >>> import torch
    >>> from gsn.transforms import statistics
    >>> x = torch.randn(1, 32, 32)
    >>> phi = statistics.new("scattering", (32, 32), J=3, L=4).fit(x)
    >>> phi.count, phi(x).shape
    (62, torch.Size([1, 62]))
"""

from collections.abc import Sequence
from typing import Self

import torch

from gsn.runtime import arguments
from gsn.runtime.precision import without_autocast
from gsn.transforms import statistics
from gsn.transforms.scattering2d import Scattering2D
from gsn.transforms.statistics import masks
from gsn.transforms.statistics.arguments import EMPTY, examples, fields, fitted, scales

FINER = 1  # log2 of the samples of a modulus by those of kymatio's


class Statistic(statistics.Statistic):
    """The scattering moments of fields, normalised by an example's.

    Args:
        shape: Sides (H, W) of the fields, both even.
        J: Number of scales. The default is two less than log2 of the shortest side.
        L: Number of angles.
        powers: Powers p of the moduli, each 1 or 2.

    Raises:
        ValueError: A side is odd, L is no integer of at least 1, 2^J exceeds a side, or a power is
            not 1 or 2.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        *,
        J: int | None = None,
        L: int = 4,
        powers: Sequence[int] = (1,),
    ):
        super().__init__(shape)
        J, L = scales(J, self.shape), arguments.integer("L", L, least=1)
        known = isinstance(powers, list | tuple) and {1, 2}.issuperset(powers)
        if not known or not powers:
            raise ValueError(f"powers must be 1 or 2 or both: got {powers}; use [1, 2].")
        self.settings = {"J": J, "L": L, "powers": list(powers)}
        grids = {"boundary": "periodic", "moments": True, "oversampling": FINER}
        self._transform = Scattering2D(J, self.shape, L, **grids)
        self.register_buffer("_mean", torch.empty(0, dtype=torch.float64))
        self.register_buffer("_reference", torch.empty(0, dtype=torch.float64))

    @property
    def count(self) -> int:
        """Number of moments, with the mean and the variance."""
        J, L = self.settings["J"], self.settings["L"]
        return 2 + len(self.settings["powers"]) * (J * L + L**2 * J * (J - 1) // 2)

    @torch.inference_mode(False)  # for gradients in later calls
    def fit(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> Self:
        """Freeze the deviation and the mean moments of examples."""
        measured = self._measured(examples(x, self.shape, mask).double(), mask).mean(dim=0)
        self._mean, deviation = measured[0], measured[1].sqrt()
        powers = torch.tensor(self.table()["p"][2:], device=x.device)
        least = (EMPTY * deviation) ** powers
        self._reference = torch.cat([deviation[None], measured[1:2], measured[2:].maximum(least)])
        return self

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return the normalised moments, (n, H, W) -> (n, M)."""
        reference = fitted(self._reference).to(x)
        with without_autocast(x.device):
            return self._measured(fields(x, self.shape) - self._mean.to(x), mask) / reference

    def table(self) -> dict[str, list]:
        """Return the kind, the power, the scales and the angles of each number."""
        paths = {name: values[1:].tolist() for name, values in self._transform.meta().items()}
        rows = [("mean", 1, -1, -1, -1, -1), ("variance", 2, -1, -1, -1, -1)]
        for p in self.settings["powers"]:
            kinds = [f"order {order}" for order in paths["order"]]
            names = ("j1", "theta1", "j2", "theta2")
            rows += zip(kinds, [p] * len(kinds), *(paths[name] for name in names), strict=True)
        names = ("kind", "p", "j1", "l1", "j2", "l2")
        return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))

    def _measured(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """Return all moments, (n, M)."""
        x = masks.filled(x, mask)
        mean = masks.mean(x, mask)[:, None]
        variance = masks.mean((x - mean[:, :, None]).square(), mask)[:, None]
        moments = [self._moments(x, mask, p) for p in self.settings["powers"]]
        return torch.cat([mean, variance, *moments], dim=1)

    def _moments(self, x: torch.Tensor, mask: torch.Tensor | None, p: int) -> torch.Tensor:
        """Return the moments of a power of the moduli, (n, paths)."""
        if mask is None and p == 1:
            return self._transform(x)[:, 1:]

        def average(u: torch.Tensor, j: int) -> torch.Tensor:
            return masks.mean(u**p, mask, 2 ** (j + 1))[..., None, None]

        return self._transform.averaged(x, average)[:, 1:, 0, 0]
