"""Wavelet bands of periodic images, each on the frequencies that it occupies.

A band x * psi whose psi vanishes above a frequency is known from its samples on a coarser grid. Its
spectrum is that of x, cropped and multiplied:

    w(u) = sum_{|omega_i| < side_i / 2} x_hat(omega) psi_hat(omega) e^{2 pi i omega u} / (H W)

on the side_0 x side_1 points u of the torus. By Parseval, the mean of w v* over the coarse grid is
that over the pixels, as long as both bands are within it. A modulus occupies more frequencies than
its band. `room` widens the grid for it: with room 1 the band alone fits, with room 2 the square of
its modulus does.

All operations are torch's, so they have gradients and run on a GPU.
"""

from collections.abc import Sequence

import numpy as np
import scipy.fft
import torch

from gsn.runtime import precision
from gsn.transforms.constants import Constants, real

NEGLIGIBLE = 1e-3  # fraction of the maximum of a filter below which a frequency counts as empty


class Bands:
    """The bands of some scales, (..., H, W) -> (..., A, side_0, side_1) for each scale.

    Args:
        psi: Real Fourier transforms of the A filters of each scale, (A, H, W) each, finest first.
        room: Width of a grid in units of the smallest that holds the band.
        negligible: Fraction of the maximum of a filter below which a frequency counts as empty.

    Attributes:
        sides: Grid of each scale (side_0, side_1), in points.

    Raises:
        ValueError: There is no filter, a side of the images is odd, or room is less than 1.

    Example:
        >>> import numpy as np
        >>> import torch
        >>> from gsn.transforms.bands import Bands
        >>> psi = np.zeros((1, 16, 16))
        >>> psi[0, 0, 1] = 1  # a wave
        >>> bands = Bands([psi])
        >>> bands.sides
        [(2, 4)]
        >>> w = bands(torch.fft.fft2(torch.randn(5, 16, 16)), 0)
        >>> w.shape
        torch.Size([5, 1, 2, 4])
    """

    def __init__(
        self, psi: Sequence[np.ndarray], *, room: float = 1.0, negligible: float = NEGLIGIBLE
    ):
        if not psi or any(side % 2 for scale in psi for side in scale.shape[1:]):
            shapes = [scale.shape for scale in psi]
            raise ValueError(f"psi must have filters of even sides: got {shapes}; pad the images.")
        if room < 1:
            raise ValueError(f"room must be at least 1: got {room}; use 1 or 2.")
        self.shape = psi[0].shape[1:]
        self.sides = [occupied(scale, room, negligible) for scale in psi]
        self._psi = [cropped(scale, *sides) for scale, sides in zip(psi, self.sides, strict=True)]
        self._constants = Constants()

    def __len__(self) -> int:
        """Return the number of scales."""
        return len(self.sides)

    def psi(self, j: int, like: torch.Tensor) -> torch.Tensor:
        """Return the filters of a scale on its frequencies, (A, side_0, side_1) real.

        Args:
            j: Index of the scale.
            like: Tensor, real or complex, whose device and precision the filters take.
        """
        return self._constants(
            j, like, lambda double: torch.from_numpy(self._psi[j]).to(like.device, real(double))
        )

    def spectra(self, x_hat: torch.Tensor, j: int) -> torch.Tensor:
        """Return the spectra of the bands of a scale on its grid, (..., A, side_0, side_1).

        Args:
            x_hat: Spectra of the images or of a finer grid, (..., h, w) complex, as torch.fft.fft2
                has them.
            j: Index of the scale.
        """
        h, w = self.sides[j]
        scale = h * w / (x_hat.shape[-2] * x_hat.shape[-1])  # of an inverse FFT of another size
        part = torch.view_as_real(crop(x_hat, h, w)).unsqueeze(-4)  # (..., 1, h, w, 2)
        return torch.view_as_complex(part * (self.psi(j, x_hat) * scale)[..., None])

    def __call__(self, x_hat: torch.Tensor, j: int) -> torch.Tensor:
        """Return the bands of a scale on its grid, (..., A, side_0, side_1) complex."""
        with precision.without_autocast(x_hat.device):
            return torch.fft.ifft2(self.spectra(x_hat, j))


def occupied(psi: np.ndarray, room: float, negligible: float) -> tuple[int, int]:
    """Return the even sides, good for an FFT, of the smallest grid that holds all filters.

    Args:
        psi: Real Fourier transforms, (A, H, W).
        room: Width of the grid in units of the smallest.
        negligible: Fraction of the maximum below which a frequency counts as empty.

    Example:
        >>> import numpy as np
        >>> from gsn.transforms.bands import occupied
        >>> psi = np.zeros((1, 64, 64))
        >>> psi[0, 5, -9] = 1
        >>> occupied(psi, 1.0, 1e-3)
        (12, 20)
    """
    magnitude = np.abs(psi) / np.abs(psi).max(axis=(1, 2), keepdims=True)
    kept = (magnitude > negligible).any(axis=0)  # (H, W)
    sides = []
    for axis, whole in enumerate(psi.shape[1:]):
        frequencies = np.abs(np.fft.fftfreq(whole, 1 / whole))
        reach = frequencies[kept.any(axis=1 - axis)].max()
        half = scipy.fft.next_fast_len(int(np.ceil(room * (reach + 1))), real=True)
        sides.append(min(whole, 2 * half))
    return sides[0], sides[1]


def crop(x_hat: torch.Tensor, h: int, w: int) -> torch.Tensor:
    """Return the lowest h x w frequencies of spectra, in the order of an FFT.

    Args:
        x_hat: Spectra, (..., H, W).
        h: Even number of rows, at most H.
        w: Even number of columns, at most W.

    Raises:
        ValueError: The spectra are smaller.

    Example:
        >>> import torch
        >>> from gsn.transforms.bands import crop
        >>> crop(torch.fft.fftfreq(8, 1 / 8).expand(8, 8), 4, 4)[0]
        tensor([ 0.,  1., -2., -1.])
    """
    H, W = x_hat.shape[-2:]
    if h > H or w > W:
        raise ValueError(f"a crop must be smaller than its spectrum: got {h}x{w} of {H}x{W}.")
    if h < H:
        x_hat = torch.cat([x_hat[..., : h // 2, :], x_hat[..., H - h // 2 :, :]], dim=-2)
    if w < W:
        x_hat = torch.cat([x_hat[..., : w // 2], x_hat[..., W - w // 2 :]], dim=-1)
    return x_hat


def cropped(psi: np.ndarray, h: int, w: int) -> np.ndarray:
    """Return the lowest h x w frequencies of filters in numpy, as `crop` does."""
    return crop(torch.from_numpy(np.ascontiguousarray(psi)), h, w).numpy()
