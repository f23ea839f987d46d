"""Coordinates in which a descent takes fewer steps: a field is halfway to being white in them.

    x_hat = c w_hat,      c^4 = P / mean(P)

P(|omega|) is the power spectrum of examples, averaged over rings. Statistics are normalised scale
by scale, so a coarse scale has to move as far as a fine one, with more power and far fewer points.
L-BFGS learns that in x; in w less is left to learn. L-BFGS in w is L-BFGS in x with the initial
inverse Hessian gamma F^-1 c^2 F in place of gamma I. With c^2 = P / mean(P) the steps would be as
large as the spectrum: too large for what a modulus sees.
"""

import torch

LEAST = 1e-6  # of the largest power: a ring with less counts as this


class Coordinates:
    """Fields x as functions of coordinates w of the same shape, and back.

    Args:
        examples: Examples, (n, H, W) real, or (H, W).

    Example:
        >>> import torch
        >>> from gsn.inverse.coordinates import Coordinates
        >>> x = torch.randn(8, 8).cumsum(dim=0)
        >>> coordinates = Coordinates(x)
        >>> torch.allclose(coordinates.fields(coordinates.of(x)), x, atol=1e-4)
        True
    """

    def __init__(self, examples: torch.Tensor):
        H, W = examples.shape[-2:]
        centred = (examples - examples.mean(dim=(-2, -1), keepdim=True)).double()
        power = torch.fft.rfft2(centred).abs().square().reshape(-1, H * (W // 2 + 1)).mean(dim=0)
        power = power.cpu()  # where sums by ring have one order, and a run can be resumed
        rows, columns = torch.fft.fftfreq(H, 1 / H) / H, torch.fft.rfftfreq(W, 1 / W) / W
        radius = min(H, W) * torch.hypot(rows[:, None], columns)
        ring = radius.round().long().flatten().clamp(min=1)  # 0 is with the first
        count, total = torch.zeros(2, int(ring.max()) + 1, dtype=power.dtype)
        count = count.index_add(0, ring, torch.ones_like(power))
        P = total.index_add(0, ring, power)[1:] / count[1:].clamp(min=1)
        P = P.clamp(min=LEAST * float(P.max()))[ring - 1].reshape(H, W // 2 + 1)
        self._c = (P / P.mean()).pow(0.25).to(examples)

    def fields(self, w: torch.Tensor) -> torch.Tensor:
        """Return the fields of coordinates, (..., H, W)."""
        return torch.fft.irfft2(torch.fft.rfft2(w) * self._c, s=w.shape[-2:])

    def of(self, x: torch.Tensor) -> torch.Tensor:
        """Return the coordinates of fields, (..., H, W)."""
        return torch.fft.irfft2(torch.fft.rfft2(x) / self._c, s=x.shape[-2:])
