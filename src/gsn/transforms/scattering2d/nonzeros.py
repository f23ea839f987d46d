"""Wavelets in the Fourier domain without their zeros, for the compiled loops."""

import itertools
from typing import NamedTuple

import numpy as np

# values below this fraction of a filter's maximum are lost in its rounding
NEGLIGIBLE = {np.dtype("float32"): 1e-8, np.dtype("float64"): 1e-14}


class Wavelets(NamedTuple):
    """The wavelets of one scale, without their zeros.

    All positions and lengths count real numbers: a complex spectrum is seen as reals, with real
    and imaginary parts side by side.

    Attributes:
        segments: Rows (start, start', length, first), int64. `values[first : first + length]`
            multiply the numbers of the spectrum (H W) from `start` on. The products are added to
            the subsampled spectrum (h w) of their angle from `start'` on.
        values: Non-zeros of the Fourier transforms, divided by k^2, each of them twice.
        first: Row of `segments` that each angle begins at, and their number at the end, (L + 1,).
    """

    segments: np.ndarray
    values: np.ndarray
    first: np.ndarray


def wavelets(psi: np.ndarray, k: int, dtype: np.dtype) -> Wavelets:
    """Return the non-zeros of the wavelets of one scale, for a subsampling by k.

    Args:
        psi: Real Fourier transforms, (L, H, W).
        k: Step of the subsampling. It divides H and W.
        dtype: Type of the values, float32 or float64.

    Example:
        >>> import numpy as np
        >>> from gsn.transforms.scattering2d.nonzeros import wavelets
        >>> psi = np.zeros((1, 4, 4))
        >>> psi[0, 3, 1] = 4  # its alias is the frequency (1, 1) of 2 x 2
        >>> wavelets(psi, 2, np.dtype("float32")).segments.tolist()
        [[26, 6, 2, 0]]
    """
    h, w = psi.shape[1] // k, psi.shape[2] // k
    kept = np.abs(psi) > NEGLIGIBLE[dtype] * np.abs(psi).max()
    edges = np.diff(kept.astype(np.int8), axis=2, prepend=0, append=0)
    segments, values, angles, first = [], [], [], 0
    starts, ends = np.argwhere(edges == 1), np.argwhere(edges == -1)
    for (angle, row, start), (_, _, end) in zip(starts, ends, strict=True):
        cuts = [start, *range((start // w + 1) * w, end, w), end]  # aliases end at multiples of w
        for left, right in itertools.pairwise(cuts):
            to = row % h * w + left % w
            angles.append(angle)
            segments.append((2 * (row * psi.shape[2] + left), 2 * to, 2 * (right - left), first))
            values.append(np.repeat(psi[angle, row, left:right] / k**2, 2))
            first += 2 * (right - left)
    begins = np.searchsorted(angles, np.arange(len(psi) + 1))
    return Wavelets(np.array(segments), np.concatenate(values).astype(dtype), begins)
