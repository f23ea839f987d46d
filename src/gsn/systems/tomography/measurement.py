"""Errors of reconstructions beside the true images, with intervals over the images.

psnr_db      mean over the images, in dB, of x in [0, 1]
ssim         mean over the images
band_error   mean over the images of |E(x^) / E(x) - 1|, E the energy of the finest octave of
             frequency
against_tv_db  mean over the images of the difference of PSNR to total variation at the weight
             that is the best on the test images
wins         share of the images on which that difference is above 0
"""

import numpy as np

from gsn.metrics import reconstruction, resampling, similarity, spectrum

MEASURES = ("psnr_db", "ssim", "band_error", "against_tv_db")
REFERENCE = "tv, oracle"
COLUMNS = (
    "family",
    "geometry",
    "N",
    "method",
    "n",
    *(f"{name}{end}" for name in MEASURES for end in ("", "_low", "_high")),
    "wins",
    "gap",
    "chosen",
    "seconds",
)


def numbers(x: np.ndarray, found: np.ndarray, reference: np.ndarray) -> dict[str, np.ndarray]:
    """Return the measures of each image, (n,) each.

    Args:
        x: True images, (n, N, N) in [0, 1].
        found: Images of the method, (n, N, N).
        reference: Those of REFERENCE.
    """
    bytes_ = [255 * image[:, None].clip(0, 1) for image in (x, found)]
    bands = [spectrum.energies(image[:, None])[:, -1] for image in (x, found)]
    own, other = (-10 * np.log10(reconstruction.mse(x, one)) for one in (found, reference))
    return {
        "psnr_db": own,
        "ssim": similarity.ssim(*bytes_),
        "band_error": np.abs(bands[1] / bands[0] - 1),
        "against_tv_db": own - other,
    }


def measured(x: np.ndarray, found: np.ndarray, reference: np.ndarray, seed: int = 0) -> dict:
    """Return the measures of a method with their intervals.

    Args:
        x, found, reference: As in `numbers`.
        seed: Seed of the resamples.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.tomography import measurement
        >>> x = np.random.default_rng(0).random((3, 16, 16))
        >>> row = measurement.measured(x, 0.9 * x, 0.8 * x)
        >>> round(row["against_tv_db"], 2), row["wins"], round(row["band_error"], 2)
        (6.02, 1.0, 0.19)
    """
    row = {"n": len(x)}
    each = numbers(x, found, reference)
    for name, values in each.items():
        low, high = resampling.interval(
            lambda rows, values=values: values[rows].mean(), len(x), seed=seed
        )
        row |= {name: float(values.mean()), f"{name}_low": low, f"{name}_high": high}
    return row | {"wins": float((each["against_tv_db"] > 0).mean())}
