"""The best match of two images under what a transform does not see.

At 2^J = N, S_J of a periodic image x of mean m is the same for

    x(u - t),        x(-u),        2 m - x(u),

since a translation moves |x * psi| without changing its mean, x(-u) reflects it (psi(-u) is the
conjugate of psi(u), and x is real), and psi has the mean 0. An error is then measured after the
best of these.

References:
    J. Bruna and S. Mallat, Invariant scattering convolution networks, IEEE TPAMI 35(8), 2013.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from gsn.runtime import arguments


@dataclass(frozen=True)
class Alignment:
    """Images that were matched to others.

    Attributes:
        y: Matched images, (n, H, W) float64.
        shifts: Translation of each along rows and columns in pixels, (n, 2) float64.
        reflected: Whether each was reflected, before its translation, (n,) bool.
        reversed: Whether the contrast of each was reversed, (n,) bool.
    """

    y: np.ndarray
    shifts: np.ndarray
    reflected: np.ndarray
    reversed: np.ndarray


def align(
    x: np.ndarray,
    y: np.ndarray,
    *,
    reflection: bool = False,
    reversal: bool = False,
    factor: int = 1,
) -> Alignment:
    """Return images y, each under the transformation that brings it nearest to the image of x.

        min ||x - (m + s (y(r u - t) - m))||^2 over t, r and s in {1, -1}, with m the mean of y

    All translations are circular. The norm of the second image does not depend on t, r, s, so the
    minimum is where the correlation of the two images has the largest modulus, or value without a
    reversal. All correlations come from one FFT. A translation by a fraction of a pixel multiplies
    the spectrum, and keeps the real part.

    Args:
        x: Images, (n, H, W) real.
        y: Images that are moved, of the shape of x.
        reflection: Whether y(-u) is tried, r = -1.
        reversal: Whether the reversed contrast 2 m - y is tried, s = -1.
        factor: Number of translations that are tried within a pixel, along each axis.

    Raises:
        ValueError: The shapes differ, or a value is not finite.

    References:
        J. Bruna and S. Mallat, Invariant scattering convolution networks, IEEE TPAMI 35(8), 2013.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.alignment import align
        >>> x = np.random.default_rng(0).random((1, 8, 8))
        >>> y = 1 - np.roll(x[:, ::-1, ::-1], (2, 3), axis=(1, 2))
        >>> found = align(x, y, reflection=True, reversal=True)
        >>> found.reflected.tolist(), found.reversed.tolist()
        ([True], [True])
        >>> bool(np.allclose(found.y - found.y.mean(), x - x.mean()))
        True
    """
    x, y = (arguments.array(name, a).astype(np.float64) for name, a in (("x", x), ("y", y)))
    if x.ndim != 3 or x.shape != y.shape:
        raise ValueError(
            f"x and y must be images of one shape (n, H, W): got {x.shape} and {y.shape}; "
            "reshape them."
        )
    for name, images in (("x", x), ("y", y)):
        if not np.isfinite(images).all():
            raise ValueError(f"{name} must be finite: got NaN or infinity; leave those images out.")
    factor = arguments.integer("factor", factor, least=1)
    turns, signs = (False, True)[: 1 + reflection], (1, -1)[: 1 + reversal]
    found = [_matched(one, other, turns, signs, factor) for one, other in zip(x, y, strict=True)]
    moved, shifts, reflected, reversed_ = zip(*found, strict=True) if found else ([], [], [], [])
    return Alignment(
        np.reshape(moved, x.shape),
        np.reshape(shifts, (len(x), 2)),
        np.array(reflected, dtype=bool),
        np.array(reversed_, dtype=bool),
    )


def translate(x: np.ndarray, shift: tuple[float, float]) -> np.ndarray:
    """Return a periodic image x(u - t), also for a t between the pixels.

    Args:
        x: Image, (H, W) real.
        shift: Translation t along rows and columns, in pixels.

    Returns:
        Image, (H, W) float64.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.alignment import translate
        >>> translate(np.array([[1.0, 2.0, 3.0, 4.0]]), (0, 1))
        array([[4., 1., 2., 3.]])
    """
    whole = np.floor(shift).astype(int)
    rolled = np.roll(np.asarray(x, dtype=np.float64), whole, axis=(0, 1))
    rest = np.subtract(shift, whole)
    if not rest.any():  # exact
        return rolled
    return np.fft.ifft2(np.fft.fft2(rolled) * _phases(x.shape, -rest)).real


def _phases(shape: tuple[int, ...], offset: np.ndarray) -> np.ndarray:
    """Return e^{i omega offset} on the frequencies of an FFT, (H, W)."""
    row, column = (
        np.exp(2j * np.pi * np.fft.fftfreq(side) * one)
        for side, one in zip(shape, offset, strict=True)
    )
    return np.outer(row, column)


def _matched(
    x: np.ndarray, y: np.ndarray, turns: tuple, signs: tuple, factor: int
) -> tuple[np.ndarray, np.ndarray, bool, bool]:
    """Return one image matched to another, its translation, and whether r and s are -1."""
    x_hat, y_hat = np.fft.fft2(x), np.fft.fft2(y)
    steps = np.arange(factor) / factor
    best, chosen = -np.inf, (np.zeros(2), False, 1)
    for turned, row, column in itertools.product(turns, steps, steps):
        product = x_hat * (y_hat if turned else y_hat.conj())
        product[0, 0] = 0  # the mean is the same for all
        offset = np.array([row, column])
        # sum_u x(u) y(u - t) at t = the pixels + offset
        correlation = np.fft.ifft2(product * _phases(x.shape, offset)).real
        for sign in signs:
            place = np.unravel_index((sign * correlation).argmax(), x.shape)
            if sign * correlation[place] > best:
                best, chosen = sign * correlation[place], (place + offset, turned, sign)
    shift, turned, sign = chosen
    source = np.roll(y[::-1, ::-1], 1, axis=(0, 1)) if turned else y  # y(-u), about the origin
    mean = y.mean()
    return mean + sign * (translate(source, shift) - mean), shift, turned, sign < 0
