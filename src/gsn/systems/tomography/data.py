"""Images for tomography on a fine grid, and their sinograms.

The measurements are made from an image on a grid that is FINE times as fine as that of the
reconstruction, and x is its reduction by the means of squares. So no reconstruction can fit the
measurements exactly, as with real ones.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from gsn.data import head_ct, phantoms
from gsn.inverse import operands
from gsn.inverse.operators.radon import Radon
from gsn.runtime import arguments

FINE = 2
FAMILIES = ("ellipses", "textured", "ct")
SPLITS = ("train", "validation", "test")
# Slices of the head: between the splits are gaps of five, since neighbours are alike.
SLICES = {
    "train": [*range(46), *range(82, head_ct.SLICES)],
    "validation": list(range(51, 58)),
    "test": list(range(63, 77)),
}
BATCH = 64


def images(
    family: str, split: str, n: int, N: int, *, seed: int, volume: Path | None = None
) -> np.ndarray:
    """Return images on the fine grid.

    Those of `ct` are crops of slices at random places, mirrored at random, in the order of the
    slices.

    Args:
        family: One of FAMILIES, or shepp_logan.
        split: One of SPLITS. No two of them share an image, nor slices that are near.
        n: Number of images.
        N: Side of the reconstruction; the images have FINE times as many pixels.
        seed: Seed of the images.
        volume: Path of the CT, as in `gsn.data.head_ct`.

    Returns:
        Images, (n, FINE N, FINE N) float32 in [0, 1].

    Example:
        >>> from gsn.systems.tomography import data
        >>> data.images("ellipses", "train", 2, 16, seed=0).shape
        (2, 32, 32)
    """
    side, which = FINE * N, SPLITS.index(split)
    if family != "ct":
        indices = range(which, len(SPLITS) * n, len(SPLITS))
        return np.stack([phantoms.draw(family, side, seed=seed, index=i) for i in indices])
    slices = head_ct.read(volume)[SLICES[split]]
    if side > slices.shape[-1]:
        raise ValueError(
            f"N must be at most {slices.shape[-1] // FINE} for the CT: got N={N}; use a smaller N."
        )
    rng, found = np.random.default_rng([seed, which]), np.empty((n, side, side), np.float32)
    for i in range(n):
        top, left = rng.integers(slices.shape[-1] - side + 1, size=2)
        crop = slices[i * len(slices) // n, top : top + side, left : left + side]
        found[i] = crop[:, :: rng.choice([-1, 1])]
    return found


def examples(x) -> np.ndarray:
    """Return training images, (n, M, M) float32 in [0, 1].

    Raises:
        ValueError: They are not finite, negative, or of another shape.
    """
    x = arguments.array("x", x)
    if x.ndim == 4 and x.shape[1] == 1:
        x = x[:, 0]
    if x.ndim != 3 or x.shape[1] != x.shape[2] or len(x) < 2:
        raise ValueError(
            f"x must be square grey images (n, M, M), n of at least 2: got {x.shape}; crop them."
        )
    found = operands.scaled("x", x)
    if not np.isfinite(found).all() or found.min() < 0:
        raise ValueError(
            "x must be finite and not negative, an attenuation: got NaN, infinity or values below "
            "0; fill or clip them."
        )
    return found


def reduced(fine: np.ndarray) -> np.ndarray:
    """Return the means of squares of FINE x FINE pixels, (n, M, M) -> (n, M / FINE, M / FINE)."""
    n, M = fine.shape[0], fine.shape[-1] // FINE
    return fine.reshape(n, M, FINE, M, FINE).mean(axis=(2, 4))


def sinograms(
    fine: np.ndarray,
    angles: Sequence[float],
    detectors: int | None = None,
    *,
    noise: float,
    seed: int,
    level: float | None = None,
) -> tuple[np.ndarray, float]:
    """Return sinograms of fine images with Gaussian noise.

    Args:
        fine: Images on the fine grid, (n, M, M).
        angles: Angles in degrees.
        detectors: Number of detectors, each as wide as a pixel of the reconstruction; None for as
            many as its diagonal has pixels.
        noise: Deviation of the noise, as a fraction of the root mean square of the sinograms.
        seed: Seed of the noise; that of an image depends on its place.
        level: Deviation in the units of the sinograms, in place of `noise`.

    Returns:
        Sinograms, (n, angles, detectors) float32, and the deviation of their noise.
    """
    A = Radon(angles, fine.shape[1:], detectors, scale=1 / FINE)
    clean = torch.cat([A(part) for part in torch.from_numpy(fine).split(BATCH)])
    deviation = noise * float(clean.square().mean().sqrt()) if level is None else level
    shape = A.measured
    drawn = [np.random.default_rng([seed, i]).standard_normal(shape) for i in range(len(fine))]
    return (clean.numpy() + deviation * np.stack(drawn)).astype(np.float32), deviation
