"""Sparse shapes: a few Diracs, segments or polygons, in white on black.

    diracs       k pixels of the value 1, at different places
    segments     k segments of WIDTH pixels and of a length of at least N / 4
    polygons     k polygons, each the hull of 5 uniform points, of an area of at least N^2 / 64

A pixel of a segment or of a polygon has the area of it that the shape covers, so edges are
antialiased. Where shapes overlap, the larger value counts. All shapes are at least N / 8 away from
the border, Diracs anywhere.

# ASSUME: the slides on sparse shapes (Bruna and Mallat) show pictures without a recipe. Numbers,
# lengths and widths are our choice.
"""

import numpy as np
from scipy.spatial import ConvexHull

from gsn.data import polygons
from gsn.runtime import arguments

KINDS = ("diracs", "segments", "polygons")
WIDTH = 2.0  # pixels


def draw(kind: str, N: int, *, k: int, seed: int, index: int = 0) -> np.ndarray:
    """Return an image of k shapes.

    The image depends on the arguments only: every image has its own random stream.

    Args:
        kind: One of KINDS.
        N: Side of the image in pixels, at least 8.
        k: Number of shapes, at least 1.
        seed: Seed of the images.
        index: Number of the image.

    Returns:
        Image, (N, N) float64 in [0, 1].

    Raises:
        ValueError: There is no such kind, a number is too small, or there are more Diracs than
            pixels.

    Example:
        >>> from gsn.data.shapes import draw
        >>> x = draw("diracs", 16, k=3, seed=0)
        >>> x.shape, x.sum().item()
        ((16, 16), 3.0)
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}: got {kind!r}.")
    N, k = arguments.integer("N", N, least=8), arguments.integer("k", k, least=1)
    rng = np.random.default_rng([seed, KINDS.index(kind), k, index])
    if kind == "diracs":
        return _diracs(N, k, rng)
    one = _segment if kind == "segments" else _polygon
    return np.max([polygons.coverage(one(N, rng), N) for _ in range(k)], axis=0)


def _diracs(N: int, k: int, rng: np.random.Generator) -> np.ndarray:
    if k > N * N:
        raise ValueError(f"k must be at most N^2={N * N}: got {k}; draw fewer Diracs.")
    x = np.zeros(N * N)
    x[rng.choice(N * N, k, replace=False)] = 1
    return x.reshape(N, N)


def _segment(N: int, rng: np.random.Generator) -> np.ndarray:
    """Return the corners of a rectangle, (4, 2)."""
    length = 0.0
    while length < N / 4:
        ends = rng.uniform(N / 8, 7 * N / 8, size=(2, 2))
        along = ends[1] - ends[0]
        length = np.hypot(*along)
    across = np.array([-along[1], along[0]]) * WIDTH / 2 / length
    return np.array([ends[0] + across, ends[1] + across, ends[1] - across, ends[0] - across])


def _polygon(N: int, rng: np.random.Generator) -> np.ndarray:
    """Return the vertices of a convex polygon, (m, 2)."""
    hull = None
    # Of a hull in the plane, `volume` is the area.
    while hull is None or hull.volume < N * N / 64:
        hull = ConvexHull(rng.uniform(N / 8, 7 * N / 8, size=(5, 2)))
    return hull.points[hull.vertices]
