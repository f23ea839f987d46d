import numpy as np
import pytest
from scipy.spatial import ConvexHull

from gsn.images.polygons import coverage, draw


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


def test_coverage_of_a_rectangle_and_a_triangle():
    rectangle = np.array([[0.25, 0.5], [0.25, 2.0], [2.0, 2.0], [2.0, 0.5]])
    expected = np.outer([0.75, 1, 0], [0.5, 1, 0])
    np.testing.assert_allclose(coverage(rectangle, 3), expected, atol=1e-12)
    triangle = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
    np.testing.assert_allclose(coverage(triangle, 3), [[1, 0.5, 0], [0.5, 0, 0], [0, 0, 0]], atol=1e-12)


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
    images = draw(range(6), 16, split="train", seed=3)
    assert images.shape == (6, 3, 16, 16)
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(draw([4, 1], 16, split="train", seed=3), images[[4, 1]])


@pytest.mark.parametrize("other", [{"split": "test", "seed": 3}, {"split": "train", "seed": 4}])
def test_splits_and_seeds_are_different_images(other):
    images = draw(range(4), 16, split="train", seed=3)
    assert all(not np.array_equal(a, b) for a, b in zip(images, draw(range(4), 16, **other), strict=True))


def test_an_image_is_a_mixture_of_two_colours():
    for image in draw(range(5), 24, split="test").astype(float):
        pixels = image.reshape(3, -1).T
        # colours lie on one segment in RGB: the second singular value is the rounding to integers
        singular = np.linalg.svd(pixels - pixels.mean(axis=0), compute_uv=False)
        assert singular[1] < 0.5 * np.sqrt(len(pixels)) < singular[0]
