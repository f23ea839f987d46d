"""Polygon5: random convex polygons of at most five vertices, with random colours (section 4 of the paper).

    x = b + a (f - b),        a(u) = |P ∩ pixel(u)|,        P = hull of 5 uniform points in [0, N]^2

with f, b uniform in [0, 255]^3. The coverage a is the exact area, in closed form: no supersampling.

# ASSUME: the paper does not say how its polygons are drawn; hull, colours and antialiasing are our choice.
"""

from collections.abc import Iterable

import numpy as np
from scipy.spatial import ConvexHull

SPLITS = ("train", "test")


def coverage(vertices: np.ndarray, N: int) -> np.ndarray:
    """Area that a convex polygon covers of each pixel of an N x N grid.

    With h the line through an edge, the part of pixel (i, j) to the left of that edge is
    ∫ clip(h(u) - i, 0, 1) du over the columns that the edge spans; signed sums over the edges give the
    polygon (Green's theorem), and P(s) = ∫ clip(s, 0, 1) ds gives each integral in closed form.

    Args:
        vertices: (m, 2) float, corners (u1, u2) = (row, column) in pixels, in order around the polygon.
        N: side of the grid, in pixels.

    Returns:
        (N, N) float64 in [0, 1], row by column.
    """
    start = np.asarray(vertices, dtype=np.float64)
    end = np.roll(start, -1, axis=0)
    run = end[:, 1] - start[:, 1]
    keep = run != 0  # a vertical edge spans no column
    start, end, run = start[keep], end[keep], run[keep]
    slope = (end[:, 0] - start[:, 0]) / run

    columns = np.arange(N)
    low, high = np.minimum(start[:, 1], end[:, 1]), np.maximum(start[:, 1], end[:, 1])
    left = np.clip(columns[None, :], low[:, None], high[:, None])  # (m, N)
    right = np.clip(columns[None, :] + 1, low[:, None], high[:, None])
    width = right - left
    height = start[:, :1] + slope[:, None] * ((left + right) / 2 - start[:, 1:])  # at the middle of the span
    rise = np.abs(slope[:, None]) * width

    s = height[:, :, None] - np.arange(N)  # (m, N, N): edge, column, row
    half = rise[:, :, None] / 2
    # Mean of clip over [s - half, s + half]; where the edge is flat that mean is clip(s) to rounding.
    flat = half < 1e-7
    mean = np.where(
        flat, np.clip(s, 0, 1), (_clip_integral(s + half) - _clip_integral(s - half)) / np.where(flat, 1, 2 * half)
    )
    area = np.einsum("e,ec,ecr->rc", np.sign(run), width, mean)
    return np.clip(np.abs(area), 0, 1)


def _clip_integral(s: np.ndarray) -> np.ndarray:
    """∫_{-∞}^{s} clip(t, 0, 1) dt."""
    inside = np.clip(s, 0, 1)
    return inside * inside / 2 + np.maximum(s - 1, 0)


def draw(indices: Iterable[int], N: int, *, split: str, seed: int = 0) -> np.ndarray:
    """Draw the polygons of the given indices; an image depends on its index, its split and the seed alone.

    Args:
        indices: which images, in any order.
        N: side, in pixels.
        split: `train` or `test`.
        seed: of the whole data set.

    Returns:
        (n, 3, N, N) uint8.
    """
    images = np.empty((len(indices := list(indices)), 3, N, N), dtype=np.uint8)
    for image, index in zip(images, indices, strict=True):
        rng = np.random.default_rng([seed, SPLITS.index(split), index])
        points = rng.uniform(0, N, size=(5, 2))
        background, fill = rng.uniform(0, 255, size=(2, 3, 1, 1))
        area = coverage(points[ConvexHull(points).vertices], N)
        image[:] = np.rint(background + area * (fill - background))
    return images
