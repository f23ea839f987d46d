"""The quality of reconstructions: PSNR (table 1 of Angles & Mallat 2018), with intervals.

    PSNR = 10 log10(peak^2 / MSE)

The pooled PSNR takes the MSE over all pixels of all images. The mean PSNR is the average over the
images, and is the larger one. Table 1 most likely has the pooled PSNR. Both are reported, and never
mixed.

References:
    T. Angles and S. Mallat, Generative networks as inverse problems with scattering transforms,
    ICLR, 2018.
    B. Efron and R. J. Tibshirani, An introduction to the bootstrap, Chapman & Hall, 1993.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import numpy as np

PSNR_COLUMNS = ("n", "psnr_pooled_db", "psnr_mean_db")
RESAMPLES = 1000
DRAWN = 2**22  # indices held at once
Key = TypeVar("Key")


def mse(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the mean squared error of each image.

    Args:
        x: Images, (n, ...).
        y: Other images, of the shape of x.

    Returns:
        Errors in squared units of x, (n,) float64.

    Raises:
        ValueError: The shapes differ.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.reconstruction import mse
        >>> mse(np.zeros((2, 3)), np.array([[0, 0, 3], [2, 2, 2]])).tolist()
        [3.0, 4.0]
    """
    if x.shape != y.shape:
        raise ValueError(
            f"the images must have the same shape: got {x.shape} and {y.shape}; crop or resize one."
        )
    difference = np.subtract(x, y, dtype=np.float64).reshape(len(x), -1)
    return np.mean(difference * difference, axis=1)


def psnr(errors: np.ndarray, *, peak: float) -> tuple[float, float]:
    """Return the pooled PSNR and the mean of the PSNRs of the images.

        PSNR = 10 log10(peak^2 / MSE)

    Args:
        errors: Mean squared error of each image, as from `mse`, (n,).
        peak: Range of the pixels: 255 for uint8, 1 for [0, 1], 2 for [-1, 1].

    Returns:
        Pooled and mean PSNR, in dB. A perfect image has an infinite PSNR.

    Raises:
        ValueError: There is no image, or an error is negative or not finite.

    Example:
        >>> from gsn.metrics.reconstruction import psnr
        >>> [round(value, 2) for value in psnr([0.01, 0.0001], peak=1)]
        [22.97, 30.0]
    """
    errors = np.asarray(errors, dtype=np.float64)
    if not errors.size or not np.isfinite(errors).all() or (errors < 0).any():
        raise ValueError(
            f"PSNR needs the finite, non-negative errors of at least one image: got {errors}; "
            "leave out the others."
        )
    with np.errstate(divide="ignore"):  # a perfect image has an infinite PSNR
        return float(10 * np.log10(peak**2 / errors.mean())), float(
            np.mean(10 * np.log10(peak**2 / errors))
        )


def mean_psnr(x: np.ndarray, y: np.ndarray) -> float:
    """Return the mean of the PSNRs of images in [0, 1], in dB.

    Args:
        x: Images, (n, ...).
        y: Other images, of the shape of x.

    Raises:
        ValueError: The shapes differ, there is no image, or an error is not finite.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.reconstruction import mean_psnr
        >>> round(mean_psnr(np.zeros((2, 8, 8)), np.full((2, 8, 8), 0.1)), 6)
        20.0
    """
    return psnr(mse(x, y), peak=1)[1]


def best(x: np.ndarray, tried: Mapping[Key, np.ndarray]) -> Key:
    """Return the key of the images with the largest mean PSNR, the first one of equals.

    Args:
        x: True images in [0, 1], (n, ...).
        tried: Images by what they were made with, such as the weight of a penalty.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.reconstruction import best
        >>> x = np.ones((2, 8, 8))
        >>> best(x, {0.1: 0.5 * x, 0.2: 0.9 * x, 0.3: 0.8 * x})
        0.2
    """
    scores = {key: mean_psnr(x, y) for key, y in tried.items()}
    return max(scores, key=scores.__getitem__)


def interval(
    errors: np.ndarray, *, peak: float, seed: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return 95 % bootstrap intervals over the images, of the pooled and of the mean PSNR.

    Images are drawn with replacement, as many as there are, 1000 times. The limits are the
    percentiles 2.5 and 97.5 of the PSNRs. The interval tells how much the PSNR depends on which
    images were measured. It does not tell how much it depends on the training.

    Args:
        errors: Mean squared error of each image, as from `mse`, (n,).
        peak: Range of the pixels: 255 for uint8, 1 for [0, 1], 2 for [-1, 1].
        seed: Seed of the resamples.

    Returns:
        Lower and upper limit of the pooled PSNR, and of the mean PSNR, in dB.

    Raises:
        ValueError: There is no image, or an error is negative or not finite.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.reconstruction import interval
        >>> pooled, mean = interval(np.full(50, 0.01), peak=1, seed=0)
        >>> [round(limit, 6) for limit in pooled + mean]
        [20.0, 20.0, 20.0, 20.0]
    """
    errors = np.asarray(errors, dtype=np.float64)
    psnr(errors, peak=peak)  # refuses what has none
    with np.errstate(divide="ignore"):
        decibels = 10 * np.log10(peak**2 / errors)
        rng, n, means = np.random.default_rng(seed), len(errors), []
        few = max(1, DRAWN // n)
        for done in range(0, RESAMPLES, few):
            rows = rng.integers(n, size=(min(few, RESAMPLES - done), n))
            means.append(np.stack([errors[rows].mean(axis=1), decibels[rows].mean(axis=1)]))
        pooled, mean = np.concatenate(means, axis=1)
        pooled = 10 * np.log10(peak**2 / pooled)
    # Limits that occur, not between two resamples, of which one may be infinite.
    low, high = np.quantile([pooled, mean], [0.025, 0.975], axis=1, method="inverted_cdf")
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))


def psnr_of_pairs(
    pairs: Iterable[tuple[np.ndarray, np.ndarray]], *, peak: float
) -> tuple[int, float, float]:
    """Return the number of images and their PSNR, from batches of pairs.

    Makes one pass over the batches. Memory holds one batch, and one number per image.

    Args:
        pairs: Batches of (original, reconstruction), (n, ...) each.
        peak: Range of the pixels: 255 for uint8, 1 for [0, 1], 2 for [-1, 1].

    Returns:
        The values of PSNR_COLUMNS: number of images, pooled PSNR and mean PSNR in dB.

    Raises:
        ValueError: The shapes of a pair differ, there is no image, or an error is not finite.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.reconstruction import psnr_of_pairs
        >>> x = np.zeros((4, 3, 8, 8))
        >>> n, pooled, mean = psnr_of_pairs([(x[:3], x[:3] + 0.1), (x[3:], x[3:] + 0.1)], peak=1)
        >>> n, round(pooled, 3), round(mean, 3)
        (4, 20.0, 20.0)
    """
    errors = np.concatenate([mse(x, y) for x, y in pairs])
    return len(errors), *psnr(errors, peak=peak)
