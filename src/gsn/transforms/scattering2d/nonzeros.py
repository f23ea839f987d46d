"""Filters without their zeros, for the compiled loops: wavelets in the Fourier domain, and phi."""

import itertools
from typing import NamedTuple

import numpy as np

# values below this fraction of a filter's maximum are lost in its rounding
NEGLIGIBLE = {np.dtype("float32"): 1e-8, np.dtype("float64"): 1e-14}
LANES = 32  # numbers that a compiled loop handles at once


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


class Lowpass(NamedTuple):
    """The low-pass along one side of an image, with the part of each row that is not zero.

    A Gaussian of the width 2^J is zero to rounding beyond a few 2^J, so a row is short where the
    image is much larger than that. A row that goes around the edge of the torus is whole.

    Attributes:
        matrix: Low-pass and subsampling, (h, H') with H' a multiple of LANES, zeros after H.
        spans: First number of each row, and the end, in multiples of LANES, (h, 2) int64.
    """

    matrix: np.ndarray
    spans: np.ndarray


def lowpass(matrix: np.ndarray, dtype: np.dtype) -> Lowpass:
    """Return a low-pass with the spans of its rows.

    Args:
        matrix: Low-pass and subsampling, (h, H).
        dtype: Type of the values, float32 or float64.

    Example:
        >>> import numpy as np
        >>> from gsn.transforms.scattering2d.nonzeros import lowpass
        >>> short = lowpass(np.eye(3, 100, k=40), np.dtype("float32"))
        >>> short.matrix.shape, short.spans.tolist()
        ((3, 128), [[32, 64], [32, 64], [32, 64]])
    """
    size = np.abs(matrix)
    kept = size > NEGLIGIBLE[dtype] * size.max()
    first = kept.argmax(axis=1) // LANES * LANES
    last = matrix.shape[1] - kept[:, ::-1].argmax(axis=1)
    # No part of a product is then too short for vector instructions.
    filled = np.pad(matrix.astype(dtype), ((0, 0), (0, -matrix.shape[1] % LANES)))
    return Lowpass(filled, np.stack([first, -(-last // LANES) * LANES], axis=1))
