"""The best linear estimate of an image from its sinogram, x_L = m + W (y - k), m and k the means.

W is a ridge regression from all measurements to all pixels, in its dual form, whose size is the
number of training images. The estimate of a training image leaves it out, in closed form:

    a = K (x - m),    x_i - x_L,i = mu a_i / (mu K_ii - 1/n),    K = (G + mu I)^-1

with the inner products G of the n centred sinograms. The penalty mu is the best of a list for these
estimates.

References:
    T. Hastie, R. Tibshirani and J. Friedman, The elements of statistical learning, 2nd edition,
    Springer, 2009, section 7.10.
"""

from dataclasses import dataclass

import numpy as np
import torch

PENALTIES = np.geomspace(1e-7, 1e-1, 13)  # by the mean of the diagonal of G


@dataclass(frozen=True)
class Lmmse:
    """The best linear estimate.

    Attributes:
        y: Centred sinograms of the training images, (n, M) float32.
        a: Coefficients, (n, H W) float32.
        mean_y, mean_x: Means, (M,) and (H W,) float32.
        variance: Mean squared error of a pixel of an image that is left out.
    """

    y: torch.Tensor
    a: torch.Tensor
    mean_y: torch.Tensor
    mean_x: torch.Tensor
    variance: float

    def __call__(self, y: torch.Tensor, shape: tuple[int, int]) -> torch.Tensor:
        """Return the estimates, (n, angles, detectors) -> (n, H, W)."""
        centred = y.flatten(1) - self.mean_y.to(y)
        products = centred @ self.y.to(y).mT
        return (products @ self.a.to(y) + self.mean_x.to(y)).reshape(-1, *shape)


def fit(x: np.ndarray, y: np.ndarray) -> tuple[Lmmse, np.ndarray]:
    """Return the best linear estimate, and those of the training images, each left out.

    Memory holds n^2 numbers, and the images and sinograms.

    Args:
        x: Images, (n, H, W).
        y: Their sinograms, (n, angles, detectors).

    Example:
        >>> import numpy as np, torch
        >>> from gsn.systems.tomography import lmmse
        >>> x = np.random.default_rng(0).random((50, 2, 2))
        >>> linear, left_out = lmmse.fit(x, 2 * x)
        >>> found = linear(torch.from_numpy(2 * x), (2, 2)).numpy()
        >>> bool(np.abs(found - x).max() < 1e-2), left_out.shape
        (True, (50, 2, 2))
    """
    rows_x, rows_y = x.reshape(len(x), -1), y.reshape(len(y), -1)
    mean_x, mean_y = rows_x.mean(axis=0), rows_y.mean(axis=0)
    centred_x, centred_y = np.float64(rows_x - mean_x), np.float64(rows_y - mean_y)
    values, vectors = np.linalg.eigh(centred_y @ centred_y.T)
    rotated, best = vectors.T @ centred_x, None
    for mu in PENALTIES * values.mean():
        inverse = 1 / (np.maximum(values, 0) + mu)
        a = vectors @ (inverse[:, None] * rotated)
        errors = mu * a / (mu * (vectors**2 @ inverse) - 1 / len(x))[:, None]
        mse = np.square(errors).mean()
        if best is None or mse < best[0]:
            best = mse, a, errors
    mse, a, errors = best
    parts = (torch.from_numpy(part.astype(np.float32)) for part in (centred_y, a, mean_y, mean_x))
    left_out = (rows_x - errors).reshape(x.shape).astype(np.float32)
    return Lmmse(*parts, variance=float(mse)), left_out
