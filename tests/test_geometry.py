"""The geometry of an embedding: distances, whiteness, and continuity to deformations."""

import numpy as np
import pytest
import torch

from gsn.data.polygons import draw
from gsn.figures import embedding as figures
from gsn.metrics import geometry, whiteness
from gsn.transforms.scattering2d import Scattering2D


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).random((6, 3, 16, 16), dtype=np.float32)


def test_distances_are_those_of_numpy(x):
    pairs = np.array([[0, 1], [2, 5], [3, 3]])
    expected = [np.linalg.norm((x[i] - x[j]).astype(np.float64)) for i, j in pairs]
    np.testing.assert_allclose(geometry.distances(x, pairs), expected)
    many = np.repeat(pairs, 50, axis=0)  # more than a block
    np.testing.assert_array_equal(
        geometry.distances(x, many), np.repeat(geometry.distances(x, pairs), 50)
    )


def test_distances_of_bytes_do_not_wrap():
    assert geometry.distances(np.array([[0], [255]], dtype=np.uint8), np.array([[0, 1]])) == [255]


@pytest.mark.parametrize(("factor", "alpha", "share"), [(1, 1, 1), (0.5, 2, 1), (0.25, 4, 0)])
def test_a_scaling_has_its_lipschitz_constant(x, factor, alpha, share):
    pairs, apart = geometry.different_pairs(x, 100, seed=0)
    assert len(pairs) == 15
    ratios = geometry.distances(np.float32(factor) * x, pairs) / apart
    np.testing.assert_allclose(ratios, factor, rtol=1e-12)  # float64
    found = geometry.bilipschitz(ratios)
    assert found["alpha"] == pytest.approx(alpha)
    assert found["share_within_3"] == share


def test_alpha_is_infinite_where_two_images_share_an_embedding():
    assert geometry.bilipschitz(np.array([0.0, 0.5]))["alpha"] == np.inf


def test_identical_images_are_not_paired():
    x = np.zeros((4, 1, 2, 2), dtype=np.uint8)
    x[3] = 1
    pairs, apart = geometry.different_pairs(x, 100, seed=0)
    np.testing.assert_array_equal(pairs, [[0, 3], [1, 3], [2, 3]])
    np.testing.assert_array_equal(apart, 2)


def test_each_pair_is_drawn_once():
    x = np.arange(30)[:, None]
    pairs, apart = geometry.different_pairs(x, 50, seed=1)
    assert len(np.unique(pairs, axis=0)) == 50
    np.testing.assert_array_equal(apart, pairs[:, 1] - pairs[:, 0])
    np.testing.assert_array_equal(pairs, geometry.different_pairs(x, 50, seed=1)[0])


@pytest.mark.parametrize("n", [1, 5])
def test_images_without_a_different_pair_are_refused(n):
    with pytest.raises(
        ValueError, match=f"at least 2 different images: found none among {n}; use more"
    ):
        geometry.different_pairs(np.ones((n, 3, 4, 4)), 10, seed=0)


def test_the_covariance_of_white_rows_is_the_identity():
    n = 32
    angles = 2 * np.pi * np.outer(np.arange(n), [1, 2, 3]) / n
    z = np.sqrt(2 * (n - 1) / n) * np.concatenate([np.cos(angles), np.sin(angles)], axis=1)
    C = whiteness.covariance([z[:5], z[5:6], z[6:]])
    np.testing.assert_allclose(C, np.eye(6), atol=1e-12)  # float64
    assert whiteness.whiteness(C) == pytest.approx(
        {"z_covariance_error": 0, "z_variance_mean": 1, "z_variance_min": 1, "z_variance_max": 1},
        abs=1e-12,
    )


def test_the_covariance_is_that_of_numpy():
    z = np.random.default_rng(0).standard_normal((50, 4), dtype=np.float32) + np.float32(0.5)
    C = whiteness.covariance(np.array_split(z, 7))
    np.testing.assert_allclose(C, np.cov(z.T.astype(np.float64)), rtol=1e-12, atol=1e-14)  # float64
    found = whiteness.whiteness(C)
    assert found["z_covariance_error"] == np.abs(C - np.eye(4)).max()
    assert (found["z_variance_min"], found["z_variance_max"]) == (
        C.diagonal().min(),
        C.diagonal().max(),
    )


def test_the_covariance_of_one_row_is_refused():
    with pytest.raises(ValueError, match="at least 2 images: got 1"):
        whiteness.covariance([np.ones((1, 3))])


def test_all_components_hold_all_variance():
    S = np.random.default_rng(0).standard_normal((20, 5)).astype(np.float32)
    Q = np.linalg.qr(np.random.default_rng(1).standard_normal((5, 5)))[0]
    share = whiteness.variance_share(S, S @ Q)
    assert share[-1] == pytest.approx(1)
    assert share[0] == pytest.approx(np.sum((S @ Q[:, 0]) ** 2) / np.sum(S.astype(np.float64) ** 2))


def test_a_displacement_of_zero_is_the_identity(x):
    moved = geometry.deform(x, np.zeros((6, 2, 16, 16)))
    np.testing.assert_allclose(moved, x, atol=1e-6)  # float32


@pytest.mark.parametrize(("rows", "columns"), [(2, 0), (0, -3)])
def test_a_displacement_by_whole_pixels_is_a_roll(x, rows, columns):
    tau = np.empty((6, 2, 16, 16))
    tau[:, 0], tau[:, 1] = rows, columns
    rolled = np.roll(x, (rows, columns), axis=(2, 3))
    inside = np.s_[:, :, 3:-3, 3:-3]
    moved = geometry.deform(x, tau)
    np.testing.assert_allclose(moved[inside], rolled[inside], atol=1e-6)  # float32


def test_a_displacement_by_half_a_pixel_moves_a_wave():
    u = np.arange(32)
    wave = np.broadcast_to(np.cos(2 * np.pi * u / 16)[:, None], (1, 1, 32, 32))
    tau = np.zeros((1, 2, 32, 32))
    tau[:, 0] = 0.5
    moved = np.cos(2 * np.pi * (u - 0.5) / 16)
    # A cubic spline errs by about h^4 / 384 of the fourth derivative, (2 pi / 16)^4: 6e-5.
    np.testing.assert_allclose(geometry.deform(wave, tau)[0, 0, 4:-4, 5], moved[4:-4], atol=2e-4)


def test_a_displacement_of_another_shape_is_refused(x):
    with pytest.raises(ValueError, match=r"the shape \(6, 2, 16, 16\).*got \(6, 2, 8, 8\)"):
        geometry.deform(x, np.zeros((6, 2, 8, 8)))


def test_translations_point_all_around():
    tau = geometry.translations(8, 4)
    displacement, jacobian = geometry.sizes(2.5 * tau)
    np.testing.assert_allclose(displacement, 2.5)
    np.testing.assert_allclose(jacobian, 0, atol=1e-12)  # float64
    np.testing.assert_allclose(tau[:, :, 0, 0].sum(axis=0), 0, atol=1e-12)


def test_deformations_have_the_requested_jacobian():
    tau = 0.3 * geometry.deformations(4, 32, seed=0)
    displacement, jacobian = geometry.sizes(tau)
    np.testing.assert_allclose(jacobian, 0.3, rtol=1e-12)  # by the same differences, in float64
    np.testing.assert_allclose(tau.mean(axis=(2, 3)), 0, atol=1e-12)
    assert (displacement > 0).all()
    # one-sided differences
    steps = np.stack([np.diff(tau, axis=2)[..., :-1], np.diff(tau, axis=3)[:, :, :-1]], axis=2)
    norms = np.linalg.norm(np.moveaxis(steps, (1, 2), (-2, -1)), ord=2, axis=(-2, -1)).max(
        axis=(1, 2)
    )
    # Differences over 1 pixel and over 2 of a field smoothed over 4 differ by about (1/4)^2 / 2.
    np.testing.assert_allclose(norms, 0.3, rtol=0.05)


def test_the_size_of_a_shear_is_known():
    u = np.indices((8, 8)).astype(np.float64)
    tau = np.stack([0.1 * u[1], 0 * u[0]])[None]  # a shear: the Jacobian is [[0, 0.1], [0, 0]]
    displacement, jacobian = geometry.sizes(tau)
    np.testing.assert_allclose((displacement[0], jacobian[0]), (0.7, 0.1))


def test_the_continuity_of_the_pixels_themselves_is_known(x):
    tau = 2 * geometry.translations(6, 16)
    identity = {"components": np.eye(3 * 16 * 16), "eigenvalues": np.full(3 * 16 * 16, 4.0), "J": 2}
    found = geometry.continuity(lambda y: y.reshape(len(y), -1), x, tau, **identity)
    np.testing.assert_allclose(found["S"], 4 * found["pixels"], rtol=1e-6)  # 2^J; float32
    np.testing.assert_allclose(found["z"], found["pixels"] / 2, rtol=1e-6)
    norms = np.linalg.norm(x.reshape(6, -1), axis=1)
    # |tau| = 2, 2^J = 4
    np.testing.assert_allclose(found["C"], found["S"] / (norms * 2 / 4), rtol=1e-6)
    black = geometry.continuity(lambda y: y.reshape(len(y), -1), 0 * x, tau, **identity)
    np.testing.assert_array_equal(black["C"], 0)


def test_scattering_contracts_polygons_away_from_the_border():
    J = 2
    polygons = np.stack([draw(i, 16, split="train", background=[128] * 3) for i in range(24)])
    x = np.pad(polygons, ((0, 0), (0, 0), (8, 8), (8, 8)), constant_values=128)
    pairs, apart = geometry.different_pairs(x, 300, seed=0)
    with torch.inference_mode():
        S = Scattering2D(J, (32, 32))(torch.from_numpy(x).float() / 255).numpy()
    ratios = 2**J * geometry.distances(S, pairs) / (apart / 255)
    # kymatio's wavelets exceed the Littlewood-Paley bound by up to 1 %, at few frequencies
    assert ratios.max() <= 1 + 1e-3
    assert ratios.min() > 1 / 3


def test_figures_show_the_numbers():
    shares = figures.spectrum(
        np.array([4.0, 1.0]), np.array([0.8, 1.0]), {"train": np.ones(2), "test": np.ones(1)}
    )
    np.testing.assert_array_equal(shares.axes[0].lines[0].get_xydata(), [[1, 4], [2, 1]])
    np.testing.assert_array_equal(shares.axes[1].lines[0].get_ydata(), [80, 100])
    np.testing.assert_array_equal(shares.axes[2].lines[1].get_xydata(), [[1, 1]])

    (axes,) = figures.distance_ratios(
        {"S": np.array([0.5, 0.7]), "d = 8": np.array([0.4, 0.6])}
    ).axes
    heights = [patch.get_data().values.sum() for patch in axes.patches]
    np.testing.assert_allclose(heights, 100)
    assert [line.get_xdata()[0] for line in axes.lines] == [0.5, 0.4, 1 / 3]

    sizes, distance = np.array([1.0, 2.0]), np.array([[1.0, 3.0], [2.0, 4.0]])
    left, right = figures.continuity(
        {kind: (sizes, {"z": distance}) for kind in ("translation", "deformation")}
    ).axes
    np.testing.assert_array_equal(left.lines[0].get_xydata(), [[1, 2], [2, 3]])
    np.testing.assert_array_equal(left.lines[1].get_ydata(), [2, 4])  # in proportion
    assert left.get_ylim() == right.get_ylim()
