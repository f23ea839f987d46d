"""Stationary processes: each law against a closed form, and a realisation is that of its index."""

import itertools
import warnings

import numpy as np
import pytest
import scipy.integrate
import scipy.io
import scipy.stats
from PIL import Image

from gsn.data import fields
from gsn.data.fields import (
    bernoulli,
    coupling,
    cox,
    dead_leaves,
    files,
    gaussian_fields,
    ising,
    kaufman,
    multifractal,
    realisations,
    textures,
    turbulence,
)

SYNTHETIC = [name for name in fields.PROCESSES if name != "files"]
QUICK = {"turbulence": {"time": 0.5}}


def within(samples, expected, errors=4.5):
    """The mean of independent samples is within some standard errors of a number."""
    samples = np.asarray(samples, dtype=np.float64)
    return abs(samples.mean() - expected) < errors * samples.std() / np.sqrt(len(samples))


def correlations(x, *shift):
    """The mean of x(u) x(u - shift) in each field, (n,)."""
    return (x * np.roll(x, shift, axis=(1, 2))).mean(axis=(1, 2), dtype=np.float64)


def states(N, M):
    """All fields of spins, (2^NM, N, M), and their sums over neighbours."""
    x = np.array(list(itertools.product([-1, 1], repeat=N * M))).reshape(-1, N, M)
    return x, sum((x * np.roll(x, 1, axis)).sum(axis=(1, 2)) for axis in (1, 2))


# All processes


@pytest.mark.parametrize("process", SYNTHETIC)
def test_a_realisation_is_a_function_of_its_seed_and_its_index(process):
    settings = QUICK.get(process, {})
    x = fields.new(process, 16, n=3, seed=5, **settings)
    assert (x.shape, x.dtype) == ((3, 16, 16), np.float32)
    assert np.isfinite(x).all()
    np.testing.assert_array_equal(fields.new(process, 16, n=1, seed=5, **settings)[0], x[0])
    assert not any(np.array_equal(a, b) for a, b in itertools.combinations(x, 2))
    assert not np.array_equal(fields.new(process, 16, n=1, seed=6, **settings)[0], x[0])


def test_processes_of_one_seed_have_streams_of_their_own():
    first = {name: realisations.stream(name, 0, 0).random() for name in fields.PROCESSES}
    assert len(set(first.values())) == len(first)
    assert np.random.default_rng(0).random() not in first.values()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: fields.new("ice", 16), "process must be one of ising"),
        (lambda: fields.new("ising", 17), "N must be even: got N=17; use 16 or 18"),
        (lambda: fields.new("cox", 16, n=0), "n must be an integer of at least 1"),
        (lambda: fields.new("ising", 16, seed=-1), "seed must be an integer of at least 0"),
        (lambda: ising.draw(8, T=0), "T must be a finite number"),
        (lambda: coupling.draw(8, T=2), "T must be a finite number of at least 2.2691"),
        (lambda: cox.draw(8, points="gamma"), "points must be one of"),
        (lambda: bernoulli.draw(8, p=1), "p must be"),
        (lambda: dead_leaves.draw(16, most=9), "most must be"),
        (lambda: multifractal.draw(16, lambda2=4), "lambda2 must be"),
        (lambda: turbulence.draw(32, peak=9), "peak must be"),
        (lambda: turbulence.draw(17, peak=2), "N must be even"),
        (lambda: turbulence.draw(32, forcing=-1), "forcing must be a finite number of at least 0"),
        (lambda: textures.draw(514), "N must be at most the sides of brick"),
        (lambda: textures.draw(32, name="sand"), "name must be one of brick"),
        (lambda: kaufman.log_probability(np.full((1, 4, 4), 0.3), 2), "np.sign"),
        (lambda: kaufman.log_probability(np.ones((4, 4)), 2), "the shape"),
    ],
)
def test_bad_input_gets_one_sentence(call, words):
    with pytest.raises(ValueError, match=words) as error:
        call()
    assert str(error.value).count("\n") == 0


# Ising


@pytest.mark.parametrize("sides", [(2, 3), (3, 3), (3, 4), (4, 4)])
@pytest.mark.parametrize("T", [0.8, 1.5, ising.TC, 4.0, 30.0])
def test_kaufman_agrees_with_the_sum_over_all_states(sides, T):
    _, bonds = states(*sides)
    log_z = scipy.special.logsumexp(bonds / T)
    p, d = np.exp(bonds / T - log_z), sides[0] * sides[1]
    log_p = bonds / T - log_z
    # 1e-12: rounding in float64
    assert kaufman.log_partition(*sides, T) == pytest.approx(log_z, abs=1e-12)
    assert kaufman.energy(*sides, T) == pytest.approx(-(p * bonds).sum() / d, abs=1e-12)
    entropy = -(p * log_p).sum()
    assert kaufman.entropy(*sides, T) == pytest.approx(entropy / d, abs=1e-12)
    variance = (p * (log_p + entropy) ** 2).sum()
    assert kaufman.variance(*sides, T) == pytest.approx(variance, abs=1e-11)
    assert kaufman.relative_variance(*sides, T) == pytest.approx(variance / entropy**2, abs=1e-11)


def test_kaufman_has_the_known_values():
    assert kaufman.log_partition(3, 3, 4) == pytest.approx(6.957484746822, abs=1e-12)
    assert kaufman.log_partition(3, 4, 1.5) == pytest.approx(16.763292272307, abs=1e-12)


@pytest.mark.parametrize(
    ("N", "T", "entropy", "energy", "floor"),
    [
        (64, ising.TC, 0.302341, -1.423938, 5.9e-3),
        (64, 2.4, 0.396827, -1.204232, 1.8e-3),
        (64, 3, 0.543446, -0.817310, 3.3e-4),
        (64, 4, 0.619788, -0.557272, 1.1e-4),
        # With 50 digits by mpmath: 0.30436628, -1.41907627, 1.67106e-3.
        (128, ising.TC, 0.304366, -1.419076, 1.7e-3),
        (128, 2.4, 0.396933, -1.203975, 4.4e-4),
        (128, 3, 0.543446, -0.817310, 8.3e-5),
        (128, 4, 0.619788, -0.557272, 2.7e-5),
    ],
)
def test_kaufman_has_the_known_table(N, T, entropy, energy, floor):
    assert kaufman.entropy(N, N, T) == pytest.approx(entropy, abs=6e-7)
    assert kaufman.energy(N, N, T) == pytest.approx(energy, abs=6e-7)
    assert kaufman.relative_variance(N, N, T) == pytest.approx(floor, rel=0.03)


@pytest.mark.parametrize("T", [1.0, ising.TC, 3.0])
def test_kaufman_does_not_depend_on_which_side_is_which(T):
    for f in (kaufman.log_partition, kaufman.entropy, kaufman.variance):
        assert f(12, 34, T) == pytest.approx(f(34, 12, T), rel=1e-11)


@pytest.mark.parametrize("T", [0.05, 1.0, ising.TC, np.nextafter(ising.TC, 9), 2.5, 1e3])
def test_kaufman_has_the_derivatives_of_its_logarithm(T):
    K, h = 1 / T, 1e-4 / T
    log_z = [kaufman.log_partition(128, 128, 1 / (K + step * h)) for step in (-2, -1, 0, 1, 2)]
    first = np.dot([1, -8, 0, 8, -1], log_z) / (12 * h)  # errors of h^4, and of rounding
    assert -kaufman.energy(128, 128, T) * 128**2 == pytest.approx(first, rel=1e-7, abs=1e-4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert kaufman.variance(128, 128, T) >= -1e-6


def test_entropy_is_that_of_coins_in_heat_and_of_two_states_in_the_cold():
    assert kaufman.entropy(64, 64, 1e4) == pytest.approx(np.log(2), abs=1e-7)
    assert kaufman.entropy(64, 64, 0.1) == pytest.approx(np.log(2) / 64**2, abs=1e-12)


def test_probabilities_of_spins_sum_to_one():
    x, _ = states(3, 4)
    assert np.exp(kaufman.log_probability(x, 2.0)).sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("module", [ising, coupling])
def test_spins_have_the_law_of_the_model(module):
    """On 3 x 3 sites, the frequencies of all classes of energy and magnetisation."""
    x, bonds = states(3, 3)
    kinds, inverse = np.unique(np.stack([bonds, x.sum(axis=(1, 2))]), axis=1, return_inverse=True)
    p = np.bincount(inverse.ravel(), np.exp(kaufman.log_probability(x, 2.5)))
    y = module.sample(2000, 3, T=2.5, seed=1)
    drawn = np.stack(
        [sum(9 * correlations(y, *shift) for shift in ((0, 1), (1, 0))), y.sum((1, 2))]
    )
    counts = (np.rint(drawn)[:, :, None] == kinds[:, None]).all(axis=0).sum(axis=0)
    assert counts.sum() == 2000
    rare = 2000 * p < 8
    counts = np.append(counts[~rare], counts[rare].sum())
    expected = 2000 * np.append(p[~rare], p[rare].sum())
    assert scipy.stats.chisquare(counts, expected).pvalue > 1e-3


@pytest.mark.parametrize("T", [ising.TC, 2.4, 3.0])
def test_cluster_updates_have_the_exact_energy_and_entropy(T):
    x = ising.sample(300, 16, T=T, seed=2)
    energy = -correlations(x, 0, 1) - correlations(x, 1, 0)
    assert within(energy, kaufman.energy(16, 16, T))
    log_p = kaufman.log_probability(x, T)
    assert within(-log_p / 16**2, kaufman.entropy(16, 16, T))
    # The squared deviations are independent too.
    squares = (log_p + 16**2 * kaufman.entropy(16, 16, T)) ** 2
    assert within(squares, kaufman.variance(16, 16, T))


def test_coupling_from_the_past_has_the_exact_energy_at_the_critical_point():
    x = coupling.sample(150, 12, T=ising.TC, seed=3)
    energy = -correlations(x, 0, 1) - correlations(x, 1, 0)
    assert within(energy, kaufman.energy(12, 12, ising.TC))
    y = ising.sample(300, 12, T=ising.TC, seed=4)
    squares = [field.mean(axis=(1, 2)) ** 2 for field in (x, y)]
    assert scipy.stats.ks_2samp(*squares).pvalue > 1e-3


def test_magnetisation_is_bimodal_at_the_critical_point_and_not_in_heat():
    critical = ising.sample(200, 32, seed=5).mean(axis=(1, 2))
    assert within(critical, 0)  # either sign
    # The middle third of the range is nearly empty, though it has the mean.
    assert (np.abs(critical) < 0.3).mean() < 0.15
    assert min((critical > 0.6).mean(), (critical < -0.6).mean()) > 0.25
    warm = ising.sample(50, 32, T=4, seed=5).mean(axis=(1, 2))
    assert (np.abs(warm) < 0.3).all()


# Points


def test_bernoulli_has_independent_points():
    x = np.stack([bernoulli.draw(32, p=0.3, index=i) for i in range(100)])
    assert within(x.mean(axis=(1, 2)), 0.3)
    assert within(correlations(x, 0, 1), 0.09)


def test_poisson_points_have_the_mean_variance_and_covariance_of_a_cox_process():
    rate, sigma, scale = 0.7, 0.8, 2.0
    x = cox.sample(300, 32, rate=rate, sigma=sigma, scale=scale, points="poisson")
    assert within(x.mean(axis=(1, 2)), rate)
    assert within((x**2).mean(axis=(1, 2)), rate + rate**2 * np.exp(sigma**2))
    for lag in (1, 3):
        covariance = sigma**2 * np.exp(-(lag**2) / (2 * scale**2))
        assert within(correlations(x, 0, lag), rate**2 * np.exp(covariance))
        assert within(correlations(x, lag, 0), rate**2 * np.exp(covariance))


def test_bernoulli_points_of_a_cox_process_have_the_mean_of_their_density():
    rate, sigma = 0.5, 1.0
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    density = rate * np.exp(sigma * nodes - sigma**2 / 2)
    mean = (weights * -np.expm1(-density)).sum() / weights.sum()
    assert within(cox.sample(300, 32, rate=rate, scale=2).mean(axis=(1, 2)), mean)


# Gaussian and multifractal fields


@pytest.mark.parametrize("alpha", [0.0, 1.0, 2.0, 3.0])
def test_a_power_law_field_has_its_spectrum(alpha):
    x = np.stack([gaussian_fields.draw(32, alpha=alpha, index=i) for i in range(300)])
    assert within((x**2).mean(axis=(1, 2)), 1)
    power = (np.abs(np.fft.rfft2(x)) ** 2).mean(axis=0)
    k = gaussian_fields.wavenumbers(32)
    assert power[0, 0] < 1e-6
    slope = np.polyfit(np.log(k[k > 0]), np.log(power[k > 0]), 1)[0]
    # 528 frequencies, each with a deviation of 1/sqrt(300) in the logarithm, that of log k is 0.5
    assert slope == pytest.approx(-alpha, abs=0.03)


def test_amplitudes_of_one_give_the_white_noise_back():
    for N in (7, 8):
        assert gaussian_fields.variance(np.ones((N, N // 2 + 1)), N) == pytest.approx(1)


def test_a_multifractal_measure_has_the_covariance_of_its_law():
    a = multifractal.amplitude(32, 0.2)
    covariance = np.fft.irfft2(a**2, s=(32, 32))
    x = np.stack([multifractal.draw(32, lambda2=0.2, index=i) for i in range(1000)])
    assert within(x.mean(axis=(1, 2)), 1)
    for lag in (1, 4, 16):
        assert within(correlations(x, 0, lag), np.exp(covariance[0, lag]))


def test_the_covariance_of_a_multifractal_measure_is_a_power_of_the_distance():
    a = multifractal.amplitude(512, 0.3)
    covariance = np.fft.irfft2(a**2, s=(512, 512))[0]
    lags = np.array([4, 8, 16, 32])
    slopes = np.diff(covariance[lags]) / np.log(2)
    np.testing.assert_allclose(slopes, -0.3, atol=0.012)  # lattice below, torus above


# Dead leaves


def test_radii_of_leaves_have_the_density_of_an_inverse_cube():
    r = dead_leaves.radii(np.random.default_rng(0).random(2000), 1, 5)
    law = scipy.stats.truncpareto(b=2, c=5)
    assert scipy.stats.kstest(r, law.cdf).pvalue > 1e-3


def test_dead_leaves_have_uniform_levels_and_the_covariance_of_their_law():
    least, most = 2.0, 7.0
    x = np.stack([dead_leaves.draw(32, least=least, most=most, index=i) for i in range(400)])
    assert within(x.mean(axis=(1, 2)), 1 / 2)
    x -= 0.5
    assert within((x**2).mean(axis=(1, 2)), 1 / 12)

    def shared(tau):
        """The mean area of a disc and its shifted copy."""

        def integrand(r):
            h = tau / (2 * r)
            area = 0 if h >= 1 else 2 * r**2 * (np.arccos(h) - h * np.sqrt(1 - h**2))
            return area * r**-3

        kink = [tau / 2] if least < tau / 2 < most else None
        return scipy.integrate.quad(integrand, least, most, points=kink)[0]

    for lag in (1, 3, 8):
        same = shared(lag) / (2 * shared(0) - shared(lag))
        assert within(correlations(x, 0, lag), same / 12)
        assert within(correlations(x, lag, 0), same / 12)


# Turbulence


def grid(N):
    return np.meshgrid(*[2 * np.pi * np.arange(N) / N] * 2, indexing="ij")


def noise(N, index, peak=4.0):
    return turbulence.start(N, realisations.stream("test", 0, index), peak)


def test_taylor_green_vortices_and_one_mode_decay_at_the_exact_rate():
    y, x = grid(32)
    for w, rate in ((np.cos(3 * x) * np.cos(3 * y), 18), (np.sin(2 * x + 4 * y), 20)):
        later = turbulence.evolve(w, 1.5, viscosity=0.03, drag=0.2)
        np.testing.assert_allclose(later, w * np.exp(-(0.03 * rate + 0.2) * 1.5), atol=1e-12)


def test_advection_is_that_of_products_without_aliases():
    flow, fine = turbulence.Flow(24), turbulence.Flow(64)
    hat = np.fft.rfft2(noise(24, 0, 3.0))
    padded = np.zeros((64, 33), complex)
    padded[:12, :12], padded[-12:, :12] = hat[:12, :12], hat[-12:, :12]
    padded *= (64 / 24) ** 2
    u, v = fine.velocity(padded)
    y, x = np.fft.fftfreq(64, 1 / 64)[:, None], np.fft.rfftfreq(64, 1 / 64)
    slope_x, slope_y = (np.fft.irfft2(1j * k * padded, s=(64, 64)) for k in (x, y))
    exact = np.fft.rfft2(-(u * slope_x + v * slope_y)) * (24 / 64) ** 2
    found = flow.advection(hat)
    np.testing.assert_allclose(found[:8, :8], exact[:8, :8], atol=1e-9 * np.abs(exact).max())
    np.testing.assert_allclose(found[-7:, :8], exact[-7:, :8], atol=1e-9 * np.abs(exact).max())


def test_energy_and_enstrophy_are_conserved_without_viscosity():
    w, flow = noise(32, 1), turbulence.Flow(32)
    later = turbulence.evolve(w, 0.5, viscosity=0, step=0.005)
    assert flow.energy(later) == pytest.approx(flow.energy(w), rel=1e-7)
    assert (later**2).mean() == pytest.approx((w**2).mean(), rel=1e-6)
    assert np.abs(later - w).max() > 1  # it moved


def test_energy_and_enstrophy_decay_by_what_viscosity_dissipates():
    w, flow, viscosity, step = noise(32, 2), turbulence.Flow(32), 0.01, 0.01
    flows = [w]
    for _ in range(40):
        flows.append(turbulence.evolve(flows[-1], step, viscosity=viscosity, step=step))
    flows = np.stack(flows)
    hat = np.fft.rfft2(flows)
    palinstrophy = (np.fft.irfft2(np.sqrt(flow.k2) * hat, s=(32, 32)) ** 2).mean(axis=(1, 2))
    for quantity, rate in (
        (flow.energy(flows), (flows**2).mean(axis=(1, 2))),
        ((flows**2).mean(axis=(1, 2)) / 2, palinstrophy),
    ):
        lost = viscosity * scipy.integrate.simpson(rate, dx=step)
        # 1e-5: errors of step^4 of the two methods
        assert quantity[0] - quantity[-1] == pytest.approx(lost, rel=1e-5)


def test_time_steps_are_of_order_four():
    w = noise(32, 3)
    fine, *coarse = (
        turbulence.evolve(w, 0.32, viscosity=0.01, step=0.32 / k) for k in (256, 16, 32)
    )
    errors = [np.abs(x - fine).max() for x in coarse]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(4, abs=0.5)


def test_a_batch_of_flows_is_each_flow():
    w = np.stack([noise(32, i) for i in range(3)])
    batch = turbulence.evolve(w, 0.2, viscosity=0.01, step=0.01)
    for one, found in zip(w, batch, strict=True):
        single = turbulence.evolve(one, 0.2, viscosity=0.01, step=0.01)
        np.testing.assert_allclose(found, single, atol=1e-10)


def test_a_flow_starts_with_its_spectrum():
    flow, k = turbulence.Flow(64), gaussian_fields.wavenumbers(64)
    w = np.stack([noise(64, i, 6.0) for i in range(200)])
    np.testing.assert_allclose(flow.energy(w), 0.5, rtol=1e-12)
    power = (np.abs(np.fft.rfft2(w)) ** 2).mean(axis=0)
    ratio = power[flow.kept & (k > 2)] / (k**5 * np.exp(-2 * (k / 6) ** 2))[flow.kept & (k > 2)]
    assert ratio.std() / ratio.mean() == pytest.approx(1 / np.sqrt(200), rel=0.2)


def test_forcing_injects_its_energy():
    flow, gained = turbulence.Flow(32), []
    for i in range(20):
        force = turbulence.Force(32, 0.3, 6.0, realisations.stream("force", 0, i))
        still = np.zeros((32, 32))
        w = turbulence.evolve(still, 1.0, viscosity=0, force=force, step=0.02)
        gained.append(flow.energy(w))
    assert within(gained, 0.3)


def test_a_flow_that_is_too_fast_gets_one_sentence():
    with pytest.raises(ValueError, match="slow enough for its time step"):
        turbulence.evolve(1e3 * noise(32, 0), 5.0, viscosity=0, step=0.5)


# Textures and files


def test_textures_are_crops_of_the_photograph():
    whole = textures.read("grass")
    crop = textures.draw(32, name="grass", seed=1, index=2)
    rows = np.lib.stride_tricks.sliding_window_view(whole, 32, axis=1)
    places = np.argwhere((rows == crop[0]).all(axis=2))
    assert any(np.array_equal(whole[i : i + 32, j : j + 32], crop) for i, j in places)
    assert 0 <= whole.min() < whole.max() <= 1


def test_a_missing_texture_gets_one_sentence(monkeypatch):
    def missing():
        raise ModuleNotFoundError("pooch is missing. Install it.")

    monkeypatch.setattr(textures.skimage.data, "brick", missing)
    with pytest.raises(FileNotFoundError, match=r"brick must come .* install pooch"):
        textures.draw(32)


@pytest.fixture
def values():
    return np.random.default_rng(0).normal(1e3, 50, (3, 9, 12)).astype(np.float32)


def test_arrays_of_all_kinds_of_files_are_read_as_they_are(tmp_path, values):
    h5py = pytest.importorskip("h5py")
    np.save(tmp_path / "x.npy", values)
    np.savez(tmp_path / "x.npz", rho=values, other=np.zeros(3))
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["group/rho"] = values
        file["axis"] = np.arange(3)
    with scipy.io.netcdf_file(tmp_path / "x.nc", "w") as file:
        for name, side in zip("tyx", values.shape, strict=True):
            file.createDimension(name, side)
        file.createVariable("rho", "f4", tuple("tyx"))[:] = values
    for name, key in (("npy", None), ("npz", "rho"), ("h5", "group/rho"), ("h5", None)):
        found = files.read(tmp_path / f"x.{name}", key=key, place=(1,))
        np.testing.assert_array_equal(found, values[1, :8, :])
    np.testing.assert_array_equal(files.read(tmp_path / "x.nc", place=(-1,)), values[-1, :8, :])
    crop = fields.new("files", 4, n=2, path=tmp_path / "x.npy", place=(0,))
    assert crop.shape == (2, 4, 4)


def test_packed_values_of_netcdf_get_their_unit(tmp_path):
    packed = np.arange(48, dtype=np.int16).reshape(6, 8)
    with scipy.io.netcdf_file(tmp_path / "x.nc", "w") as file:
        file.createDimension("y", 6)
        file.createDimension("x", 8)
        variable = file.createVariable("t", "i2", ("y", "x"))
        variable[:], variable.scale_factor, variable.add_offset = packed, 0.5, 273.0
    np.testing.assert_array_equal(files.read(tmp_path / "x.nc"), 273 + packed / 2)
    with scipy.io.netcdf_file(tmp_path / "x.nc", "a") as file:
        file.variables["t"]._FillValue = np.int16(9)
    with pytest.raises(ValueError, match=r"must be finite: found nan at \(1, 1\)"):
        files.read(tmp_path / "x.nc")


def test_images_keep_their_levels_and_colours_become_luma(tmp_path):
    rng = np.random.default_rng(1)
    grey = rng.integers(0, 256, (6, 9), dtype=np.uint8)
    deep = rng.integers(0, 65536, (6, 8), dtype=np.uint16)
    colour = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    for name, image in (("grey.png", grey), ("deep.tif", deep), ("colour.png", colour)):
        Image.fromarray(image).save(tmp_path / name)
    np.testing.assert_array_equal(files.read(tmp_path / "grey.png"), grey[:, :8])
    np.testing.assert_array_equal(files.read(tmp_path / "deep.tif"), deep)
    luma = colour @ np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(files.read(tmp_path / "colour.png"), luma, rtol=1e-6)


def test_bad_files_get_one_sentence(tmp_path, values):
    values[0, 2, 3] = np.nan
    np.save(tmp_path / "x.npy", values)
    np.savez(tmp_path / "x.npz", a=values, b=values)
    np.save(tmp_path / "complex.npy", values.astype(complex))
    np.save(tmp_path / "small.npy", np.ones((2, 2)))
    (tmp_path / "cut.npy").write_bytes((tmp_path / "x.npy").read_bytes()[:200])
    (tmp_path / "x.txt").write_text("no field")
    (tmp_path / "cut.h5").write_bytes(b"\x89HDF\r\n\x1a\n and no more")
    for name, settings, words in (
        ("x.npy", {}, r"two axes besides place: found the shape \(3, 9, 12\).*give place=\(0,\)"),
        ("x.npy", {"place": (3,)}, "place must lie in the shape"),
        ("x.npy", {"place": 0}, r"place must be a list of indices: got 0; use one such as \[0\]"),
        ("x.npy", {"place": [0.5]}, r"place must be a list of indices: got \[0.5\]; use one"),
        ("x.npy", {"place": [True]}, r"place must be a list of indices: got \[True\]"),
        ("x.npy", {"place": (0,)}, r"finite: found nan at \(2, 3\)"),
        ("x.npz", {}, "several arrays, and key names none: found a, b"),
        ("x.npz", {"key": "c"}, "no array 'c': found a, b"),
        ("complex.npy", {"place": (0,)}, "real numbers: found complex"),
        ("small.npy", {}, "sides of at least 4"),
        ("cut.npy", {}, "cut.npy"),
        ("x.txt", {}, "its first bytes are of none of them"),
        ("cut.h5", {}, "HDF5"),
    ):
        with pytest.raises(ValueError, match=words):
            files.read(tmp_path / name, **settings)
    with pytest.raises(FileNotFoundError, match="found none at"):
        files.read(tmp_path / "none.npy")
    with pytest.raises(ValueError, match="N must be at most the sides"):
        files.draw(10, path=tmp_path / "x.npy", place=(1,))
