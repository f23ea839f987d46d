"""The sizes of z, made those of the training rows, whatever law made the shapes.

    log |z'| = T(log |z|),        z' = z |z'| / |z|

T is increasing and piecewise linear, and takes quantiles of the sizes of draws to those of the
training rows. Sizes of whitened scattering coefficients spread far more than those of N(0, I), and
networks learn them badly. It is the radial part of a law, as in Lyu & Simoncelli (2009).

References:
    S. Lyu and E. P. Simoncelli, Nonlinear extraction of independent components of natural images
    using radial Gaussianization, Neural Computation 21(6), 2009.
"""

import numpy as np
import torch
from torch import nn

from gsn.samplers import arguments

KNOTS = 32
DRAWS = 2048  # at most, that are compared with the training rows
SEED = 2**31 - 1  # of these draws, which nobody else takes
SMALLEST = 1e-12  # size of a row of zeros


class Sizes(nn.Module):
    """The map T; the identity until it is fitted."""

    def __init__(self):
        super().__init__()
        for name in ("source", "target"):
            self.register_buffer(name, torch.linspace(-1, 1, KNOTS, dtype=torch.float32))

    def fit(self, source: np.ndarray, target: np.ndarray) -> None:
        """Take the quantiles of numbers, (n,), to those of others, (m,)."""
        levels = (np.arange(KNOTS) + 0.5) / KNOTS
        apart = 1e-5 * np.arange(KNOTS)  # where quantiles are equal
        for knots, values in ((self.source, source), (self.target, target)):
            knots.copy_(torch.from_numpy(np.quantile(values, levels) + apart))

    def forward(self, a: torch.Tensor) -> torch.Tensor:
        """Return T(a)."""
        return _interpolated(a, self.source, self.target)[0]

    def rescale(self, z: torch.Tensor) -> torch.Tensor:
        """Return z', (n, d)."""
        a = log_size(z)
        return z * (self(a) - a).exp()

    def undo(self, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return z of z', (n, d), and the logarithm of the determinant of its derivative, (n,)."""
        b = log_size(z)
        a, slope = _interpolated(b, self.target, self.source)
        return z * (a - b).exp(), (z.shape[1] * (a - b) + slope.log())[:, 0]


class Sized(nn.Module):
    """A law whose draws are rescaled by `sizes`."""

    def __init__(self):
        super().__init__()
        self.sizes = Sizes()

    def calibrate(self, z: np.ndarray) -> None:
        """Make the sizes of the draws those of the training rows, once the law is trained.

        Args:
            z: Training rows, (n, d) real.

        Raises:
            ValueError: z is no fit training set.
        """
        z = arguments.rows(z)
        self.sizes.source.copy_(self.sizes.target)
        drawn = self.sample(min(len(z), DRAWS), seed=SEED)
        self.sizes.fit(*(log_size(torch.from_numpy(rows))[:, 0].numpy() for rows in (drawn, z)))


def log_size(z: torch.Tensor) -> torch.Tensor:
    """Return log(|z| / sqrt(d)), (n, 1)."""
    return z.square().mean(1, keepdim=True).sqrt().clamp_min(SMALLEST).log()


def _interpolated(a, source, target) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the piecewise linear function at a, and its slope.

    Beyond the knots the slope is the mean one, because that of the last piece has no bound.
    """
    i = (torch.searchsorted(source, a) - 1).clamp(0, KNOTS - 2)
    slope = (target[i + 1] - target[i]) / (source[i + 1] - source[i])
    mean = (target[-1] - target[0]) / (source[-1] - source[0])
    inside, end = a.clamp(source[0], source[-1]), (a < source[0]) | (a > source[-1])
    value = target[i] + slope * (inside - source[i]) + mean * (a - inside)
    return value, torch.where(end, mean, slope)
