"""The paper's measurements: PSNR of reconstructions (Table 1).

    PSNR = 10 log10(peak^2 / MSE)

The pooled figure takes the MSE over all pixels of all images; the mean figure averages the PSNR of the images. They
differ (the mean is the larger one), and Table 1 is most likely pooled: both are reported, never mixed.
"""

from collections.abc import Iterable

import numpy as np

PSNR_COLUMNS = ("n", "psnr_pooled_db", "psnr_mean_db")


def mse(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Mean squared error of each image: (n, ...), (n, ...) -> (n,) float64, in squared units of x.

    Raises:
        ValueError: if the shapes differ.
    """
    if x.shape != y.shape:
        raise ValueError(f"the images must have the same shape: got {x.shape} and {y.shape}.")
    difference = np.subtract(x, y, dtype=np.float64).reshape(len(x), -1)
    return np.mean(difference * difference, axis=1)


def psnr(errors: np.ndarray, *, peak: float) -> tuple[float, float]:
    """Pooled PSNR and mean of the PSNRs of the images, in dB.

    Args:
        errors: (n,) mean squared error of each image, as from `mse`.
        peak: the range of the pixels: 255 for uint8, 1 for [0, 1], 2 for [-1, 1].

    Raises:
        ValueError: if there is no image, or an error is negative or not finite.
    """
    errors = np.asarray(errors, dtype=np.float64)
    if not errors.size or not np.isfinite(errors).all() or (errors < 0).any():
        raise ValueError(f"PSNR needs the finite, non-negative errors of at least one image: got {errors}.")
    with np.errstate(divide="ignore"):  # a perfect image has an infinite PSNR
        return float(10 * np.log10(peak**2 / errors.mean())), float(np.mean(10 * np.log10(peak**2 / errors)))


def psnr_of_pairs(pairs: Iterable[tuple[np.ndarray, np.ndarray]], *, peak: float) -> tuple[int, float, float]:
    """PSNR over batches of (original, reconstruction), in one pass: PSNR_COLUMNS."""
    errors = np.concatenate([mse(x, y) for x, y in pairs])
    return len(errors), *psnr(errors, peak=peak)
