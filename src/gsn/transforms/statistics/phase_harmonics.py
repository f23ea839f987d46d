"""Covariances of wavelet phase harmonics: models B, C and D.

    K(v, v') = 1/d sum_u ([x*psi_v]^k(u) - m_v) ([x*psi_v']^k'(u - tau) - m_v')* / (s_v s_v')

with [z]^k = |z| e^{i k arg z}, bump steerable wavelets psi, and m and s frozen at the example.

    B   within a scale (k, k') = (1, 1), (1, 0), (0, 0), directions at most a quarter turn apart;
        k = k' = 0 and 1 of one channel at shifts tau up to 2 2^j; the low-pass at such shifts
    C   B, and between neighbouring scales (0, 0), (0, 1), (0, 2), (1, 2)
    D   all of C without a shift, Fourier transformed along angles, its diagonal: isotropic

All is computed from Fourier coefficients on the grids of `Bands`. The covariances of a pair of
harmonics are one product of matrices, channels x frequencies. Two scales meet on the coarser one's
grid: by Parseval, the frequencies of the finer one beyond it meet nothing there. A modulus or a
doubled phase occupies more frequencies than its band, so the grids are `harmonic_scales.ROOM` times
as wide as the bands need; `studies/harmonic_grids.py` measures the error.

References:
    S. Mallat, S. Zhang and G. Rochette, Phase harmonic correlations and convolutional neural
    networks, Information and Inference 9(3), 2020.

    S. Zhang and S. Mallat, Maximum entropy models from phase harmonic covariances, Applied and
    Computational Harmonic Analysis 53, 2021.
"""

from collections.abc import Iterator
from typing import Self

import torch

from gsn.runtime import arguments, precision
from gsn.transforms import half_planes, statistics
from gsn.transforms.statistics import harmonic_pairs
from gsn.transforms.statistics.arguments import examples, fields, fitted, scales, visible
from gsn.transforms.statistics.groups import by_groups
from gsn.transforms.statistics.harmonic_scales import Scale, Scales

POINTS = 2**19  # limit on the points of the fields that are in memory at once


class Statistic(statistics.Statistic):
    """Covariances of phase harmonics, (n, H, W) -> (n, M).

    A gradient holds about 60 planes of a field in memory. For fields of more than 2^19 points in
    all, it is computed by groups of them, in two passes.

    Args:
        shape: Sides (H, W) of the fields in points, both even.
        model: B, C or D.
        J: Number of scales.
        L: Number of directions in half a turn.

    Attributes:
        count: Number of numbers kept, a complex one once.
        listed: Number of numbers as Zhang and Mallat count the same model: with repetitions, and a
            complex one twice.

    Raises:
        ValueError: The model is unknown, J or L is not an integer, or 2^J is larger than a side.

    Differs from the paper: A covariance is kept once, with weight 1 in a squared distance. The
    paper's lists repeat those off the diagonal two or four times. The mean of x is one number more.

    References:
        S. Zhang and S. Mallat, Maximum entropy models from phase harmonic covariances, Applied and
        Computational Harmonic Analysis 53, 2021.

    Example:
        >>> import torch
        >>> from gsn.transforms import statistics
        >>> x = torch.randn(1, 32, 32, generator=torch.Generator().manual_seed(0))
        >>> phi = statistics.new("phase_harmonics", (32, 32), model="C", J=3, L=4).fit(x)
        >>> phi(x).shape, phi.count, phi.listed
        (torch.Size([1, 848]), 552, 2159)
    """

    def __init__(self, shape: tuple[int, int], *, model: str = "C", J: int = 5, L: int = 8):
        J, L = (arguments.integer(*given, least=1) for given in (("J", J), ("L", L)))
        super().__init__(shape, model=model, J=J, L=L)
        if model not in harmonic_pairs.MODELS:
            raise ValueError(f"model must be B, C or D: got {model!r}; use 'C'.")
        scales(J, self.shape)
        self.model, self.J, self.L = model, J, L
        self.scales = Scales(self.shape, J, L)
        cross = () if model == "B" else harmonic_pairs.CROSS
        self.pairs = {True: harmonic_pairs.SAME, False: cross}
        for name in ("means", "deviations", "low"):
            self.register_buffer(name, torch.empty(0, dtype=torch.float64))
        for same, pairs in self.pairs.items():
            for k, k2 in pairs:
                matrix = torch.from_numpy(harmonic_pairs.matrix(model, L, k, k2, same=same))
                self.register_buffer(f"matrix_{same}_{k}_{k2}", matrix, persistent=False)

    @property
    def count(self) -> int:
        """Number of numbers kept, a complex one once."""
        return sum(row["part"] == "real" for row in self._rows())

    @property
    def listed(self) -> int:
        """Number of numbers as Zhang and Mallat count the same model."""
        return harmonic_pairs.listed(self.model, self.J, self.L)

    def table(self) -> dict[str, list]:
        """Return what each of the M numbers is, by columns.

        Scales are numbered from 0, the finest; J is the low-pass. Angles count 1/(2 L) of a turn;
        in model D they are angular frequencies. Shifts are in units of 2^scale, and of 2^(J-1) for
        the low-pass.
        """
        rows = list(self._rows())
        return {column: [row[column] for row in rows] for column in rows[0]}

    def _rows(self) -> Iterator[dict]:
        return harmonic_pairs.rows(self.model, self.J, self.L)

    @torch.inference_mode(False)  # for gradients in later calls
    def fit(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> Self:
        """Freeze means m and deviations s over examples, and return the statistic.

        Args:
            x: Examples, (n, H, W) float32 or float64.
            mask: Points that count, (H, W) bool. At scale j the points within 2^(j+1) of a hidden
                one are left out too. For a field that is not periodic, hide its first row and
                its first column.

        Raises:
            ValueError: x is not finite or constant, has no energy in some band, or nothing is left
                by the mask.
        """
        x = examples(x, self.shape, mask).double()
        mask = None if mask is None else mask.to(x.device)
        seen = x if mask is None else x[:, mask]
        J, L = self.J, self.L
        mean = seen.mean()
        with torch.no_grad():
            moments = [self._moments(field[None] - mean, mask) for field in x]
        means, seconds, low = (torch.stack(part).mean(0) for part in zip(*moments, strict=True))
        if self.model == "D":  # as if the fields turned: m of k = 2 is conjugate half a turn away
            means, seconds = (a.mean(2, keepdim=True).expand(J, 3, L) for a in (means, seconds))
            means = means * means.new_tensor([1, 1, 0])[:, None]
        variances = seconds - torch.stack(
            [means[:, 0] ** 2, 0 * means[:, 0], means[:, 1] ** 2 + means[:, 2] ** 2], dim=1
        )
        if bool((variances <= 0).any()) or float(low) <= 0:
            raise ValueError(
                "x must have energy in every band: got none at some scale and direction; add a "
                "little noise, or use a smaller J."
            )
        self.means, self.deviations = means.reshape(J, 3 * L), variances.sqrt()
        self.low = torch.stack([mean, low.sqrt()])
        return self

    def _moments(self, x: torch.Tensor, mask: torch.Tensor | None):
        """Return means (J, 3, L) and second moments (J, 3, L) of one field, and the low-pass's.

        The field has the mean 0.
        """
        x_hat, L = _spectra(x, mask), self.L
        means, seconds = x.new_zeros(self.J, 3, L), x.new_ones(self.J, 3, L)
        for j in range(self.J):
            scale = self._scale(x_hat, j, x.new_zeros(3 * L), mask)
            for k, a_hat in scale.k.items():
                power = half_planes.inner(a_hat, a_hat)[0].diagonal() / scale.left
                seconds[j, k] = power.view(-1, L).sum(0)
                if k != 1:  # E x * psi is 0
                    mean = a_hat[0, :, 0, 0].real / scale.left
                    means[j, k // 2 : k + 1] = mean.view(-1, L)
        return means, seconds, self.scales.low_pass(x_hat, mask)[0, 0]

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return the normalised covariances of fields, (n, H, W) -> (n, M), in the dtype of x.

        Args:
            x: Fields, (n, H, W) float32 or float64.
            mask: Points that count, (H, W) bool, as in `fit`.

        Raises:
            ValueError: The statistic is not fitted, or the fields or the mask have another shape.
        """
        fitted(self.low)
        if mask is not None:
            mask = visible(mask, self.shape).to(x.device)
        x = fields(x, self.shape)
        with precision.without_autocast(x.device):
            return by_groups(lambda x: self._numbers(x, mask), x, points=POINTS)

    def _scale(
        self, x_hat: torch.Tensor, j: int, means: torch.Tensor, mask: torch.Tensor | None
    ) -> Scale:
        doubled = self.model != "B" and j > 0
        return self.scales.scale(x_hat, j, means.to(x_hat.real), mask, doubled=doubled)

    def _numbers(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """Return the numbers of a group of fields, in the order of the table."""
        x_hat, numbers, finer = _spectra(x - self.low[0].to(x), mask), [], None
        inverse = 1 / self.deviations.to(x)
        for j in range(self.J):
            scale = self._scale(x_hat, j, self.means[j], mask)
            numbers += [self._covariances(scale, scale, k, inverse) for k in self.pairs[True]]
            if finer is not None:
                numbers += [self._covariances(finer, scale, k, inverse) for k in self.pairs[False]]
            if self.model != "D":
                weights = inverse[j, [0, 1, 1]].square().unsqueeze(-1)  # (3, L, 1)
                numbers.append((self.scales.shifted(scale) * weights).flatten(1))
            finer = scale
        low = self.scales.low_pass(x_hat, mask) / self.low[1].to(x).square()
        numbers.append(low[:, :1] if self.model == "D" else low)
        mean = x_hat[:, :1, 0].real / self.low[1].to(x)
        numbers.append(mean if mask is None else mean / mask.to(x).mean())
        return torch.cat(numbers, dim=1)

    def _covariances(
        self, finer: Scale, scale: Scale, harmonics: tuple[int, int], inverse: torch.Tensor
    ) -> torch.Tensor:
        """Return the numbers kept of one pair of harmonics, (n, numbers)."""
        (k, k2), same = harmonics, finer is scale
        planes = self.scales.covariances(finer, scale, k, k2)
        left, right = (
            inverse[j, k].repeat(2 if k else 1) for j, k in ((finer.j, k), (scale.j, k2))
        )
        matrix = getattr(self, f"matrix_{same}_{k}_{k2}").to(planes)
        return (planes * left[:, None] * right).flatten(1) @ matrix


def _spectra(x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """Return the coefficients of fields, which are 0 where they are hidden."""
    return half_planes.spectra(x if mask is None else torch.where(mask, x, 0))
