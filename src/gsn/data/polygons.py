"""Polygon5: random convex polygons of at most five vertices, in random colours.

    x = b + a (f - b),        a(u) = |P ∩ pixel(u)|,        P = hull of 5 uniform points in [0, N]^2

with the colours f and b uniform in [0, 255]^3. The coverage a is the exact area, in closed form,
without supersampling.

# ASSUME: the paper does not say how its polygons are drawn. The hull, the colours and the
# antialiasing are our choice.

References:
    T. Angles & S. Mallat, Generative networks as inverse problems with scattering transforms,
    ICLR 2018, section 4.
"""

import functools
import math
from collections.abc import Iterator

import numpy as np
from scipy.spatial import ConvexHull

from gsn.data.items import Item, Source
from gsn.runtime import loops

SPLITS = ("train", "test")


def coverage(vertices: np.ndarray, N: int) -> np.ndarray:
    """Return the area that a convex polygon covers of each pixel of an N x N grid.

    Let h be the line through an edge. The part of pixel (i, j) above that edge has the area

        ∫ clip(h(u) - i, 0, 1) du

    over the columns u of the pixel that the edge spans. The signed sum over the edges is the area
    of the polygon in the pixel (Green's theorem). P(s) = ∫_{-∞}^s clip(t, 0, 1) dt gives each
    integral in closed form.

    Args:
        vertices: Vertices (row, column) in order around the polygon, (m, 2) float in [0, N], in
            pixels.
        N: Side of the grid, in pixels.

    Returns:
        Covered area of each pixel, (N, N) float64 in [0, 1], row by column.

    Example:
        >>> coverage([(0, 0), (2, 0), (0, 2)], 2)
        array([[1. , 0.5],
               [0.5, 0. ]])
    """
    area = np.zeros((N, N))
    _cover(area, np.asarray(vertices, dtype=np.float64))
    return area


@loops.compiled(nogil=True)
def _cover(area, vertices):
    """Set `area` to the area that the polygon covers of each pixel."""
    area[:] = 0
    for e in range(len(vertices)):
        (row0, column0), (row1, column1) = vertices[e - 1], vertices[e]
        if column0 != column1:  # a vertical edge spans no column
            _add_edge(area, row0, column0, row1, column1)
    for i in range(area.shape[0]):
        for j in range(area.shape[1]):
            area[i, j] = min(abs(area[i, j]), 1.0)


@loops.compiled(nogil=True)
def _add_edge(area, row0, column0, row1, column1):
    """Add the area above an edge, with the sign of the direction of the edge."""
    slope = (row1 - row0) / (column1 - column0)
    low, high = min(column0, column1), max(column0, column1)
    # The edge crosses the rows between.
    above, below = (int(min(row0, row1)), math.ceil(max(row0, row1)))
    for j in range(int(low), math.ceil(high)):
        left, right = max(j, low), min(j + 1, high)
        signed = right - left if column0 < column1 else left - right
        height = row0 + slope * ((left + right) / 2 - column0)  # at the middle of the span
        half = abs(slope) * (right - left) / 2
        for i in range(above):
            area[i, j] += signed
        for i in range(above, below):
            s = height - i
            # Flat: the mean of clip over [s - half, s + half] is clip(s) to rounding.
            if half < 1e-7:
                area[i, j] += signed * min(max(s, 0.0), 1.0)
            else:
                area[i, j] += (
                    signed * (_clip_integral(s + half) - _clip_integral(s - half)) / (2 * half)
                )


@loops.compiled(nogil=True)
def _clip_integral(s):
    """Return ∫_{-∞}^{s} clip(t, 0, 1) dt."""
    inside = min(max(s, 0.0), 1.0)
    return inside * inside / 2 + max(s - 1, 0.0)


def read(
    files: dict, split: str, *, n: int, N: int, channels: int, seed: int, polygon: dict
) -> Source:
    """Return the first n polygons of a split.

    Args:
        files: Unused: polygons are drawn, not read.
        split: `train` or `test`.
        n: Number of polygons.
        N: Side of the images, in pixels.
        channels: Number of colours, 1 or 3.
        seed: Seed of the data set.
        polygon: Keywords points, background and min_area of `draw`.
    """
    drawn = items(split, n, N, channels=channels, seed=seed, **polygon)
    return Source(drawn, attrs={"source": "polygons", "seed": seed, **polygon})


def items(split: str, n: int, N: int, **settings: object) -> Iterator[Item]:
    """Yield the first n polygons of a split.

    Args:
        split: `train` or `test`.
        n: Number of polygons.
        N: Side of the images, in pixels.
        settings: Other keywords of `draw`.
    """
    for index in range(n):
        yield Item(
            f"polygon {index} of {split}",
            functools.partial(draw, index, N, split=split, **settings),
        )


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
    """Draw the image of one polygon.

    The image depends on the arguments only. Every image has its own random stream, so that any
    number of them can be drawn in any order.

    Args:
        index: Number of the image in the split, from 0.
        N: Side of the image, in pixels.
        split: `train` or `test`.
        seed: Seed of the data set.
        channels: Number of colours: 3 for RGB, 1 for grey.
        points: Number of points whose hull is the polygon, at least 3.
        background: `random`, or one value in [0, 255] for each channel.
        min_area: Least area of the polygon, as a fraction of the image, in [0, 1). Smaller polygons
            are drawn again.

    Returns:
        The image, (channels, N, N) uint8.

    Example:
        >>> x = draw(0, 32, split="train")
        >>> x.shape, x.dtype
        ((3, 32, 32), dtype('uint8'))
    """
    rng = np.random.default_rng([seed, SPLITS.index(split), index])
    hull = None
    # Of a hull in the plane, `volume` is the area.
    while hull is None or hull.volume < min_area * N * N:
        hull = ConvexHull(rng.uniform(0, N, size=(points, 2)))
    b, f = rng.uniform(0, 255, size=(2, channels, 1, 1))
    if background != "random":
        b = np.reshape(background, (channels, 1, 1))
    image = np.empty((channels, N, N), dtype=np.uint8)
    _paint(image, hull.points[hull.vertices], np.ravel(f), np.ravel(b))
    return image


@loops.compiled(nogil=True)
def _paint(image, vertices, f, b):
    channels, N, _ = image.shape
    area = np.empty((N, N))
    _cover(area, vertices)
    for c in range(channels):
        for i in range(N):
            for j in range(N):
                image[c, i, j] = np.uint8(np.rint(b[c] + area[i, j] * (f[c] - b[c])))
