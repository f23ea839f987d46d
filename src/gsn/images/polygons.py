"""Polygon5: random convex polygons of at most five vertices, with random colours (section 4 of the paper).

    x = b + a (f - b),        a(u) = |P ∩ pixel(u)|,        P = hull of 5 uniform points in [0, N]^2

with f, b uniform in [0, 255]^3. The coverage a is the exact area, in closed form: no supersampling.

# ASSUME: the paper does not say how its polygons are drawn; hull, colours and antialiasing are our choice.
"""

import functools
import math
from collections.abc import Iterator

import numba
import numpy as np
from scipy.spatial import ConvexHull

from gsn.images import Item

SPLITS = ("train", "test")


def coverage(vertices: np.ndarray, N: int) -> np.ndarray:
    """Area that a convex polygon covers of each pixel of an N x N grid.

    With h the line through an edge, the part of pixel (i, j) to the left of that edge is
    ∫ clip(h(u) - i, 0, 1) du over the columns that the edge spans; signed sums over the edges give the
    polygon (Green's theorem), and P(s) = ∫ clip(s, 0, 1) ds gives each integral in closed form.

    Args:
        vertices: (m, 2) float in [0, N], corners (u1, u2) = (row, column) in pixels, in order around the polygon.
        N: side of the grid, in pixels.

    Returns:
        (N, N) float64 in [0, 1], row by column.
    """
    area = np.zeros((N, N))
    _cover(area, np.asarray(vertices, dtype=np.float64))
    return area


@numba.njit(nogil=True, cache=True)
def _cover(area, vertices):
    """Set area to the part of each pixel that the polygon covers."""
    area[:] = 0
    for e in range(len(vertices)):
        (row0, column0), (row1, column1) = vertices[e - 1], vertices[e]
        if column0 != column1:  # a vertical edge spans no column
            _add_edge(area, row0, column0, row1, column1)
    for i in range(area.shape[0]):
        for j in range(area.shape[1]):
            area[i, j] = min(abs(area[i, j]), 1.0)


@numba.njit(nogil=True, cache=True)
def _add_edge(area, row0, column0, row1, column1):
    """Add what lies above the edge from (row0, column0) to (row1, column1), with the sign of its direction."""
    slope = (row1 - row0) / (column1 - column0)
    low, high = min(column0, column1), max(column0, column1)
    above, below = int(min(row0, row1)), math.ceil(max(row0, row1))  # the edge crosses the rows between
    for j in range(int(low), math.ceil(high)):
        left, right = max(j, low), min(j + 1, high)
        signed = right - left if column0 < column1 else left - right
        height = row0 + slope * ((left + right) / 2 - column0)  # at the middle of the span
        half = abs(slope) * (right - left) / 2
        for i in range(above):
            area[i, j] += signed
        for i in range(above, below):
            s = height - i
            if half < 1e-7:  # flat: the mean of clip over [s - half, s + half] is clip(s) to rounding
                area[i, j] += signed * min(max(s, 0.0), 1.0)
            else:
                area[i, j] += signed * (_clip_integral(s + half) - _clip_integral(s - half)) / (2 * half)


@numba.njit(nogil=True, cache=True)
def _clip_integral(s):
    """∫_{-∞}^{s} clip(t, 0, 1) dt."""
    inside = min(max(s, 0.0), 1.0)
    return inside * inside / 2 + max(s - 1, 0.0)


def items(split: str, n: int, N: int, **settings: object) -> Iterator[Item]:
    """The first n polygons of a split; `settings` are those of `draw`."""
    for index in range(n):
        yield Item(f"polygon {index} of {split}", functools.partial(draw, index, N, split=split, **settings))


def draw(
    index: int,
    N: int,
    *,
    split: str,
    seed: int = 0,
    channels: int = 3,
    points: int = 5,
    background: str | list[int] = "random",
    min_area: float = 0.0,
) -> np.ndarray:
    """Draw one polygon; it depends on its index, its split, the seed and these settings alone.

    Args:
        index: which image of the split.
        N: side, in pixels.
        split: `train` or `test`.
        seed: of the whole data set.
        channels: 3, or 1 for grey.
        points: how many points the hull is of, at least 3.
        background: `random`, or one value in [0, 255] per channel.
        min_area: least area of the polygon, as a fraction of the image; smaller ones are drawn again.

    Returns:
        (channels, N, N) uint8.
    """
    rng = np.random.default_rng([seed, SPLITS.index(split), index])
    hull = None
    while hull is None or hull.volume < min_area * N * N:  # of a hull in the plane, `volume` is the area
        hull = ConvexHull(rng.uniform(0, N, size=(points, 2)))
    b, f = rng.uniform(0, 255, size=(2, channels, 1, 1))
    if background != "random":
        b = np.reshape(background, (channels, 1, 1))
    image = np.empty((channels, N, N), dtype=np.uint8)
    _paint(image, hull.points[hull.vertices], np.ravel(f), np.ravel(b))
    return image


@numba.njit(nogil=True, cache=True)
def _paint(image, vertices, f, b):
    channels, N, _ = image.shape
    area = np.empty((N, N))
    _cover(area, vertices)
    for c in range(channels):
        for i in range(N):
            for j in range(N):
                image[c, i, j] = np.uint8(np.rint(b[c] + area[i, j] * (f[c] - b[c])))
