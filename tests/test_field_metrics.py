"""Measures of fields: identities, brute force, scipy, skimage, closed forms of Gaussian fields."""

import numpy as np
import pytest
from scipy import ndimage, sparse, stats
from scipy.sparse.csgraph import connected_components
from skimage import measure

from gsn.metrics import fields
from gsn.metrics.fields.differences import annulus
from gsn.metrics.fields.domains import _domains
from gsn.metrics.fields.ergodicity import _resamples
from gsn.metrics.fields.spectra import rings

SHAPES = [(16, 16), (15, 15), (12, 20), (9, 32)]


def noise(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def smooth(n, N, scale, seed=0):
    """Return Gaussian fields of variance 1, and the variance of their slopes along an axis."""
    f = np.fft.fftfreq(N)
    shape = np.exp(-2 * (np.pi * scale) ** 2 * (f[:, None] ** 2 + f**2))
    x = np.fft.ifft2(np.fft.fft2(noise(n, N, N, seed=seed)) * shape).real
    power = shape**2
    slope = ((2 * np.pi * f) ** 2 * power).sum() / power.sum()
    return x / np.sqrt(power.mean()), slope


def moved(x):
    """Return the fields translated, reflected and turned by a quarter."""
    return [np.roll(x, (3, -5), axis=(1, 2)), x[:, ::-1], np.rot90(x, axes=(1, 2))]


# Spectra


@pytest.mark.parametrize("shape", SHAPES)
def test_the_powers_of_all_modes_sum_to_the_energy(shape):
    x = 3 + noise(4, *shape)
    found = fields.power_spectrum(x)
    energy = np.square(x - x.mean(axis=(1, 2), keepdims=True)).sum(axis=(1, 2))
    np.testing.assert_allclose(found["power"] @ found["modes"], energy)
    assert found["modes"].sum() == x[0].size - 1
    assert (np.diff(found["frequency"]) > 0).all()


def test_the_power_of_a_ring_is_the_mean_over_its_modes():
    x, u = noise(1, 8, 12), np.indices((8, 12))
    ring, power = rings(8, 12), fields.power_spectrum(x)["power"][0]
    for r in range(1, ring.max() + 1):
        found = []
        for k, m in np.argwhere(ring == r):
            wave = np.exp(-2j * np.pi * (k * u[0] / 8 + m * u[1] / 12))
            found.append(abs((x[0] * wave).sum()) ** 2 / 96)
        assert power[r - 1] == pytest.approx(np.mean(found))


def test_the_spectrum_does_not_depend_on_the_place_or_the_direction():
    x = noise(2, 16, 16)
    for other in moved(x):
        np.testing.assert_allclose(
            fields.power_spectrum(other)["power"], fields.power_spectrum(x)["power"]
        )


def test_white_noise_stays_within_the_band_of_its_modes():
    found = fields.power_spectrum(2 * noise(400, 16, 16))
    low, high = fields.gaussian_band(np.full(len(found["modes"]), 4.0), found["modes"])
    inside = ((found["power"] >= low) & (found["power"] <= high)).mean()
    assert inside == pytest.approx(0.95, abs=0.015)  # of 4,400 powers: 4 deviations
    deviation = 4 * np.sqrt(2 / (400 * found["modes"]))
    assert (np.abs(found["power"].mean(axis=0) - 4) < 4 * deviation).all()


def test_the_flatness_of_octaves_is_3_for_gaussian_fields_and_more_for_sparse_ones():
    x = noise(40, 64, 64)
    found = fields.flatness(x)
    assert found["frequency"].tolist() == [1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64]
    np.testing.assert_allclose(found["flatness"].mean(axis=0)[:3], 3, atol=0.1)
    np.testing.assert_allclose(fields.flatness(7 * x)["flatness"], found["flatness"])
    sparse_ones = x * (noise(40, 64, 64, seed=1) > 2)
    assert fields.flatness(sparse_ones)["flatness"][:, 0].min() > 6


# Values and increments


def test_the_marginal_is_the_histogram_of_numpy():
    x, edges = noise(3, 16, 20), np.array([-2, -0.5, 0, 1.5, 2])
    found = fields.marginal(x, edges)
    for field, density in zip(x, found, strict=True):
        inside = ((field >= -2) & (field <= 2)).mean()
        expected, _ = np.histogram(field, edges, density=True)
        np.testing.assert_allclose(density, expected * inside)


def test_increments_are_those_of_loops_and_do_not_depend_on_the_place():
    x, edges = noise(2, 10, 14) ** 3, np.linspace(-3, 3, 8)
    found = fields.increments(x, [1, 5], edges)
    for i in range(2):
        for t, lag in enumerate([1, 5]):
            change = [
                x[i, (u + a) % 10, (v + b) % 14] - x[i, u, v]
                for u in range(10)
                for v in range(14)
                for a, b in ((lag, 0), (0, lag))
            ]
            deviation = np.std(change)
            assert found["deviation"][i, t] == pytest.approx(deviation)
            expected = np.histogram(change / deviation, edges)[0] / len(change) / np.diff(edges)
            np.testing.assert_allclose(found["density"][i, t], expected)
            assert found["flatness"][i, t] == pytest.approx(
                np.mean(np.power(change, 4)) / np.var(change) ** 2
            )
    np.testing.assert_allclose(
        fields.increments(moved(x)[0], [1, 5], edges)["flatness"], found["flatness"]
    )


def test_increments_that_are_all_zero_have_no_law():
    found = fields.increments(np.ones((1, 8, 8)), [1], np.array([-1, 0, 1]))
    assert found["deviation"].tolist() == [[0]]
    assert np.isnan(found["flatness"]).all()
    assert np.isnan(found["density"]).all()


def test_structure_functions_are_those_of_all_lags():
    x = noise(2, 20, 24)
    found = fields.structure_functions(x, [1, 2, 5], J=3)
    for j in (1, 2, 3):
        radius, best = 2 ** (j - 1), np.zeros((2, 3))
        for a in range(-radius - 1, radius + 2):
            for b in range(-radius - 1, radius + 2):
                if radius <= np.hypot(a, b) < radius + 1:
                    change = np.abs(x - np.roll(x, (a, b), axis=(1, 2)))
                    moments = [(change**q).mean(axis=(1, 2)) for q in (1, 2, 5)]
                    best = np.maximum(best, np.stack(moments, axis=1))
        np.testing.assert_allclose(found[:, j - 1], best)


def test_the_second_structure_function_is_that_of_the_covariance():
    x, _ = smooth(2, 32, 3.0)
    covariance = np.fft.ifft2(np.abs(np.fft.fft2(x)) ** 2).real / x[0].size
    S = fields.structure_functions(x, [2])
    assert S.shape == (2, 4, 1)
    for j in range(4):
        lags = annulus(2**j)
        increments = 2 * (covariance[:, :1, 0] - covariance[:, lags[:, 0], lags[:, 1]])
        np.testing.assert_allclose(S[:, j, 0], increments.max(axis=1))


def test_structure_functions_scale_and_do_not_depend_on_the_place_or_the_direction():
    x = noise(2, 16, 16)
    S = fields.structure_functions(x)
    np.testing.assert_allclose(fields.structure_functions(3 * x), S * 3.0 ** np.arange(1, 6))
    for other in moved(x):
        np.testing.assert_allclose(fields.structure_functions(other), S)


def test_lags_come_once_for_each_pair():
    for radius in (1, 2, 7, 16):
        lags = annulus(radius)
        both = {(a, b) for a, b in np.concatenate([lags, -lags]).tolist()}
        assert len(both) == 2 * len(lags)
        size = np.arange(-radius - 1, radius + 2)
        length = np.hypot(size[:, None], size)
        assert len(both) == ((length >= radius) & (length < radius + 1)).sum()


def test_true_realisations_have_small_structure_errors():
    x, _ = smooth(60, 32, 2.0)
    S = fields.structure_functions(x, J=2)
    assert fields.structure_errors(S, S).max() == 0
    assert fields.structure_errors(S[:30], S[30:]).max() < 0.2
    other = fields.structure_functions(noise(30, 32, 32), J=2)
    assert fields.structure_errors(other, S).min() > 0.2  # white noise is rougher


# Domains


def reference_sizes(above):
    """Return the sizes of domains by scipy: labels of each sign, joined across the borders."""
    labels = np.zeros(above.shape, dtype=int)
    for sign in (True, False):
        found, _ = ndimage.label(above == sign)
        labels[above == sign] = (found + labels.max())[above == sign]
    pairs = [(labels[0], labels[-1], above[0] == above[-1])]
    pairs += [(labels[:, 0], labels[:, -1], above[:, 0] == above[:, -1])]
    a, b = (np.concatenate([pair[k][pair[2]] for pair in pairs]) for k in (0, 1))
    n = labels.max() + 1
    graph = sparse.coo_matrix((np.ones(len(a)), (a, b)), shape=(n, n))
    joined = connected_components(graph, directed=False)[1][labels]
    return sorted(np.unique(joined, return_counts=True)[1], reverse=True)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("level", [-1.0, 0.0, 0.2, 2.0])
def test_domains_are_those_of_scipy_joined_across_the_borders(shape, level):
    x = noise(5, *shape)
    for field, sizes in zip(x, fields.cluster_sizes(x, level=level), strict=True):
        assert sizes.tolist() == reference_sizes(field > level)
        assert sizes.sum() == field.size


def test_known_domains():
    rows, columns = np.indices((6, 8))
    known = {
        "constant": (np.ones((6, 8)), [48]),
        "checkerboard": ((-1.0) ** (rows + columns), [1] * 48),
        "stripes": ((-1.0) ** (rows // 3), [24, 24]),
        "diagonal": (np.where(rows == columns, 1.0, -1.0), [42] + [1] * 6),
    }
    for x, sizes in known.values():
        assert fields.cluster_sizes(x[None])[0].tolist() == sizes


def test_domains_do_not_depend_on_the_place_the_direction_or_the_sign():
    x = smooth(3, 32, 1.5)[0]
    sizes = [s.tolist() for s in fields.cluster_sizes(x)]
    for other in [*moved(x), -x]:
        assert [s.tolist() for s in fields.cluster_sizes(other)] == sizes


def test_points_of_one_domain_share_their_number():
    x = noise(12, 12) > 0
    numbers = _domains(x).reshape(12, 12)
    for axis in (0, 1):
        near = np.roll(numbers, -1, axis) == numbers
        assert (near == (np.roll(x, -1, axis) == x))[near | (np.roll(x, -1, axis) == x)].all()


def test_the_law_of_sizes_counts_every_domain_and_every_point():
    x = noise(4, 20, 30)
    sizes = fields.cluster_sizes(x)
    law = fields.cluster_law(sizes, 600)
    width = np.minimum(2 * law["low"], 601) - law["low"]
    counts = (law["number"] * 600 * width).sum(axis=1)
    np.testing.assert_allclose(counts, [len(one) for one in sizes])
    for b, low in enumerate(law["low"]):
        expected = [one[one >= low].sum() / 600 for one in sizes]
        np.testing.assert_allclose(law["share"][:, b], expected)


def test_the_binder_cumulant_is_0_for_a_gaussian_and_two_thirds_for_two_values():
    m = noise(200_000)
    assert fields.binder_cumulant(m) == pytest.approx(0, abs=0.02)
    assert fields.binder_cumulant(np.sign(m) * 0.8) == pytest.approx(2 / 3)
    x = noise(5, 8, 8)
    np.testing.assert_allclose(fields.magnetisation(x), [field.mean() for field in x])


# Concentration


def test_concentration_is_that_of_the_law():
    """White noise of d values: the mean square varies by 2 / d, relative to its mean."""
    for d in (64, 256):
        phi = np.square(noise(4000, d, seed=d)).mean(axis=1, keepdims=True)
        value, low, high = fields.concentration(phi)
        assert low < 2 / d < high
        assert low < value < high
        assert high / low < 1.3


def test_the_interval_covers_the_truth_and_the_estimate_is_not_biased():
    rng, found = np.random.default_rng(0), []
    for seed in range(200):
        phi = 1 + 0.1 * rng.standard_normal((30, 20))
        found.append(fields.concentration(phi, seed=seed))
    value, low, high = np.array(found).T
    assert value.mean() == pytest.approx(0.01, rel=0.02)
    assert ((low < 0.01) & (high > 0.01)).mean() > 0.88  # few samples cover a little less


def test_the_interval_is_that_of_resampled_rows():
    phi = noise(12, 3) + 2
    counts = np.concatenate(list(_resamples(12, 5))).astype(int)
    found = []
    for count in counts:
        rows = np.repeat(phi, count, axis=0)
        spread = np.square(rows - rows.mean(axis=0)).sum(axis=1).mean() / (1 - 1 / 12) ** 2
        found.append(spread / np.square(rows.mean(axis=0)).sum())
    expected = np.quantile(found, [0.025, 0.975])
    np.testing.assert_allclose(fields.concentration(phi, seed=5)[1:], expected)


def test_concentration_does_not_depend_on_the_unit_or_the_basis():
    phi = noise(20, 4) + 3
    basis, _ = np.linalg.qr(noise(4, 4, seed=1))
    expected = fields.concentration(phi)
    np.testing.assert_allclose(fields.concentration(5 * phi), expected)
    np.testing.assert_allclose(fields.concentration(phi @ basis), expected)


def test_log_probabilities_of_a_gaussian_have_their_known_variance():
    d, n = 100, 5000
    x = noise(n, d)
    log_p = -d / 2 * np.log(2 * np.pi) - np.square(x).sum(axis=1) / 2
    entropy = d / 2 * np.log(2 * np.pi * np.e)
    value, low, high = fields.typicality(log_p, entropy)
    assert low < d / 2 / entropy**2 < high
    np.testing.assert_allclose(fields.typicality(log_p / d, entropy / d), (value, low, high))
    shifted = fields.typicality(log_p + 30, entropy)[0]  # a bias counts
    assert shifted == pytest.approx((d / 2 + 30**2) / entropy**2, rel=0.1)


# Covariances


def pair(n, d, *, kind):
    f, g = noise(2, n, d) @ noise(d, d, seed=1)
    if kind == "complex":
        f, g = f + 1j * noise(n, d, seed=2), g + 0.5j * noise(n, d, seed=3)
    return f + 2, g


# The tolerance of the Lanczos method is 1e-6, of each of two norms.
def reference_error(test, model):
    C, D = (np.cov(f.T, bias=True) for f in (test, model))
    scale = np.sqrt(np.outer(C.diagonal().real, C.diagonal().real))
    return np.linalg.norm((C - D) / scale, 2) / np.linalg.norm(C / scale, 2), C, D


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize(("n", "d"), [(50, 6), (40, 33), (300, 90), (12, 200)])
def test_the_spectral_error_is_that_of_numpy(n, d, kind):
    test, model = pair(n, d, kind=kind)
    expected, C, D = reference_error(test, model)
    assert fields.foveal_error(C, D) == pytest.approx(expected, rel=2e-6)
    assert fields.foveal_error_of_features(test, model) == pytest.approx(expected, rel=2e-6)


def test_real_features_beside_complex_ones_are_complex():
    test, model = pair(30, 50, kind="complex")
    for a, b in ((test.real, model), (test, model.real)):
        expected, C, D = reference_error(a, b)
        assert fields.foveal_error_of_features(a, b) == pytest.approx(expected, rel=2e-6)
        assert fields.foveal_error(C, D) == pytest.approx(expected, rel=2e-6)


def test_the_error_is_0_of_equal_covariances_and_1_of_none():
    test, _ = pair(40, 60, kind="real")
    C = np.cov(test.T)
    for f, error in ((fields.foveal_error_of_features, test), (fields.foveal_error, C)):
        assert f(error, error) == 0
        assert f(error, 0 * error) == pytest.approx(1)


def test_the_error_does_not_depend_on_the_units_or_the_means():
    test, model = pair(40, 60, kind="complex")
    units = np.geomspace(1e-3, 1e3, 60)
    expected = fields.foveal_error_of_features(test, model)
    found = fields.foveal_error_of_features(test * units + 5, model * units - 1)
    assert found == pytest.approx(expected, rel=2e-6)


def test_many_features_of_few_rows_need_no_matrix():
    """A matrix of 8,025 x 8,025 has 0.5 GB; its norm is that of the small one of the rows."""
    test, model = noise(2, 10, 8025)
    expected = []
    scale = test.std(axis=0)
    centred = (test - test.mean(axis=0)) / scale
    other = (model - model.mean(axis=0)) / scale
    rows = np.concatenate([centred, other])
    signs = np.diag([1.0] * 10 + [-1.0] * 10)
    for matrix in (signs @ rows @ rows.T, centred @ centred.T):
        expected.append(np.abs(np.linalg.eigvals(matrix)).max())
    found = fields.foveal_error_of_features(test, model)
    assert found == pytest.approx(expected[0] / expected[1], rel=2e-6)


# Minkowski functionals


def distances(N, centre):
    """Return the distance of each point of the torus from a centre."""
    along = [np.abs((np.arange(N) - c + N / 2) % N - N / 2) for c in centre]
    return np.hypot(along[0][:, None], along[1])


@pytest.mark.parametrize("radius", [5.0, 12.3, 25.0])
@pytest.mark.parametrize("centre", [(32, 32), (0, 0), (10.4, 63.7)])
def test_a_disc_has_its_area_its_perimeter_and_one_component(radius, centre):
    x = radius - distances(64, centre)[None]
    found = {name: value[0, 0] * 64**2 for name, value in fields.minkowski(x, [0.0]).items()}
    assert found["perimeter"] == pytest.approx(2 * np.pi * radius, rel=0.01)
    assert found["euler"] == 1
    assert found["area"] == 1 * (x >= 0).sum()
    assert found["area"] == pytest.approx(np.pi * radius**2, rel=0.05)


def test_a_stripe_has_two_straight_borders_and_the_euler_number_0():
    x = np.where(np.arange(20) % 20 < 7, 1.0, -1.0)
    for field, sides in ((np.tile(x, (30, 1)), 30), (np.tile(x[:, None], (1, 30)), 30)):
        found = fields.minkowski(field[None], [0.0])
        assert found["area"][0, 0] == pytest.approx(7 / 20)
        assert found["perimeter"][0, 0] * 600 == pytest.approx(2 * sides)
        assert found["euler"][0, 0] == 0


def test_components_count_1_and_holes_less_1():
    two = np.maximum(8 - distances(64, (12, 12)), 8 - distances(64, (40, 50)))
    ring = 4 - np.abs(distances(64, (32, 32)) - 15)
    cross = np.maximum(3 - np.abs(np.arange(64) - 32), 3 - np.abs(np.arange(64) - 32)[:, None])
    for x, euler in ((two, 2), (ring, 0), (cross, -1)):  # the cross closes on the torus
        assert fields.minkowski(x[None], [0.5])["euler"][0, 0] * 64**2 == pytest.approx(euler)


def test_the_complement_has_the_same_border_and_the_opposite_euler_number():
    x, t = noise(3, 16, 24), np.array([-1.0, 0.1, 0.7])
    found, other = fields.minkowski(x, t), fields.minkowski(-x, -t)
    np.testing.assert_allclose(found["area"] + other["area"], 1)
    np.testing.assert_allclose(found["perimeter"], other["perimeter"])
    np.testing.assert_allclose(found["euler"], -other["euler"])


@pytest.mark.parametrize(("t", "connectivity"), [(0.0, 2), (0.1, 1)])
def test_the_euler_number_of_spins_is_that_of_skimage(t, connectivity):
    """The mean of a saddle of spins is 0: corners are joined for t = 0, apart for t above."""
    x = np.pad(np.sign(noise(20, 20, 20)), ((0, 0), (1, 1), (1, 1)), constant_values=-1)
    found = fields.minkowski(x, [t])["euler"][:, 0] * 22**2
    expected = [measure.euler_number(field > 0, connectivity=connectivity) for field in x]
    np.testing.assert_allclose(found, expected)


def test_functionals_do_not_depend_on_the_place_or_the_direction():
    x, t = noise(2, 16, 16), np.array([-0.5, 0.3])
    for other in moved(x):
        for name, values in fields.minkowski(other, t).items():
            np.testing.assert_allclose(values, fields.minkowski(x, t)[name], err_msg=name)


def test_gaussian_fields_have_their_closed_forms():
    x, m = smooth(60, 96, 3.0)
    t = np.array([-1.5, -0.5, 0.0, 1.0, 2.0])
    bell = np.exp(-(t**2) / 2)
    expected = {
        "area": stats.norm.sf(t),
        "perimeter": np.sqrt(m) / 2 * bell,
        "euler": m * t * bell / (2 * np.pi) ** 1.5,
    }
    for name, values in fields.minkowski(x, t).items():
        error = values.std(axis=0, ddof=1) / np.sqrt(len(x))
        grid = 0.02 * np.abs(expected[name]).max()  # of the linear interpolation
        assert (np.abs(values.mean(axis=0) - expected[name]) < 4 * error + grid).all(), name


# Bad input


X = np.ones((1, 8, 8))
NAN = np.full((2, 8, 8), np.nan)
BAD = [
    (lambda: fields.power_spectrum(np.ones((8, 8))), r"\(n, H, W\): got the shape \(8, 8\)"),
    (lambda: fields.power_spectrum(np.ones((0, 8, 8))), "at least one field"),
    (lambda: fields.flatness(NAN), "field 0 has a NaN or an infinity; leave it out"),
    (lambda: fields.marginal(X, [1, 1]), "increasing numbers"),
    (lambda: fields.marginal(X, [0, np.inf]), "edges must be finite"),
    (lambda: fields.increments(X, [5], [0, 1]), "half of the smaller side, 4"),
    (lambda: fields.increments(X, [0], [0, 1]), "a lag must be an integer of at least 1"),
    (lambda: fields.increments(X, [], [0, 1]), "got \\[\\]"),
    (lambda: fields.structure_functions(X, J=3), "use J of at most 2"),
    (lambda: fields.structure_functions(X, [0.5]), "an order q must be an integer"),
    (lambda: fields.structure_errors(np.ones((1, 2, 5)), np.ones((1, 3, 5))), "same scales"),
    (lambda: fields.structure_errors(np.ones((1, 1, 1)), np.zeros((1, 1, 1))), "constant"),
    (lambda: fields.cluster_sizes(NAN), "must be finite"),
    (lambda: fields.cluster_law([np.array([3, 2])], 6), "sum to its d=6"),
    (lambda: fields.binder_cumulant([0.0, 0.0]), "must not be 0"),
    (lambda: fields.binder_cumulant([0.5]), "at least two samples"),
    (lambda: fields.concentration(np.ones((1, 3))), "at least two samples"),
    (lambda: fields.concentration(np.zeros((5, 3))), "must not be 0"),
    (lambda: fields.concentration(np.full((5, 3), np.inf)), "phi must be finite"),
    (lambda: fields.typicality(np.ones(4), -1.0), "entropy must be a finite number above 0"),
    (lambda: fields.foveal_error(np.ones((2, 3)), np.ones((2, 3))), "square matrix"),
    (lambda: fields.foveal_error(np.triu(np.ones((3, 3))), np.eye(3)), "conjugate transpose"),
    (lambda: fields.foveal_error(np.eye(3), np.eye(2)), "same shape"),
    (lambda: fields.foveal_error(np.diag([1.0, 0]), np.eye(2)), "that of feature 1 is not"),
    (lambda: fields.foveal_error_of_features(np.ones((3, 2)), np.eye(2)), "leave the feature out"),
    (lambda: fields.foveal_error_of_features(np.eye(3), np.eye(2)), "same features"),
    (lambda: fields.minkowski(X, [np.nan]), "list of finite numbers"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_what_cannot_be_measured_is_refused_in_one_sentence(call, message):
    with pytest.raises(ValueError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
