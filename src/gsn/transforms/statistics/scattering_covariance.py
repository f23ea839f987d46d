"""Scattering covariances: how wavelet bands, and the moduli of wavelet bands, go together.

    P00(1)     = mean of |x * psi_1|^2
    S1(1)      = mean of |x * psi_1|
    C01(1,2)   = mean of (x * psi_2) (|x * psi_1| * psi_2)^*                j1 <= j2
    C11(1,2,3) = mean of (|x * psi_1| * psi_3) (|x * psi_2| * psi_3)^*     j1 <= j2 <= j3

Phi(x) has the mean of x less the example's, the deviation of x, log P00, log S1, and the real and
imaginary parts of C01 / sqrt(P00(1) P00(2)) and C11 / sqrt(P00(1) P00(2)), all in units of the
example's deviation. The P00 below the fractions are the example's. psi_i is the Morlet wavelet of
scale j_i and angle l_i (`gsn.transforms.morlet`).

All covariances are sums over the frequencies of psi_3 or psi_2 (`gsn.transforms.statistics.gram`).
Those with j1 = j2 and l1 > l2 are conjugates of others and left out, and so are the imaginary parts
where both moduli are the same. For J = 6 and L = 4 there are 6,546 numbers. With these copies and
without the deviation there would be 7,889, which is the number of the authors' program.

The isotropic version has the means over rotations of all angles together, below the fractions too.
What is left are real parts, by the differences of the angles.

For its gradient, a field keeps 16 bytes in float32 for each point of the grids of its bands: 12 MB
for 256 x 256, J = 6 and L = 4. Fields of more than 2^21 points in all are computed in groups.

References:
    S. Cheng, R. Morel, E. Allys, B. Menard and S. Mallat, Scattering spectra models for physics,
    PNAS Nexus 3(4), 2024, arXiv:2306.17210.

Example:
    >>> import torch
    >>> from gsn.transforms import statistics
    >>> phi = statistics.new("scattering_covariance", (32, 32), J=3, L=4)
    >>> phi.fit(torch.randn(1, 32, 32))(torch.randn(2, 32, 32)).shape
    torch.Size([2, 1114])
"""

from typing import Self

import torch

from gsn.runtime import arguments
from gsn.runtime.precision import without_autocast
from gsn.transforms import morlet, statistics
from gsn.transforms.bands import Bands
from gsn.transforms.statistics import gram, masks, moduli
from gsn.transforms.statistics.arguments import examples, fields, fitted, scales
from gsn.transforms.statistics.groups import by_groups

ROOM = 1.5  # grids on which the moduli of bands have little aliasing
# ASSUME: power below this fraction of the variance is rounding, and no property of the example.
EMPTY = 1e-10
LEAST = 1e-20  # added below a logarithm
POINTS = 2**21  # limit on the points of the fields that are in memory at once


class Statistic(statistics.Statistic):
    """The scattering covariances of fields, normalised by an example's powers.

    Args:
        shape: Sides (H, W) of the fields, both even.
        J: Number of scales. The default is two less than log2 of the shortest side.
        L: Number of angles.
        isotropic: Whether to take means over rotations.

    Raises:
        ValueError: A side is odd, L is no integer of at least 1, or 2^J exceeds a side.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        *,
        J: int | None = None,
        L: int = 4,
        isotropic: bool = False,
    ):
        super().__init__(shape)
        J, L = scales(J, self.shape), arguments.integer("L", L, least=1)
        self.settings = {"J": J, "L": L, "isotropic": bool(isotropic)}
        psi = morlet.wavelets(self.shape, J, L)
        self._first, self._second = Bands(psi, room=ROOM), Bands(psi)
        self._weights = gram.Weights(self._second)
        self.register_buffer("_mean", torch.empty(0, dtype=torch.float64))
        self.register_buffer("_reference", torch.empty(0, dtype=torch.float64))

    @property
    def count(self) -> int:
        """Number of real and complex numbers."""
        return sum(part != "imaginary" for part in self.table()["part"])

    @torch.inference_mode(False)  # for gradients in later calls
    def fit(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> Self:
        """Freeze the deviation and the powers P00 of examples."""
        x = examples(x, self.shape, mask).double()
        mean, deviation, _, grams = self._measured(x, mask)
        self._mean, variance = mean.mean(), deviation.square().mean()
        powers = torch.stack([G[:, 0, :, 0].mean(dim=0) for G in grams])  # (J, L)
        if self.settings["isotropic"]:
            powers = powers.mean(dim=1, keepdim=True).expand_as(powers)
        self._reference = torch.cat(
            [variance.sqrt()[None], powers.clamp(min=EMPTY * variance).flatten()]
        )
        return self

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return mean, deviation, log S1, log P00 and the covariances, (n, H, W) -> (n, M)."""
        fitted(self._reference)
        x = fields(x, self.shape) - self._mean.to(x)
        with without_autocast(x.device):
            return by_groups(lambda x: self._numbers(x, mask), x, points=POINTS)

    def _numbers(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """Return the numbers of a group of fields, less the example's mean, (n, M)."""
        unit, *powers = self._reference.to(x).split([1, *self._blocks()])
        mean, deviation, S1, grams = self._measured(x, mask)
        isotropic = self.settings["isotropic"]
        S1 = S1.mean(dim=-1) if isotropic else S1.flatten(1)
        numbers = [mean[:, None] / unit, deviation[:, None] / unit, (S1 / unit + LEAST).log()]
        for j, G in enumerate(grams):
            inner = torch.cat(powers[: j + 1])  # of the channels that are moduli
            G = self._rotated(G, j) if isotropic else G
            numbers.append((G[:, 0, :, 0] / unit.square() + LEAST).log())
            outer = powers[j][: G.shape[2], None]  # (L or 1, 1)
            root = torch.cat([outer.sqrt(), inner.sqrt().expand(len(outer), -1)], dim=1)
            first, second = gram.pairs(root.shape[1])
            G = G / (root[:, first] * root[:, second])
            numbers.append(G[:, 0, :, 1:].flatten(1))
            if not isotropic:
                distinct = [i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a < b]
                numbers.append(G[:, 1][:, :, distinct].flatten(1))
        return torch.cat(numbers, dim=1)

    def table(self) -> dict[str, list]:
        """Return the kind, the part, the scales and the angles of each number."""
        J, L, isotropic = (self.settings[name] for name in ("J", "L", "isotropic"))
        none, angles = (-1, -1), [0] if isotropic else range(L)
        rows = [(kind, "real", *none * 3) for kind in ("mean", "deviation")]
        rows += [("log S1", "real", j, t, *none * 2) for j in range(J) for t in angles]
        for j in range(J):
            rows += [("log P00", "real", j, t, *none * 2) for t in angles]
            channels = [none, *((i, t) for i in range(j + 1) for t in range(L))]
            pairs = list(zip(*gram.pairs(len(channels)), strict=True))
            for part in ("real",) if isotropic else ("real", "imaginary"):
                for outer in ((j, t) for t in angles):
                    for a, b in pairs[1:]:
                        if a == 0:
                            rows.append(("C01", part, *channels[b], *outer, *none))
                        elif part == "real" or a < b:
                            rows.append(("C11", part, *channels[a], *channels[b], *outer))
        names = ("kind", "part", "j1", "l1", "j2", "l2", "j3", "l3")
        return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))

    def _blocks(self) -> list[int]:
        """Return the number of angles of each scale."""
        return [self.settings["L"]] * self.settings["J"]

    def _measured(
        self, x: torch.Tensor, mask: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, list[torch.Tensor]]:
        """Return the means and deviations (n,), S1 (n, J, L) and the Gram matrices."""
        x = masks.filled(x, mask)
        mean = masks.mean(x, mask)
        variance = masks.mean((x - mean[:, None, None]).square(), mask)
        x_hat = torch.fft.fft2(x)
        U = [moduli.spectra(x_hat, self._first, j) for j in range(self.settings["J"])]
        channels = [x_hat[:, None] / (x.shape[1] * x.shape[2]), *U]
        if mask is None:
            S1 = torch.stack([part[..., 0, 0].real for part in U], dim=1)
            grams = gram.grams([channels[0][..., : x.shape[2] // 2 + 1], *U], self._weights(x))
            return mean, variance.sqrt(), S1, grams
        return mean, variance.sqrt(), *self._masked(x_hat, U, mask)

    def _masked(
        self, x_hat: torch.Tensor, U: list[torch.Tensor], mask: torch.Tensor
    ) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Return S1 and the Gram matrices as means over points."""
        u = [
            torch.fft.irfft2(part, s=self._first.sides[j], norm="forward")
            for j, part in enumerate(U)
        ]
        S1 = torch.stack([masks.mean(part, mask, 2 ** (j + 1)) for j, part in enumerate(u)], dim=1)
        spectra = [x_hat[:, None], *map(torch.fft.fft2, u)]
        grams = []
        for j in range(len(U)):
            bands = [self._second(part, j) for part in spectra[: j + 2]]  # (n, C, L, h, w)
            w = torch.cat(bands, dim=1).transpose(1, 2).flatten(3)
            weights = masks.weights(mask, 2 ** (j + 1), bands[0]).flatten()
            G = (w * weights) @ w.mH
            first, second = gram.pairs(w.shape[2])
            grams.append(torch.view_as_real(G[:, :, first, second]).movedim(-1, 1))
        return S1, grams

    def _rotated(self, G: torch.Tensor, j: int) -> torch.Tensor:
        """Return the means of the real parts over rotations, (n, 1, 1, pairs)."""
        L = self.settings["L"]
        C = 1 + L * (j + 1)
        first, second = torch.triu_indices(C, C)
        place = torch.empty(C, C, dtype=torch.int64)
        place[first, second] = place[second, first] = torch.arange(len(first))
        angles = torch.arange(L)
        turned = (torch.arange(L) + angles[:, None]) % L + L * torch.arange(j + 1)[:, None, None]
        turned = torch.cat(
            [torch.zeros(L, 1, dtype=torch.int64), 1 + turned.transpose(0, 1).flatten(1)], dim=1
        )  # (rotation, C)
        index = place[turned[:, first], turned[:, second]] + G.shape[3] * angles[:, None]
        return G[:, 0].flatten(1)[:, index].mean(dim=1)[:, None, None]
