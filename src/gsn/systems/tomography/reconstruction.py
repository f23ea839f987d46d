"""Sinograms to images in one call: the fit to examples, and the reconstruction."""

from collections.abc import Sequence

import torch

from gsn.inverse.operators.radon import checked_angles
from gsn.runtime import arguments
from gsn.systems.tomography.fitting import fit
from gsn.systems.tomography.model import checked


def reconstruct(
    sinogram,
    angles: Sequence[float],
    *,
    examples,
    noise: float = 0.02,
    J: int = 2,
    L: int = 8,
    seed: int = 0,
    device: torch.device | str | None = None,
):
    """Return images of sinograms, with a prior that is fitted to examples of such images.

    `fit` and the `reconstruct` of its model do the same in two steps, so that the fit serves
    again.

    Args:
        sinogram: Sinograms, (..., angles, detectors) float. A detector is as wide as a pixel, and
            the object lies within the examples' square, around the centre of the detectors.
        angles: Angles in degrees, one for each row.
        examples: Images of similar objects, (n, 2 N, 2 N) float in [0, 1] or uint8, at least 60.
        noise: Deviation of the noise, as a fraction of the root mean square of a sinogram.
        J, L: Scale, as log2, and angles of the wavelets.
        seed: Seed of the noise in the sinograms of the examples.
        device: Device to compute on; None for the first GPU, or the CPU.

    Returns:
        Images, (..., N, N), of the kind and dtype of the sinograms, in the units of the examples.

    Raises:
        ValueError: The angles do not match the sinogram, it is not finite, or the examples do not
            suit.

    Example:
        >>> import numpy as np
        >>> from gsn.data import phantoms
        >>> from gsn.systems import tomography
        >>> x = np.stack([phantoms.draw("ellipses", 16, seed=0, index=i) for i in range(61)])
        >>> y, _ = tomography.data.sinograms(x[60:], [0, 60, 120], noise=0.02, seed=1)
        >>> given = {"examples": x[:60], "J": 1, "L": 2, "device": "cpu"}
        >>> tomography.reconstruct(y, [0, 60, 120], **given).shape
        (1, 8, 8)
    """
    angles, shape = checked_angles(angles), tuple(getattr(sinogram, "shape", ()))
    if len(shape) < 2 or shape[-2] != len(angles):
        raise ValueError(
            "angles must be one for each row of the sinogram, (..., angles, detectors): got "
            f"{len(angles)} angles for {arguments.shown(shape)}; transpose it, or correct them."
        )
    measured = len(angles), shape[-1]
    checked(sinogram, measured)  # refused before the fit
    model = fit(
        examples, angles, detectors=shape[-1], noise=noise, J=J, L=L, seed=seed, device=device
    )
    return model.reconstruct(sinogram)
