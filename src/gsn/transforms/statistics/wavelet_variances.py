"""The variance of each wavelet band: the fair Gaussian baseline of a scattering model.

    Phi(x) = { mean of x,   mean of |x * psi_{j,t}|^2,   variance of x * phi_J }

psi are Morlet wavelets and phi_J is a Gaussian low-pass (`gsn.transforms.morlet`). The mean is less
the example's, in units of the example's deviation, and a variance in units of the example's.
Without a mask, no inverse Fourier transform is needed, by Parseval.

Example:
    >>> import torch
    >>> from gsn.transforms import statistics
    >>> x = torch.randn(1, 32, 32)
    >>> phi = statistics.new("wavelet_variances", (32, 32), J=3, L=4).fit(x)
    >>> phi.count
    14
"""

from typing import Self

import torch

from gsn.runtime import arguments
from gsn.runtime.precision import without_autocast
from gsn.transforms import morlet, statistics
from gsn.transforms.bands import Bands
from gsn.transforms.statistics import gram, masks
from gsn.transforms.statistics.arguments import EMPTY, examples, fields, fitted, scales


class Statistic(statistics.Statistic):
    """The variances of the wavelet bands of fields, normalised by an example's.

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
        phi[0, 0] = 0  # its variance, without the mean
        self._bands = Bands([*morlet.wavelets(self.shape, J, L), phi[None]])
        self._weights = gram.Weights(self._bands)
        self.register_buffer("_mean", torch.empty(0, dtype=torch.float64))
        self.register_buffer("_reference", torch.empty(0, dtype=torch.float64))

    @property
    def count(self) -> int:
        """Number of variances, and the mean."""
        return self.settings["J"] * self.settings["L"] + 2

    @torch.inference_mode(False)  # for gradients in later calls
    def fit(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> Self:
        """Freeze the mean variance of examples in each band."""
        x = masks.filled(examples(x, self.shape, mask).double(), mask)
        mean = masks.mean(x, mask)
        variance = masks.mean((x - mean[:, None, None]).square(), mask).mean()
        variances = self._measured(x, mask)[:, 1:].mean(dim=0)
        variances = variances.clamp(min=EMPTY**2 * variance)
        self._mean, self._reference = mean.mean(), torch.cat([variance.sqrt()[None], variances])
        return self

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return the mean and the normalised variances, (n, H, W) -> (n, M)."""
        reference = fitted(self._reference).to(x)
        with without_autocast(x.device):
            return self._measured(fields(x, self.shape) - self._mean.to(x), mask) / reference

    def table(self) -> dict[str, list]:
        """Return the kind, the scale and the angle of each number."""
        J, L = self.settings["J"], self.settings["L"]
        return {
            "kind": ["mean", *["variance"] * (J * L), "low-pass variance"],
            "j": [-1, *[j for j in range(J) for _ in range(L)], J],
            "l": [-1, *list(range(L)) * J, -1],
        }

    def _measured(self, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """Return the mean and the variance of each band, (n, M)."""
        x = masks.filled(x, mask)
        mean = masks.mean(x, mask)[:, None]
        if mask is None:
            spectra = torch.view_as_real(torch.fft.rfft2(x, norm="forward"))
            power = spectra.square().sum(-1)
            variances = [
                gram.half(power, band.sides, band.whole).flatten(1) @ band.plus.T
                for band in self._weights(x)
            ]
        else:
            x_hat = torch.fft.fft2(x - mean[:, :, None])
            variances = [self._masked(x_hat, j, mask) for j in range(len(self._bands))]
        return torch.cat([mean, *variances], dim=1)

    def _masked(self, x_hat: torch.Tensor, j: int, mask: torch.Tensor) -> torch.Tensor:
        """Return the variances of the bands of a scale over the points that count, (n, A)."""
        squares = torch.view_as_real(self._bands(x_hat, j)).square().sum(-1)
        coarsest = min(j, self.settings["J"] - 1)  # the low-pass is as wide as that one
        return masks.mean(squares, mask, 2 ** (coarsest + 1))
