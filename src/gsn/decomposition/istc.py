"""ISTC: sparse codes by a few steps with falling thresholds, as a network with a dictionary.

    z_0 = 0,    z_n = relu(z_{n-1} + W^T (x - D z_{n-1}) - lambda_n),
    lambda_n = lambda_0 (lambda_* / lambda_0)^{n / N},    n = 1 ... N

The columns of D are unit vectors. W is D, or is learned with <w_i, d_i> = 1. With D = W, a fixed
point has the optimality conditions of the lasso with z >= 0 and the weight lambda_*, which
`gsn.decomposition.sparse` solves. The falling thresholds make few steps suffice where x is made of
few atoms that resemble each other little.

References:
    J. Zarka, L. Thiry, T. Angles and S. Mallat, Deep network classification by scattering and
    homotopy dictionary learning, ICLR, 2020.
"""

import torch
import torch.nn.functional as F
from torch import nn

from gsn.runtime import arguments, precision

LEAST = 0.05  # lower bound of lambda_*, for unit vectors x


class ISTC(nn.Module):
    """Sparse codes by N steps with falling thresholds, of a learned dictionary.

    The module docstring has the equations. D and W come from free weights in each forward pass:
    D = A with unit columns, and w_i = v_i + (1 - <v_i, d_i>) d_i. lambda_* is a bound plus a
    positive weight. No weight is written in a forward pass.

    Args:
        p: Number of numbers of a signal.
        m: Number of atoms.
        steps: Number of steps N.
        tied: Whether W is D.
        threshold: lambda_* at the start, above its lower bound of 0.05.

    Attributes:
        first: lambda_0, which `start` sets to the largest of W^T x.

    References:
        J. Zarka, L. Thiry, T. Angles and S. Mallat, Deep network classification by scattering and
        homotopy dictionary learning, ICLR, 2020.

    Example:
        >>> import torch
        >>> from gsn.decomposition.istc import ISTC
        >>> ISTC(8, 32, steps=12)(torch.rand(4, 8, 5, 5)).shape
        torch.Size([4, 32, 5, 5])
    """

    @precision.single()
    def __init__(
        self, p: int, m: int, *, steps: int = 12, tied: bool = True, threshold: float = 0.1
    ):
        super().__init__()
        self.steps = arguments.integer("steps", steps, least=1)
        own = arguments.real("threshold", threshold, above=LEAST, such_as=0.1) - LEAST
        self.atoms = nn.Parameter(torch.randn(p, m))
        self.free = None if tied else nn.Parameter(torch.zeros(p, m))
        self.slack = nn.Parameter(torch.tensor(own).expm1().log())  # inverse of softplus
        self.register_buffer("first", torch.tensor(1.0))

    def dictionary(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return D, with unit columns, and W, with <w_i, d_i> = 1, (p, m) both."""
        D = F.normalize(self.atoms, dim=0)
        if self.free is None:
            return D, D
        V = D + self.free
        return D, V + (1 - (V * D).sum(0)) * D

    @property
    def threshold(self) -> torch.Tensor:
        """The last threshold, lambda_*."""
        return LEAST + F.softplus(self.slack)

    @torch.no_grad()
    def start(self, x: torch.Tensor, *, seed: int = 0) -> None:
        """Take signals as atoms, and lambda_0 from the largest of W^T x.

        Args:
            x: Signals, (n, p) or (n, p, h, w), of which some are drawn.
            seed: Seed of the draw.
        """
        rows = _rows(x)
        drawn = torch.randint(
            len(rows), (self.atoms.shape[1],), generator=torch.Generator().manual_seed(seed)
        )
        noise = torch.randn(self.atoms.shape, generator=torch.Generator().manual_seed(seed + 1))
        small = 0.01 * rows.square().mean().sqrt()  # so that equal signals are not equal atoms
        self.atoms.copy_(rows[drawn].T + small * noise.to(rows))
        self.first.copy_((rows @ self.dictionary()[1]).max())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the codes of signals, (n, p) -> (n, m) or (n, p, h, w) -> (n, m, h, w)."""
        return self.course(x)[-1]

    def course(self, x: torch.Tensor, *, every: bool = False) -> list[torch.Tensor]:
        """Return the codes after the last step, or after every step."""
        rows, (D, W) = _rows(x), self.dictionary()
        last = self.threshold
        first = torch.maximum(self.first, last)
        seen = rows @ W
        z, codes = torch.zeros_like(seen), []
        for n in range(1, self.steps + 1):
            z = F.relu(z + seen - (z @ D.T) @ W - first * (last / first) ** (n / self.steps))
            if every or n == self.steps:
                codes.append(_shaped(z, x))
        return codes


def _rows(x: torch.Tensor) -> torch.Tensor:
    """Return signals as rows: (n, p, h, w) -> (n h w, p)."""
    return x.movedim(1, -1).reshape(-1, x.shape[1])


def _shaped(z: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Return rows of codes in the places of the signals."""
    return z.reshape(len(x), *x.shape[2:], z.shape[1]).movedim(-1, 1)
