"""The Radon transform with parallel beams, as a sparse matrix of exact areas.

    (A x)(theta, k) = sum_p x(p) |pixel p and strip k at theta|

A pixel is a square of side 1 and a detector a strip of width 1, so a measurement is the line
integral, averaged over the strip, in pixels times the units of x. The shadow of a pixel is the
convolution of two boxes of widths |cos theta| and |sin theta|, whose integral is known in closed
form. Each angle conserves the sum of x, if the detectors cover it. A^T is the transposed matrix.

The pixel in row r and column c is at (c - (W - 1)/2, (H - 1)/2 - r), and the strip k is the set

    |u cos theta + v sin theta - (k - (D - 1)/2)| <= 1/2

At theta = 0 the detectors see the sums of the columns, from left to right, and at 90 degrees those
of the rows, from bottom to top. For odd sides this is the geometry of scikit-image.
"""

import math
import warnings

import numpy as np
import torch
from scipy import sparse

from gsn.inverse.operators import Operator
from gsn.runtime import arguments

NARROW = 1e-6  # least width of a box; its convolution is a difference of second order


class Radon(Operator):
    """The Radon transform of images at some angles, (..., H, W) -> (..., angles, detectors).

    Memory holds the matrix and its transpose, about 3 H W numbers and indices an angle each.

    Args:
        angles: Angles theta in degrees.
        shape: Height and width (H, W) of the images.
        detectors: Number of detectors; None for as many as the diagonal has pixels.
        scale: Width of a detector and side of a pixel, as a number in the units of the
            measurements: 0.5 on a grid of twice as many pixels. Strips have the width 1 / scale in
            pixels.

    Raises:
        ValueError: The angles are not finite, or there is none.

    Example:
        >>> import torch
        >>> from gsn.inverse.operators.radon import Radon
        >>> A = Radon([0, 90], (3, 3))
        >>> A(torch.arange(9.0).reshape(1, 3, 3)).round().tolist()
        [[[0.0, 9.0, 12.0, 15.0, 0.0], [0.0, 21.0, 12.0, 3.0, 0.0]]]
    """

    def __init__(
        self,
        angles,
        shape: tuple[int, int],
        detectors: int | None = None,
        *,
        scale: float = 1.0,
    ):
        self.angles = checked_angles(angles)
        self.scale = arguments.real("scale", scale, above=0, such_as=0.5)
        if detectors is None:
            detectors = math.ceil(math.hypot(*shape) * self.scale)
        self.detectors = arguments.integer("detectors", detectors, least=1)
        super().__init__(shape, (len(self.angles), self.detectors))
        parts = [strips(theta, shape, self.detectors, self.scale) for theta in self.angles]
        areas = sparse.vstack(parts, format="csr")
        self.matrix, self.matrix_transposed = map(_csr, (areas, areas.T.tocsr()))

    def product(self, x: torch.Tensor) -> torch.Tensor:
        """Return the sinograms."""
        return (self._as(x, "A", self.matrix) @ x.flatten(1).mT).mT.reshape(-1, *self.measured)

    def transposed(self, y: torch.Tensor) -> torch.Tensor:
        """Return the back-projections."""
        images = (self._as(y, "A^T", self.matrix_transposed) @ y.flatten(1).mT).mT
        return images.reshape(-1, *self.shape)


def checked_angles(angles) -> np.ndarray:
    """Return angles in degrees, (n,) float64.

    Raises:
        ValueError: They are no list of finite numbers.
    """
    angles = np.atleast_1d(arguments.array("angles", angles)).astype(np.float64)
    if angles.ndim != 1 or not len(angles) or not np.isfinite(angles).all():
        raise ValueError(
            f"angles must be a list of finite numbers in degrees: got {arguments.shown(angles)}; "
            "use numpy.arange(0, 180, 9)."
        )
    return angles


def strips(
    theta: float, shape: tuple[int, int], detectors: int, scale: float = 1.0
) -> sparse.csr_matrix:
    """Return the areas that pixels and strips share at an angle, (detectors, H W).

    Args:
        theta: Angle in degrees.
        shape: Height and width (H, W).
        detectors: Number of strips of the width 1.
        scale: Side of a pixel. An area is divided by the width of a strip, so it is a length.

    Example:
        >>> from gsn.inverse.operators.radon import strips
        >>> strips(45.0, (1, 1), 3).toarray().round(3).ravel().tolist()
        [0.043, 0.914, 0.043]
    """
    H, W = shape
    cos, sin = math.cos(math.radians(theta)), math.sin(math.radians(theta))
    v, u = np.meshgrid((H - 1) / 2 - np.arange(H), np.arange(W) - (W - 1) / 2, indexing="ij")
    centre = scale * (u * cos + v * sin).ravel() + detectors / 2  # strip k is [k, k + 1]
    widths = (max(scale * abs(cos), NARROW), max(scale * abs(sin), NARROW))
    reach = sum(widths) / 2
    first = np.floor(centre - reach).astype(np.int64)
    rows, columns, areas = [], [], []
    for step in range(int(np.ceil(2 * reach)) + 1):
        k = first + step
        shares = shadow(k + 1 - centre, *widths) - shadow(k - centre, *widths)
        kept = (shares > 1e-9) & (k >= 0) & (k < detectors)
        rows.append(k[kept])
        columns.append(np.flatnonzero(kept))
        areas.append(shares[kept] * scale**2)
    found = (np.concatenate(areas), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csr_matrix(found, shape=(detectors, H * W))


def shadow(t: np.ndarray, a: float, b: float) -> np.ndarray:
    """Return the integral up to t of the convolution of two boxes of widths a and b, from 0 to 1.

    Example:
        >>> import numpy as np
        >>> from gsn.inverse.operators.radon import shadow
        >>> shadow(np.array([-1.0, 0.0, 0.5, 1.0]), 1.0, 1.0).tolist()
        [0.0, 0.5, 0.875, 1.0]
    """
    t = np.clip(t, -(a + b) / 2, (a + b) / 2)
    ends = ((a + b) / 2, 1), ((a - b) / 2, -1), ((b - a) / 2, -1), (-(a + b) / 2, 1)
    return sum(sign * np.maximum(t + end, 0) ** 2 / 2 for end, sign in ends) / (a * b)


def _csr(matrix: sparse.csr_matrix) -> torch.Tensor:
    """Return a sparse matrix as a tensor in float64."""
    parts = map(torch.from_numpy, (matrix.indptr, matrix.indices, matrix.data))
    with warnings.catch_warnings():  # torch calls its sparse matrices a beta
        warnings.simplefilter("ignore", UserWarning)
        return torch.sparse_csr_tensor(*parts, size=matrix.shape, check_invariants=True)
