"""Linear estimates of coefficients on a grid from other coefficients at neighbouring windows.

    t(u) ~ m + W^T [ f(u + v), |v_i| <= 1;  g(u) ]

The same m and W serve all places u (stationarity). They are a ridge regression over all windows of
all training images, whose penalty is chosen on images that were held out. At the border the grid is
continued by its last row or column.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from gsn.decomposition import ridge

PENALTIES = np.geomspace(1e-5, 1, 11)


@dataclass(frozen=True)
class Windows:
    """A linear map from coefficients at neighbouring windows.

    Attributes:
        weight: W and m, (9 C + D + 1, K) float32.
        penalty: Penalty lambda, for standardised coefficients.
        residual: Root of the mean squared error of each of the K coefficients on images that were
            held out, (K,) float32.
    """

    weight: torch.Tensor
    penalty: float
    residual: torch.Tensor

    def __call__(self, near: torch.Tensor, own: torch.Tensor) -> torch.Tensor:
        """Return the estimates, (n, K, h, w).

        Args:
            near: Coefficients f that count at all 3 x 3 windows, (n, C, h, w).
            own: Coefficients g that count at the window itself, (n, D, h, w).
        """
        weight = self.weight.to(near)
        found = rows(near, own) @ weight[:-1] + weight[-1]
        return found.reshape(len(near), *near.shape[2:], -1).movedim(-1, 1)


def fit(
    batches: Iterable[tuple[torch.Tensor, torch.Tensor, torch.Tensor]],
    *,
    together: int,
    penalties: Sequence[float] = PENALTIES,
) -> Windows:
    """Return the regression of coefficients t on f and g.

    Makes one pass. Memory holds sums of the size (9 C + D)^2.

    Args:
        batches: Batches of images: f, (n, C, h, w), g, (n, D, h, w), and t, (n, K, h, w).
        together: Number of consecutive windows that are held out together, such as h w times the
            number of consecutive images of one photograph.
        penalties: Penalties to choose from, for standardised coefficients.

    Raises:
        ValueError: There are fewer than ten groups of windows.

    Example:
        >>> import torch
        >>> from gsn.decomposition import windows
        >>> f = torch.rand(40, 1, 4, 4, generator=torch.Generator().manual_seed(0))
        >>> found = windows.fit([(f, f[:, :0], 2 * f + 1)], together=16)
        >>> torch.allclose(found(f, f[:, :0]), 2 * f + 1, atol=1e-3)
        True
    """
    pairs = ((rows(near, own), columns(t)) for near, own, t in batches)
    found = ridge.fit(
        ((z.cpu().numpy(), x.cpu().numpy()) for z, x in pairs),
        penalties=penalties,
        together=together,
        standardised=True,
    )
    if found.residual is None:
        raise ValueError(
            f"a regression needs at least {2 * ridge.HELD_OUT} groups of {together} windows, of "
            "which some are held out: got fewer; use more images."
        )
    weight, residual = torch.from_numpy(found.weight), torch.from_numpy(found.residual)
    return Windows(weight.float(), found.penalty, residual.sqrt().float())


def rows(near: torch.Tensor, own: torch.Tensor) -> torch.Tensor:
    """Return a row of numbers for each window, (n h w, 9 C + D)."""
    blocks = F.unfold(F.pad(near, (1, 1, 1, 1), mode="replicate"), 3)  # (n, 9 C, h w)
    return columns(torch.cat([blocks, own.flatten(2)], dim=1))


def columns(t: torch.Tensor) -> torch.Tensor:
    """Return a row of the K numbers of each window, (n, K, ...) -> (n h w, K)."""
    return t.flatten(2).movedim(1, -1).reshape(-1, t.shape[1])
