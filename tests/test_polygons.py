"""The drawing of polygons: exact areas, random streams, colours and settings."""

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from gsn.data.polygons import coverage, draw, items


def shoelace(vertices):
    x, y = vertices.T
    return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def hull(seed, N):
    points = np.random.default_rng(seed).uniform(0, N, size=(5, 2))
    return points[ConvexHull(points).vertices]


@pytest.mark.parametrize("N", [16, 33])
@pytest.mark.parametrize("seed", range(20))
def test_area_is_exact(seed, N):
    vertices = hull(seed, N)
    # 1e-9: sums of N^2 pixels in float64, each within 1e-12
    assert coverage(vertices, N).sum() == pytest.approx(shoelace(vertices), abs=1e-9)


def test_coverage_of_a_rectangle_and_a_triangle_is_exact():
    rectangle = np.array([[0.25, 0.5], [0.25, 2.0], [2.0, 2.0], [2.0, 0.5]])
    expected = np.outer([0.75, 1, 0], [0.5, 1, 0])
    np.testing.assert_allclose(coverage(rectangle, 3), expected, atol=1e-12)
    triangle = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
    np.testing.assert_allclose(
        coverage(triangle, 3), [[1, 0.5, 0], [0.5, 0, 0], [0, 0, 0]], atol=1e-12
    )


def test_coverage_agrees_with_supersampling():
    vertices, N, k = hull(3, 12), 12, 64
    u = (np.arange(N * k) + 0.5) / k
    rows, columns = np.meshgrid(u, u, indexing="ij")
    inside = np.ones_like(rows, dtype=bool)
    for (r0, c0), (r1, c1) in zip(vertices, np.roll(vertices, -1, axis=0), strict=True):
        inside &= (r1 - r0) * (columns - c0) - (c1 - c0) * (rows - r0) >= 0
    sampled = inside.reshape(N, k, N, k).mean(axis=(1, 3))
    # an edge crosses about 2k of a pixel's k^2 samples, each wrong by at most one half
    np.testing.assert_allclose(coverage(vertices, N), sampled, atol=1 / k)


def test_orientation_and_nearly_flat_edges_do_not_matter():
    vertices = np.array([[1.0, 1.0], [1.0 + 1e-9, 5.0], [4.0, 5.0 - 1e-13], [4.0, 1.0]])
    np.testing.assert_allclose(coverage(vertices, 6), coverage(vertices[::-1], 6), atol=1e-12)
    assert coverage(vertices, 6).sum() == pytest.approx(12, abs=1e-8)


def test_an_image_depends_on_its_index_alone():
    images = [draw(i, 16, split="train", seed=3) for i in range(6)]
    assert {(image.shape, str(image.dtype)) for image in images} == {((3, 16, 16), "uint8")}
    np.testing.assert_array_equal(draw(4, 16, split="train", seed=3), images[4])
    assert len({image.tobytes() for image in images}) == 6


@pytest.mark.parametrize("other", [{"split": "test", "seed": 3}, {"split": "train", "seed": 4}])
def test_other_splits_and_seeds_give_other_images(other):
    for i in range(4):
        assert not np.array_equal(draw(i, 16, split="train", seed=3), draw(i, 16, **other))


def test_an_image_is_a_mixture_of_two_colours():
    for i in range(5):
        pixels = draw(i, 24, split="test").astype(float).reshape(3, -1).T
        # colours lie on one segment in RGB: the second singular value is the rounding to integers
        singular = np.linalg.svd(pixels - pixels.mean(axis=0), compute_uv=False)
        assert singular[1] < 0.5 * np.sqrt(len(pixels)) < singular[0]


def test_a_drawing_is_its_coverage_between_its_colours():
    rng = np.random.default_rng([7, 0, 2])
    points = rng.uniform(0, 16, size=(5, 2))
    b, f = rng.uniform(0, 255, size=(2, 3, 1, 1))
    expected = np.rint(b + coverage(points[ConvexHull(points).vertices], 16) * (f - b))
    np.testing.assert_array_equal(draw(2, 16, split="train", seed=7), expected)


def test_a_given_background_is_drawn():
    for i in range(5):
        image = draw(i, 16, split="train", background=[10, 20, 30], points=3)
        corners = image[:, [0, 0, -1, -1], [0, -1, 0, -1]]
        # a triangle leaves a corner free
        assert (corners == np.array([[10], [20], [30]])).all(axis=0).any()


def test_many_points_cover_most_of_a_grey_image():
    image = draw(0, 64, split="train", channels=1, points=100, background=[0])
    assert image.shape == (1, 64, 64)
    # the hull of 100 uniform points is most of the square
    assert (image == image.max()).mean() > 0.7


def test_items_are_drawings():
    settings = {"channels": 1, "seed": 5, "points": 4, "background": [7], "min_area": 0.1}
    third = list(items("train", 3, 16, **settings))[2]
    np.testing.assert_array_equal(third.load(), draw(2, 16, split="train", **settings))


@pytest.mark.parametrize("min_area", [0.1, 0.3])
def test_no_polygon_is_smaller_than_the_least_area(min_area):
    areas = []
    for i in range(30):
        image = draw(i, 32, split="train", channels=1, background=[0], min_area=min_area)
        image = image.astype(float)
        areas.append(image.mean() / image.max() if image.max() else 1)
    assert min(areas) > min_area - 0.01  # colours are rounded
    assert min(areas) < min_area + 0.1
