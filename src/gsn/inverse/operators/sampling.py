"""Blur and decimation by a factor: a small image y of a large one x.

    y = D x D^T

The rows of D, (N/s, N), are the cubic kernel of Keys (1981), stretched by the factor s, at the
centres of the small pixels. It is the antialiased bicubic reduction of Pillow and torch, but for
the border, where x is reflected here (half-sample symmetry). D has full rank, so

    A^+ y = D^+ y D^+T,    D^+ = D^T (D D^T)^-1,    A A^+ = I

The images with A x = y are A^+ y + (I - A^+ A) z. What y knows of x is A^+ y.

References:
    R. G. Keys, Cubic convolution interpolation for digital image processing, IEEE TASSP 29(6),
    1981.
"""

import numpy as np
import torch

from gsn.inverse.operators import Operator
from gsn.runtime import arguments

SHARPNESS = -0.5  # a of Keys


class Decimation(Operator):
    """Antialiased reduction by a factor, (..., H, W) -> (..., H/s, W/s).

    Args:
        factor: Factor s, at least 2, a divisor of both sides.
        shape: Height and width (H, W) of the large images.

    Raises:
        ValueError: The factor does not divide a side.

    Example:
        >>> import torch
        >>> from gsn.inverse.operators.sampling import Decimation
        >>> A = Decimation(4, (32, 32))
        >>> y = A(torch.rand(2, 32, 32, dtype=torch.float64))
        >>> y.shape, torch.allclose(A(A.inverse(y)), y)
        (torch.Size([2, 8, 8]), True)
    """

    def __init__(self, factor: int, shape: tuple[int, int]):
        self.factor = arguments.integer("factor", factor, least=2)
        for side in shape:
            if side % self.factor or side < 2 * self.factor:
                near = max(side // self.factor, 2) * self.factor
                raise ValueError(
                    f"factor must divide the sides of an image: got factor={self.factor} for "
                    f"{shape[0]} x {shape[1]}; crop or pad to multiples of it, such as {near}."
                )
        super().__init__(shape, (shape[0] // self.factor, shape[1] // self.factor))
        self.rows, self.columns = (torch.from_numpy(matrix(side, self.factor)) for side in shape)
        self.rows_inverse, self.columns_inverse = map(torch.linalg.pinv, (self.rows, self.columns))

    def product(self, x: torch.Tensor) -> torch.Tensor:
        """Return the small images."""
        return self._as(x, "rows", self.rows) @ x @ self._as(x, "columns", self.columns).mT

    def transposed(self, y: torch.Tensor) -> torch.Tensor:
        """Return A^T y."""
        return self._as(y, "rows", self.rows).mT @ y @ self._as(y, "columns", self.columns)

    def inverse(self, y: torch.Tensor) -> torch.Tensor:
        """Return A^+ y, the smallest image with A x = y, (..., H/s, W/s) -> (..., H, W)."""
        rows = self._as(y, "rows^+", self.rows_inverse)
        return rows @ y @ self._as(y, "columns^+", self.columns_inverse).mT

    def unseen(self, x: torch.Tensor) -> torch.Tensor:
        """Return (I - A^+ A) x, the part of images that y does not know, (..., H, W)."""
        return x - self.inverse(self(x))

    def consistent(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the images with A x = y that are nearest to x, x + A^+ (y - A x)."""
        return x + self.inverse(y - self(x))


def matrix(N: int, factor: int) -> np.ndarray:
    """Return the matrix D of the reduction of N samples, (N / factor, N) float64.

    Example:
        >>> from gsn.inverse.operators.sampling import matrix
        >>> matrix(8, 2).sum(axis=1).round(6).tolist()
        [1.0, 1.0, 1.0, 1.0]
    """
    centres = (np.arange(N // factor) + 0.5) * factor - 0.5
    D = np.zeros((N // factor, N))
    for row, centre in enumerate(centres):
        reach = np.arange(int(np.floor(centre)) - 2 * factor, int(np.ceil(centre)) + 2 * factor + 1)
        weights = cubic((reach - centre) / factor)
        folded = reach % (2 * N)
        np.add.at(D[row], np.minimum(folded, 2 * N - 1 - folded), weights / weights.sum())
    return D


def cubic(t: np.ndarray) -> np.ndarray:
    """Return the cubic kernel of Keys with a = -1/2.

    Example:
        >>> import numpy as np
        >>> from gsn.inverse.operators.sampling import cubic
        >>> cubic(np.array([0.0, 0.5, 1.5, 2.5])).tolist()
        [1.0, 0.5625, -0.0625, 0.0]
    """
    t, a = np.abs(t), SHARPNESS
    near = (a + 2) * t**3 - (a + 3) * t**2 + 1
    far = a * (t**3 - 5 * t**2 + 8 * t - 4)
    return np.where(t < 1, near, np.where(t < 2, far, 0.0))
