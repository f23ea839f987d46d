"""The fit of tomography to training images, on the fine grid."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from gsn.decomposition import windows
from gsn.inverse.operators.radon import Radon, checked_angles
from gsn.runtime import arguments, machine, progress
from gsn.systems.tomography import data, lmmse, tuning
from gsn.systems.tomography.model import Tomography, Weights

BATCH = 100
HELD = 6  # one of so many training images, at the end, chooses the weights
LEAST = 60  # training images


@dataclass(frozen=True)
class Training:
    """What a fit was made from.

    Attributes:
        x: Training images on the grid of the reconstruction, (n, N, N) float32.
        first: Their first estimates, of least total variation and linear, (n, 2, N, N) float32.
        held: Validation images, (m, N, N), and their sinograms, (m, angles, detectors).
        noise: Deviation of the noise of a sinogram.
    """

    x: np.ndarray
    first: np.ndarray
    held: tuple[np.ndarray, np.ndarray]
    noise: float


def fit(
    x,
    angles: Sequence[float],
    *,
    detectors: int | None = None,
    noise: float = 0.02,
    J: int = 2,
    L: int = 8,
    validation: int | None = None,
    together: int = 1,
    seed: int = 0,
    device: torch.device | str | None = None,
) -> Tomography:
    """Fit first estimates and scattering coefficients for a geometry, and choose the weights.

    The sinograms of the images are made here, with noise. Memory holds them and the images.

    Args:
        x: Training images on a grid twice as fine as that of the reconstruction, (n, 2 N, 2 N)
            float in [0, 1] or uint8, at least 60. The last ones are not fitted to, but choose the
            weights.
        angles: Angles in degrees, as in `gsn.inverse.operators.radon`.
        detectors: Number of detectors, each as wide as a pixel of the reconstruction; None for as
            many as its diagonal has pixels.
        noise: Deviation of the noise of a sinogram, as a fraction of the root mean square of all.
        J: Scale of averaging, as log2; N must be a multiple of 2^J.
        L: Number of angles of the wavelets.
        validation: Number of images that choose the weights; None for a sixth of all.
        together: Number of consecutive images that are alike, such as neighbouring slices; they are
            held out together when the penalty of the regression is chosen.
        seed: Seed of the noise.
        device: Device to compute on; None for the first GPU, or the CPU.

    Returns:
        The fitted model, whose `reconstruct` takes sinograms.

    Raises:
        ValueError: The images or the angles are of another kind, or there are too few images.

    Example:
        >>> import numpy as np
        >>> from gsn.data import phantoms
        >>> from gsn.systems import tomography
        >>> x = np.stack([phantoms.draw("ellipses", 16, seed=0, index=i) for i in range(66)])
        >>> angles = [0, 45, 90, 135]
        >>> model = tomography.fit(x, angles, L=2, J=1, device="cpu")
        >>> y, _ = tomography.data.sinograms(x[:3], angles, noise=0.02, seed=1)
        >>> model.reconstruct(y, steps=3).shape
        (3, 8, 8)
    """
    given = {"detectors": detectors, "noise": noise, "J": J, "L": L, "validation": validation}
    given |= {"together": together, "seed": seed, "device": device}
    return fitted(x, angles, **given)[0]


def fitted(
    x,
    angles: Sequence[float],
    *,
    detectors: int | None,
    noise: float,
    J: int,
    L: int,
    validation: int | None,
    together: int,
    seed: int,
    device: torch.device | str | None,
) -> tuple[Tomography, Training]:
    """Return the model of `fit`, and what it was made from."""
    fine, theta = data.examples(x), checked_angles(angles)
    noise = arguments.real("noise", noise, least=0, such_as=0.02)
    seed, N = arguments.integer("seed", seed, least=0), fine.shape[-1] // data.FINE
    if len(fine) < LEAST:
        raise ValueError(f"x must hold at least {LEAST} images: got {len(fine)}; use more.")
    if fine.shape[-1] % data.FINE or N % 2**J:
        raise ValueError(
            f"the sides of x must be {data.FINE} N with N a multiple of 2**J: got "
            f"{fine.shape[-1]}, J={J}; crop them."
        )
    held = len(fine) // HELD if validation is None else validation
    held = arguments.integer("validation", held, least=1)
    device, truth = machine.chosen(device), data.reduced(fine)
    y, level = data.sinograms(fine, theta, detectors, noise=noise, seed=seed)
    A = Radon(theta, (N, N), y.shape[-1])
    error = (A(torch.from_numpy(truth)) - torch.from_numpy(y)).square().mean().sqrt()
    linear, left_out = lmmse.fit(truth[:-held], y[:-held])
    model = Tomography(
        angles=tuple(theta.tolist()),
        shape=(N, N),
        detectors=A.detectors,
        J=J,
        L=L,
        most=float(truth.max()),
        sigma=float(error),
        linear=linear,
        weights=Weights(tv=1.0),
    )
    model.parts["radon"] = A
    own = truth[-held:], torch.from_numpy(y[-held:]).to(device)
    model = replace(model, weights=tuning.first(model, *own))
    regression, first = _regression(model, truth[:-held], y[:-held], left_out, together, device)
    model = replace(model, windows=regression)
    model = replace(model, weights=tuning.chosen(model, *own))
    return model, Training(truth[:-held], first, (truth[-held:], y[-held:]), level)


def _regression(
    model: Tomography, x: np.ndarray, y: np.ndarray, left_out: np.ndarray, together: int, device
) -> tuple[windows.Windows, np.ndarray]:
    """Return the regression of coefficients on those of the first estimates, and these."""
    bar = progress.Progress(total=len(x), unit="image", label="fit coefficients")
    grid = (model.shape[0] // 2**model.J) * (model.shape[1] // 2**model.J)
    first = np.stack([np.zeros_like(x), left_out], axis=1)

    def triples():
        for i in range(0, len(x), BATCH):
            few = slice(i, i + BATCH)
            u, _ = model.first(torch.from_numpy(y[few]).to(device))
            first[few, 0] = u.cpu().numpy()
            S = model.coefficients(u, torch.from_numpy(left_out[few]).to(u))
            yield S, S[:, :0], model.transform(torch.from_numpy(x[few]).to(device))
            bar.update(len(u))

    found = windows.fit(triples(), together=together * grid)
    bar.close()
    return found, first
