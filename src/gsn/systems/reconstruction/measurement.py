"""The PSNR of reconstructions, by image, J and order, after what S_J cannot see is undone."""

import logging
from pathlib import Path

import numpy as np
import torch

from gsn.metrics import alignment, reconstruction
from gsn.systems.reconstruction.inversion import reconstruct
from gsn.transforms import Scattering2D

log = logging.getLogger(__name__)

PEAK = 1.0  # range of a pixel
FACTOR = 8  # translations that are tried within a pixel, along each axis
COLUMNS = (
    "pictures",
    "image",
    "N",
    "J",
    "L",
    "order",
    "coefficients",
    "per_pixel",
    "starts",
    "steps",
    "psnr_db",
    "psnr_unaligned_db",
    "constant_db",
    "error",
    "shift_rows",
    "shift_columns",
    "reflected",
    "reversed",
    "seconds",
)


def transform_of(N: int, *, J: int, L: int, order: int) -> Scattering2D:
    """Return the transform of periodic images of side N, at 2^J = N that of means over the image.

    Example:
        >>> from gsn.systems.reconstruction.measurement import transform_of
        >>> transform_of(16, J=4, L=4, order=1).K
        17
    """
    grids = {"moments": 2**J == N, "oversampling": int(2**J == N)}  # no aliases in the means
    return Scattering2D(J, (N, N), L, order, boundary="periodic", **grids)


def aligned(x: np.ndarray, y: np.ndarray, *, J: int) -> alignment.Alignment:
    """Return reconstructions under the best of the transformations that leave S_J as it is.

    At 2^J = N they are the translations, also by eighths of a pixel, the reflection and the
    reversed contrast. Below, only translations by whole pixels are tried, and at 2^J = N/2 the
    reflection: the maps have the points 0 and N/2 along a side, which x(-u) leaves in place.

    Args:
        x: Images, (n, N, N).
        y: Their reconstructions, (n, N, N).
        J: Scale of averaging, as log2.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.reconstruction.measurement import aligned
        >>> x = np.random.default_rng(0).random((1, 8, 8))
        >>> found = aligned(x, np.roll(x, 3, axis=2), J=3)
        >>> bool(np.allclose(found.y, x))
        True
    """
    if min(x.shape[-2:]) > 2**J:
        return alignment.align(x, y, reflection=x.shape[-1] == 2 * 2**J)
    return alignment.align(x, y, reflection=True, reversal=True, factor=FACTOR)


def psnr(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the PSNR of each image in [0, 1] in dB, (n,) float64.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.reconstruction.measurement import psnr
        >>> psnr(np.zeros((2, 4, 4)), np.full((2, 4, 4), 0.1)).round(6).tolist()
        [20.0, 20.0]
    """
    errors = reconstruction.mse(x, y)
    return np.array([reconstruction.psnr(one, peak=PEAK)[0] for one in errors])


def measured(
    pictures: str,
    names: list[str],
    x: np.ndarray,
    *,
    J: int,
    L: int,
    order: int,
    starts: int,
    steps: int,
    tolerance: float,
    seed: int,
    device: torch.device,
    checkpoint: Path | None = None,
    stamp: str = "",
) -> tuple[list[dict], np.ndarray]:
    """Reconstruct images from S_J, and measure the reconstructions.

    Args:
        pictures: Name of the set of images.
        names: Name of each image.
        x: Images, (n, N, N) float32 or float64 in [0, 1].
        J: Scale of averaging, as log2.
        L: Number of angles.
        order: Largest number of wavelets on a path, 1 or 2.
        starts: Number of starts.
        steps: Number of steps of each start.
        tolerance: Error at which a descent ends.
        seed: Seed of the starts.
        device: Device to compute on.
        checkpoint: Folder of the states of the descents, which the caller deletes.
        stamp: Whatever else the run depends on.

    Returns:
        Row for each image with the keys COLUMNS, and the aligned reconstructions, (n, N, N).
    """
    N = x.shape[-1]
    transform = transform_of(N, J=J, L=L, order=order)
    S = transform(torch.from_numpy(x).to(device))
    found = reconstruct(
        S,
        transform,
        n_starts=starts,
        steps=steps,
        tolerance=tolerance,
        seed=seed,
        checkpoint=checkpoint,
        stamp=stamp,
    )
    y, error = found.x.cpu().numpy(), found.error.cpu().numpy()
    best = aligned(x, y, J=J)
    constant = np.broadcast_to(x.mean(axis=(1, 2), keepdims=True), x.shape)
    same = {"pictures": pictures, "N": N, "J": J, "L": L, "order": order, "starts": starts}
    same |= {"steps": steps, "coefficients": S[0].numel(), "per_pixel": S[0].numel() / N**2}
    rows = []
    for i, (own, plain, floor) in enumerate(
        zip(psnr(x, best.y), psnr(x, y), psnr(x, constant), strict=True)
    ):
        log.info("%s, J = %d, order %d: %.2f dB, error %.1e", names[i], J, order, own, error[i])
        measures = {"psnr_db": own, "psnr_unaligned_db": plain, "constant_db": floor}
        moved = {"shift_rows": best.shifts[i, 0], "shift_columns": best.shifts[i, 1]}
        moved |= {"reflected": bool(best.reflected[i]), "reversed": bool(best.reversed[i])}
        seconds = {"error": float(error[i]), "seconds": found.seconds / len(x)}
        rows.append(same | {"image": names[i]} | measures | moved | seconds)
    return rows, best.y
