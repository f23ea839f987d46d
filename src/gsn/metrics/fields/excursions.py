"""Minkowski functionals of the sets {x >= t} of periodic fields, against the threshold t.

Area, perimeter and Euler number describe all that is additive and invariant to motions of a set of
the plane. For a Gaussian field of variance 1 whose slopes have the variance m along each axis,

    area = P(x >= t),   perimeter = sqrt(m)/2 exp(-t^2/2),   Euler = m t (2 pi)^{-3/2} exp(-t^2/2)

per point. So they show at a glance what is not Gaussian.

The border of a set is drawn by linear interpolation between pixels: in each square of four of them
it is a segment, or two at a saddle.

References:
    J. Schmalzing and K. M. Gorski, Minkowski functionals used in the morphological analysis of
    cosmic microwave background anisotropy maps, Monthly Notices of the Royal Astronomical Society
    297, 1998.
    S. B. Gray, Local properties of binary images in two dimensions, IEEE Transactions on Computers
    C-20(5), 1971.
"""

import numpy as np

from gsn.metrics.fields import arguments as checks
from gsn.runtime import arguments, loops


def minkowski(x: np.ndarray, thresholds: np.ndarray) -> dict[str, np.ndarray]:
    """Return area, perimeter and Euler number of the sets {x >= t} of each field, per point.

    At a saddle the two high corners are joined if the mean of the four pixels is at least t. Takes
    one pass over a field for each threshold.

    Args:
        x: Fields, (n, H, W) real, periodic.
        thresholds: Thresholds t in units of x, (thresholds,).

    Returns:
        `area`, the share of the points; `perimeter`, in 1 / pixel; `euler`, components less holes,
        in 1 / pixel^2; (n, thresholds) each. Times H W they are those of the whole field.

    Raises:
        ValueError: x is no batch of fields, or a number is not finite.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.fields import minkowski
        >>> u = np.hypot(*np.mgrid[-32:32, -32:32])
        >>> found = minkowski(20.0 - u[None], [0.0])  # a disc of radius 20
        >>> (found["perimeter"] * 64**2 / (2 * np.pi * 20)).round(3).tolist()
        [[1.0]]
        >>> (found["euler"] * 64**2).round().tolist()
        [[1.0]]
    """
    x = checks.fields("x", x)
    t = np.asarray(arguments.array("thresholds", thresholds), dtype=np.float64)
    if t.ndim != 1 or not len(t) or not np.isfinite(t).all():
        raise ValueError(
            f"thresholds must be a list of finite numbers: got {arguments.shown(thresholds)}; "
            "use np.linspace."
        )
    found = np.stack([[_functionals(field, level) for level in t] for field in x])
    found /= x.shape[1] * x.shape[2]  # (n, thresholds, 3)
    return {"area": found[..., 0], "perimeter": found[..., 1], "euler": found[..., 2]}


@loops.compiled(nogil=True)
def _functionals(x, t):
    """Return the number of points with x >= t, the length of their border, the Euler number."""
    H, W = x.shape
    points = 0
    length, quarters = 0.0, 0
    corner = np.empty(4)
    for i in range(H):
        for j in range(W):
            down, right = (i + 1) % H, (j + 1) % W
            corner[0], corner[1] = x[i, j], x[i, right]  # in order around the square
            corner[2], corner[3] = x[down, right], x[down, j]
            inside = 0
            for k in range(4):
                inside += corner[k] >= t
            points += x[i, j] >= t
            if inside == 1:
                quarters += 1
            elif inside == 3:
                quarters -= 1
            elif inside == 2 and (corner[0] >= t) == (corner[2] >= t):
                quarters += -2 if corner.mean() >= t else 2
            if 0 < inside < 4:
                length += _length(corner, t, inside)
    return np.array([points, length, quarters / 4])


@loops.compiled(nogil=True)
def _length(corner, t, inside):
    """Return the length of the border in a square of four pixels."""
    saddle = inside == 2 and (corner[0] >= t) == (corner[2] >= t)
    if inside == 2 and not saddle:  # between two opposite sides
        k = 0 if (corner[0] >= t) != (corner[1] >= t) else 1
        near = _crossing(corner[k], corner[k + 1], t)
        far = _crossing(corner[(k + 3) % 4], corner[k + 2], t)
        return np.hypot(1.0, near - far)
    joined = corner.mean() >= t if saddle else inside == 3
    length = 0.0
    for k in range(4):
        if (corner[k] >= t) != joined:  # this corner is cut off
            before = _crossing(corner[k], corner[k - 1], t)
            after = _crossing(corner[k], corner[(k + 1) % 4], t)
            length += np.hypot(before, after)
    return length


@loops.compiled(nogil=True)
def _crossing(a, b, t):
    """Return where the line from a to b reaches t, as a fraction of the way."""
    return (t - a) / (b - a)
