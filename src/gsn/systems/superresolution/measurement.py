"""Errors of large images beside the true ones, with intervals over the images.

    psnr_db         mean over the images, in dB, of x in [0, 1]
    ssim            mean over the images
    band_energy     energy above the Nyquist frequency of y, sum over the images, relative error
    band_db         mean over the images of the logarithm of the same ratio, in dB
    order1_error    ||S x^ - S x|| / ||S x|| over the paths of order 1 from the two finest scales
    order2_error    the same for order 2
    order2_bias     sum (S x^ - S x) / sum S x over the same paths of order 2
    consistency     max |A x^ - y|

S here has another J and another L than the method has by default, so its paths are held out. The
band is that of the cosine transform: the frequencies with a component above 1 / (2 s).
"""

import numpy as np
import torch
from scipy import fft

from gsn.inverse.operators.sampling import Decimation
from gsn.metrics import reconstruction, resampling, similarity
from gsn.transforms import Scattering2D

J, L = 4, 6  # of the transform that judges; those of the method are 3 and 8
FINEST = 2  # scales of its first wavelets
MEASURES = (
    "psnr_db",
    "ssim",
    "band_energy",
    "band_db",
    "order1_error",
    "order2_error",
    "order2_bias",
)
COLUMNS = (
    "factor",
    "N",
    "method",
    "n",
    *(f"{name}{end}" for name in MEASURES for end in ("", "_low", "_high")),
    "consistency",
    "gap",
    "chosen",
    "seconds",
)


def band(x: np.ndarray, factor: int) -> np.ndarray:
    """Return the energy of images above the Nyquist frequency of the small image, (n,).

    Example:
        >>> import numpy as np
        >>> from gsn.systems.superresolution.measurement import band
        >>> band(np.ones((1, 8, 8)), 2).round(6).tolist()
        [0.0]
    """
    squares = np.square(fft.dctn(x.astype(np.float64), axes=(1, 2), norm="ortho"))
    H, W = x.shape[1:]
    squares[:, : H // factor, : W // factor] = 0
    return squares.sum(axis=(1, 2))


def judged(x: np.ndarray) -> list[np.ndarray]:
    """Return the coefficients of held-out paths of order 1 and of order 2, (n, ...) each."""
    transform = Scattering2D(J, x.shape[1:], L)
    meta = transform.meta()
    fine = (meta["j1"] >= 0) & (meta["j1"] < FINEST)
    S = transform(torch.from_numpy(x.astype(np.float32))).numpy()
    return [S[:, fine & (meta["order"] == order)].reshape(len(x), -1) for order in (1, 2)]


def parts(x: np.ndarray, found: np.ndarray, factor: int) -> dict[str, np.ndarray]:
    """Return the numbers of each image from which the measures are made, (n,) each."""
    first, second = zip(judged(x), judged(found), strict=True)
    bytes_ = [255 * image[:, None].clip(0, 1) for image in (x, found)]
    return {
        "mse": reconstruction.mse(x, found),
        "ssim": similarity.ssim(*bytes_),
        "band": band(x, factor),
        "band_found": band(found, factor),
        "first": np.square(first[0]).sum(axis=1),
        "first_error": np.square(first[1] - first[0]).sum(axis=1),
        "second": np.square(second[0]).sum(axis=1),
        "second_error": np.square(second[1] - second[0]).sum(axis=1),
        "second_sum": second[0].sum(axis=1),
        "second_bias": (second[1] - second[0]).sum(axis=1),
    }


def of_rows(numbers: dict[str, np.ndarray], rows: np.ndarray) -> dict[str, float]:
    """Return the measures of some images."""
    own = {name: values[rows] for name, values in numbers.items()}
    total = {name: values.sum() for name, values in own.items()}
    ratio = np.maximum(own["band_found"], 1e-12) / np.maximum(own["band"], 1e-12)
    return {
        "psnr_db": np.mean(-10 * np.log10(np.maximum(own["mse"], 1e-20))),
        "ssim": own["ssim"].mean(),
        "band_energy": total["band_found"] / total["band"] - 1,
        "band_db": np.mean(10 * np.log10(ratio)),
        "order1_error": np.sqrt(total["first_error"] / total["first"]),
        "order2_error": np.sqrt(total["second_error"] / total["second"]),
        "order2_bias": total["second_bias"] / total["second_sum"],
    }


def measured(x: np.ndarray, found: np.ndarray, y: np.ndarray, factor: int, seed: int = 0) -> dict:
    """Return the measures of a method with their intervals, and the largest |A x^ - y|.

    Args:
        x: True images, (n, H, W) in [0, 1].
        found: Images of the method, (n, H, W).
        y: Small images, (n, H/s, W/s).
        factor: Factor s.
        seed: Seed of the resamples.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.superresolution import measurement
        >>> x = np.random.default_rng(0).random((3, 16, 16))
        >>> row = measurement.measured(x, 0.9 * x, x[:, ::2, ::2], 2)
        >>> round(row["band_energy"], 2), round(row["order1_error"], 2)
        (-0.19, 0.1)
    """
    numbers = parts(x, found, factor)
    every = np.arange(len(x))
    row = {"n": len(x)}
    for name, value in of_rows(numbers, every).items():
        low, high = resampling.interval(
            lambda rows, name=name: of_rows(numbers, rows)[name], len(x), seed=seed
        )
        row |= {name: float(value), f"{name}_low": low, f"{name}_high": high}
    A = Decimation(factor, x.shape[1:])
    again = A(torch.from_numpy(found.astype(np.float64))).numpy()
    return row | {"consistency": float(np.abs(again - y).max())}
