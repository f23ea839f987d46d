"""The power spectrum in bins: the model of the process is then Gaussian.

    Phi_b(x) = sum over omega in bin b of |x_hat(omega)|^2 / the same of the example

The bins are rings (isotropic), or sectors of the rings in the half plane of frequencies: the other
half repeats them. A ring is one frequency of the shortest side wide, or an eighth of an octave
where that is more. The first number is the mean of x less the example's, in units of the example's
deviation.

With a mask, x is zero outside around its mean, and the power is divided by the share of the points
that count.

Example:
    >>> import torch
    >>> from gsn.transforms import statistics
    >>> x = torch.randn(1, 64, 64)
    >>> phi = statistics.new("gaussian", (64, 64)).fit(x)
    >>> bool(((phi(x)[0, 1:] - 1).abs() < 1e-5).all())
    True
"""

from typing import Self

import numpy as np
import torch

from gsn.runtime import arguments
from gsn.runtime.precision import without_autocast
from gsn.transforms import statistics
from gsn.transforms.statistics import masks
from gsn.transforms.statistics.arguments import EMPTY, examples, fields, fitted

WIDTH = 2 ** (1 / 8)  # ratio of the radii of a wide ring


class Statistic(statistics.Statistic):
    """The power spectrum of fields in bins, normalised by an example's.

    Args:
        shape: Sides (H, W) of the fields, both even.
        isotropic: Whether the bins are rings.
        L: Number of sectors of the half plane, if the bins are not rings.

    Raises:
        ValueError: A side is odd, or L is no integer of at least 1.
    """

    def __init__(self, shape: tuple[int, int], *, isotropic: bool = False, L: int = 8):
        super().__init__(shape, isotropic=bool(isotropic), L=arguments.integer("L", L, least=1))
        bins, self._rings, self._sectors = binned(self.shape, 1 if isotropic else L)
        self.register_buffer("_bins", torch.from_numpy(bins), persistent=False)
        self.register_buffer("_mean", torch.empty(0, dtype=torch.float64))
        self.register_buffer("_reference", torch.empty(0, dtype=torch.float64))

    @property
    def count(self) -> int:
        """Number of bins, and the mean."""
        return len(self._rings) + 1

    @torch.inference_mode(False)  # for gradients in later calls
    def fit(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> Self:
        """Freeze the mean power of examples in each bin."""
        mean, power = self._measured(examples(x, self.shape, mask).double(), mask)
        mean, power = mean.mean(), power.mean(dim=0)
        variance = 2 * power.sum()  # of both half planes
        power = power.clamp(min=EMPTY**2 * variance)
        self._mean, self._reference = mean, torch.cat([variance.sqrt()[None], power])
        return self

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return the mean and the normalised powers, (n, H, W) -> (n, M)."""
        reference = fitted(self._reference).to(x)
        with without_autocast(x.device):
            mean, power = self._measured(fields(x, self.shape) - self._mean.to(x), mask)
        return torch.cat([mean[:, None], power], dim=1) / reference

    def table(self) -> dict[str, list]:
        """Return the kind, the ring and the sector of each number."""
        kinds = ["mean"] + ["power"] * len(self._rings)
        rings, sectors = self._rings.tolist(), self._sectors.tolist()
        return {"kind": kinds, "ring": [-1, *rings], "sector": [-1, *sectors]}

    def _measured(
        self, x: torch.Tensor, mask: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the means (n,) and the power in each bin (n, bins)."""
        x = masks.filled(x, mask)
        mean = masks.mean(x, mask)
        x = x - mean[:, None, None]
        if mask is not None:
            x = x * mask.to(x) / mask.to(x).mean().sqrt()
        power = torch.view_as_real(torch.fft.rfft2(x, norm="forward")).square().sum(-1).flatten(1)
        sums = power.new_zeros(len(x), len(self._rings) + 1)
        bins = self._bins.to(x.device)
        sums = sums.index_add(1, bins, power)  # the last one has what is in no bin
        return mean, sums[:, :-1]


def binned(shape: tuple[int, int], sectors: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the bin of each frequency of a real FFT, and the ring and the sector of each bin.

    Args:
        shape: Sides (H, W) of the fields.
        sectors: Number of sectors of the half plane.

    Returns:
        Bin of each frequency, (H (W / 2 + 1),) int64. The frequency 0, and one of each two opposite
        frequencies, are in no bin and have the number of bins. Then the ring and the sector of
        each bin.

    Example:
        >>> from gsn.transforms.statistics.gaussian import binned
        >>> bins, rings, _ = binned((4, 4), 1)
        >>> bins.reshape(4, 3).tolist(), rings.tolist()
        ([[3, 0, 1], [0, 0, 1], [1, 1, 2], [3, 0, 3]], [0, 1, 2])
    """
    rows, columns = np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])
    radius = np.hypot(rows, columns) * min(shape)
    angle = np.arctan2(rows, columns) / np.pi + 0.5  # in [0, 1]
    sector = np.minimum((angle * sectors).astype(int), sectors - 1)
    edges = [0.5]
    while edges[-1] <= radius.max():
        edges.append(max(edges[-1] + 1, edges[-1] * WIDTH))
    ring = np.maximum(np.digitize(radius, edges) - 1, 0)  # the first has all that is less
    both = ring * sectors + sector
    both[0, 0] = len(edges) * sectors  # none, which comes last
    both[shape[0] // 2 + 1 :, [0, -1]] = len(edges) * sectors
    kept, bins = np.unique(both, return_inverse=True)
    return bins.reshape(-1), kept[:-1] // sectors, kept[:-1] % sectors
