"""Covariances of rectified wavelet bands at several phases.

    v_{j,t,a} = relu(Re(e^{ia} x * psi_{j,t})),   a in {0, pi/2, pi, 3 pi/2}
    K(v, v', tau) = mean over u of (v(u) - m) (v'(u - tau) - m') / (s s')

m and s are the mean and the deviation of the example's v, frozen. v has a scale j and any phase a,
v' has one of the scales j..j + 2 and a = 0, as in the program of the authors: the other phases of
v' add little. tau is 0 or 2^j' long, j' being the scale of v', in 8 directions. Phi(x) has all K,
the mean of x less the example's, the variance of x, and the covariances of x * phi_J with itself in
4 directions: the others repeat them. The authors have all shifts up to 2^(J-1) and three Haar
wavelets in addition.

psi are Morlet wavelets (`gsn.transforms.morlet`). Bands are rectified on grids that have
room for it. All covariances with one v' are one product of matrices of spectra, on the frequencies
of the grid of v'. Fields of more than 2^18 points in all are computed in groups, since a gradient
holds about two kilobytes for each point.

References:
    A. Brochard, S. Zhang and S. Mallat, Generalized rectifier wavelet covariance models for texture
    synthesis, ICLR, 2022, arXiv:2203.07902.

Example:
    >>> import torch
    >>> from gsn.transforms import statistics
    >>> phi = statistics.new("rectified", (32, 32), J=2, L=4).fit(torch.randn(1, 32, 32))
    >>> phi.count
    1735
"""

from typing import Self

import numpy as np
import torch

from gsn.runtime import arguments
from gsn.runtime.precision import without_autocast
from gsn.transforms import morlet, statistics
from gsn.transforms.bands import Bands
from gsn.transforms.constants import Constants
from gsn.transforms.statistics import gram, masks
from gsn.transforms.statistics.arguments import EMPTY, examples, fields, fitted, scales
from gsn.transforms.statistics.groups import by_groups

ROOM = 3  # grids on which the rectified bands have little aliasing
REACH = 2  # largest difference of two scales
PHASES = 4
POINTS = 2**18  # limit on the points of the fields that are in memory at once


class Statistic(statistics.Statistic):
    """The covariances of rectified bands of fields, normalised by an example's.

    Args:
        shape: Sides (H, W) of the fields, both even.
        J: Number of scales. The default is two less than log2 of the shortest side.
        L: Number of angles.

    Raises:
        ValueError: A side is odd, L is no integer of at least 1, or 2^J exceeds a side.
    """

    def __init__(self, shape: tuple[int, int], *, J: int | None = None, L: int = 4):
        super().__init__(shape)
        J, L = scales(J, self.shape), arguments.integer("L", L, least=1)
        self.settings = {"J": J, "L": L}
        phi = morlet.low_pass(self.shape, J)
        self._bands = Bands([*morlet.wavelets(self.shape, J, L), phi[None]], room=ROOM)
        self._constants = Constants()
        self.register_buffer("_mean", torch.empty(0, dtype=torch.float64))
        self.register_buffer("_reference", torch.empty(0, dtype=torch.float64))

    @property
    def count(self) -> int:
        """Number of covariances, with the mean and the variance."""
        return len(self.table()["kind"])

    @torch.inference_mode(False)  # for gradients in later calls
    def fit(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> Self:
        """Freeze the mean and the deviation of each rectified band over examples."""
        x = masks.filled(examples(x, self.shape, mask).double(), mask)
        mean = masks.mean(x, mask)
        variance = masks.mean((x - mean[:, None, None]).square(), mask).mean()
        x = x - mean.mean()
        rows = [variance.sqrt()[None]]
        for j, v in enumerate(self._rectified(x)):
            margin = self._margin(j)
            m = masks.mean(v, mask, margin).mean(dim=0)  # (C,)
            squares = masks.mean((v - m[:, None, None]).square(), mask, margin).mean(dim=0)
            rows += [m, squares.sqrt().clamp(min=EMPTY * variance.sqrt())]
        self._mean, self._reference = mean.mean(), torch.cat(rows)
        return self

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return the mean, the variance and the covariances, (n, H, W) -> (n, M)."""
        reference = fitted(self._reference).to(x)
        with without_autocast(x.device):
            x = masks.filled(fields(x, self.shape) - self._mean.to(x), mask)
            return by_groups(lambda x: self._measured(x, mask, reference), x, points=POINTS)

    def table(self) -> dict[str, list]:
        """Return the kind, the scales, the angles, the phase and the shift of each number."""
        J, L = self.settings["J"], self.settings["L"]
        none = (-1, -1, -1, -1, -1, 0, 0)
        rows = [("mean", *none), ("variance", *none)]
        for k in range(J):
            own = [(k, v, *shift) for v in range(L) for shift in shifts(k)]
            for j in range(max(0, k - REACH), k + 1):
                rows += [
                    ("rectified", j, t, a, *right)
                    for t in range(L)
                    for a in range(PHASES)
                    for right in own
                ]
        rows += [("low-pass", J, -1, -1, J, -1, *shift) for shift in shifts(J - 1)[:5]]
        names = ("kind", "j1", "l1", "phase", "j2", "l2", "row", "column")
        return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))

    def _margin(self, j: int) -> int:
        """Return the distance from hidden points of those that count, with their shifts."""
        return 3 * 2 ** min(j, self.settings["J"] - 1)

    def _rectified(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Return the rectified bands of each scale, (n, 4 L, h, w), and the low-pass band."""
        x_hat, bands = torch.fft.fft2(x), []
        for j in range(self.settings["J"]):
            w = self._bands(x_hat, j)
            phases = torch.stack([w.real, -w.imag, -w.real, w.imag], dim=2)  # Re(e^{ia} w)
            bands.append(phases.flatten(1, 2).relu())
        return [*bands, self._bands(x_hat, self.settings["J"]).real]

    def _measured(
        self, x: torch.Tensor, mask: torch.Tensor | None, reference: torch.Tensor
    ) -> torch.Tensor:
        """Return all numbers, (n, M)."""
        mean, unit, start, J = masks.mean(x, mask), reference[0], 1, self.settings["J"]
        variance = masks.mean((x - mean[:, None, None]).square(), mask)
        numbers = [mean[:, None] / unit, variance[:, None] / unit.square()]
        spectra: list[torch.Tensor] = []
        for j, v in enumerate(self._rectified(x)):
            m, s = reference[start : start + 2 * v.shape[1]].reshape(2, -1, 1, 1)
            start += 2 * v.shape[1]
            spectra.append(torch.fft.rfft2((v - m) / s, norm="forward"))
            left = spectra[J:] if j == J else spectra[max(0, j - REACH) :]
            right = spectra[j] if j == J else spectra[j][:, ::PHASES]
            numbers.append(self._covariances(left, right, j, mask).flatten(1))
        return torch.cat(numbers, dim=1)

    def _covariances(
        self, left: list[torch.Tensor], right: torch.Tensor, j: int, mask: torch.Tensor | None
    ) -> torch.Tensor:
        """Return K of all pairs (n, C) and (n, C') and all shifts, (n, C, C' shifts)."""
        sides, whole = self._grid(j)
        a = torch.cat([gram.half(part, sides, whole) for part in left], dim=1)
        waves, weights = self._waves(j, right)
        b = (gram.half(right, sides, whole)[:, :, None] * waves).flatten(1, 2)
        if mask is None:
            a, b = (torch.view_as_real(part).flatten(2) for part in (a * weights, b))
            return a @ b.transpose(1, 2)
        a, b = (gram.points(part, sides, whole) for part in (a, b))
        weights = masks.weights(mask, self._margin(j), a)
        return (a * weights).flatten(2) @ b.flatten(2).transpose(1, 2)

    def _grid(self, j: int) -> tuple[tuple[int, int], tuple[bool, bool]]:
        """Return the sides of a grid, and whether it has all rows and all columns."""
        h, w = self._bands.sides[j]
        return (h, w), (h == self.shape[0], w == self.shape[1])

    def _waves(self, j: int, like: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return e^{-i omega tau} on half of the grid of a scale, and the weights of its columns.

        A column counts twice where its opposite is left out.
        """
        return self._constants(j, like, lambda _: self._made(j, like))

    def _made(self, j: int, like: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        sides, whole = self._grid(j)
        omega = [
            2 * np.pi * np.fft.fftfreq(n, 1 / n) / side
            for n, side in zip(sides, self.shape, strict=True)
        ]
        taus = np.array(shifts(j) if j < self.settings["J"] else shifts(j - 1)[:5])
        angles = taus[:, 0, None, None] * omega[0][:, None] + taus[:, 1, None, None] * omega[1]
        waves = gram.half(torch.from_numpy(np.exp(-1j * angles)), sides, whole)
        weights = torch.full((waves.shape[-1],), 2.0)
        weights[0] = 1
        if whole[1]:
            weights[-1] = 1
        return waves.to(like), weights.to(like.device, like.real.dtype)


def shifts(j: int) -> list[tuple[int, int]]:
    """Return no shift, and those by 2^j in 8 directions, (rows, columns) in pixels.

    Example:
        >>> from gsn.transforms.statistics.rectified import shifts
        >>> shifts(2)[:4]
        [(0, 0), (0, 4), (3, 3), (4, 0)]
    """
    angles = np.arange(8) * np.pi / 4
    around = np.rint(2**j * np.stack([np.sin(angles), np.cos(angles)], axis=1)).astype(int)
    return [(0, 0), *map(tuple, around.tolist())]
