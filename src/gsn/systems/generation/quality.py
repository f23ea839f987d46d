"""The measures of reconstructions in the tables of PSNR: with intervals, and SSIM.

One pass over the images measures them all. Memory holds one batch, and one number per image.
"""

from collections.abc import Iterable

import numpy as np

from gsn.metrics import reconstruction, similarity

SSIM_IMAGES = 1024  # measured at most; SSIM takes far longer than the PSNR
COLUMNS = (
    *reconstruction.PSNR_COLUMNS,
    "psnr_pooled_low_db",
    "psnr_pooled_high_db",
    "psnr_mean_low_db",
    "psnr_mean_high_db",
    "ssim",
    "ssim_n",
)


def measured(
    pairs: Iterable[tuple[np.ndarray, np.ndarray]], shape: tuple[int, ...], *, seed: int = 0
) -> list[float]:
    """Return the measures of a split, by the names in COLUMNS.

    The SSIM is the mean over at most 1,024 images, evenly spaced. It is NaN if their sides have
    fewer than 11 pixels.

    Args:
        pairs: Batches of images and of their reconstructions in [0, 255], as rows of pixels or not.
        shape: Shape of the images, (n, c, N, N).
        seed: Seed of the resamples of the intervals.

    Raises:
        ValueError: The shapes of a pair differ, there is no image, or an error is not finite.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.generation.quality import COLUMNS, measured
        >>> x = np.full((4, 1, 16, 16), 100.0)
        >>> row = dict(zip(COLUMNS, measured([(x, x + 25.5)], x.shape), strict=True))
        >>> row["n"], round(row["psnr_pooled_db"], 6), round(row["psnr_mean_low_db"], 6)
        (4, 20.0, 20.0)
    """
    n, *image = shape
    chosen = np.unique(np.linspace(0, n - 1, min(n, SSIM_IMAGES)).astype(int))
    if min(image[1:]) < similarity.WINDOW:
        chosen = chosen[:0]
    errors, similarities, done = [], [], 0
    for x, y in pairs:
        errors.append(reconstruction.mse(x, y))
        rows = chosen[(chosen >= done) & (chosen < done + len(x))] - done
        if len(rows):
            similarities.append(
                similarity.ssim(x[rows].reshape(-1, *image), y[rows].reshape(-1, *image))
            )
        done += len(x)
    errors = np.concatenate(errors)
    pooled, mean = reconstruction.interval(errors, peak=255, seed=seed)
    alike = np.concatenate(similarities).mean() if similarities else np.nan
    found = [*reconstruction.psnr(errors, peak=255), *pooled, *mean, float(alike)]
    return [len(errors), *found, len(chosen)]
