"""The power spectrum by octaves: Parseval, white noise, waves of known frequency, known ratios."""

import numpy as np
import pytest
from scipy import fft

from gsn.metrics import spectrum
from gsn.systems.generation import components, detail


@pytest.mark.parametrize("N", [1, 4, 28, 32, 48])
def test_energies_sum_to_that_of_the_pixels(N):
    x = np.random.default_rng(N).standard_normal((5, 3, N, N))
    np.testing.assert_allclose(spectrum.energies(x).sum(axis=1), np.square(x).sum(axis=(1, 2, 3)))
    assert spectrum.energies(x).shape[1] == len(spectrum.octaves(N))


@pytest.mark.parametrize("N", [28, 32])
def test_the_bands_are_octaves_of_frequency(N):
    edges, bands = spectrum.octaves(N), spectrum.bands(N)
    assert bands[0, 0] == 0
    assert (np.bincount(bands.ravel(), minlength=len(edges)) > 0).all()
    frequency = np.hypot(*np.mgrid[:N, :N]) / (2 * N)
    for b, low in enumerate(edges):
        inside = frequency[bands == b]
        assert inside.min() >= low
        assert b in (0, len(edges) - 1) or inside.max() < 2 * low


@pytest.mark.parametrize(("k", "m"), [(0, 0), (1, 0), (0, 3), (4, 4), (8, 0), (16, 1), (31, 31)])
def test_a_wave_falls_in_the_octave_of_its_frequency(k, m):
    N = 32
    u = (2 * np.arange(N) + 1) * np.pi / (2 * N)
    energies = spectrum.energies(np.outer(np.cos(k * u), np.cos(m * u))[None, None])[0]
    frequency = np.hypot(k, m) / (2 * N)
    octave = np.flatnonzero(spectrum.octaves(N) <= frequency)[-1]
    assert energies[octave] == pytest.approx(energies.sum())


def test_white_noise_has_the_same_power_in_every_octave():
    x = 3 + np.random.default_rng(0).standard_normal((400, 1, 16, 16))
    found = spectrum.detail([(x, x)])
    counts = 400 * np.bincount(spectrum.bands(16).ravel())[1:]
    # 4 deviations of the mean square of so many normal numbers.
    assert (np.abs(found["power"][1:] - 1) < 4 * np.sqrt(2 / counts)).all()
    np.testing.assert_allclose(found["energy_kept"], 1)
    np.testing.assert_array_equal(found["error"], 0)
    assert found["energy_share"].sum() == pytest.approx(1)


def test_a_low_pass_keeps_the_low_octaves_only_and_batches_change_nothing():
    x = np.random.default_rng(0).standard_normal((20, 3, 32, 32))
    y = fft.dctn(x, axes=(2, 3), norm="ortho")
    y[..., spectrum.bands(32) >= 4] = 0
    y = fft.idctn(y, axes=(2, 3), norm="ortho")
    found = spectrum.detail([(x, y)])
    np.testing.assert_allclose(found["energy_kept"], [1, 1, 1, 1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(found["error"], [0, 0, 0, 0, 1, 1], atol=1e-12)
    parts = spectrum.detail([(x[:7], y[:7]), (x[7:], y[7:])])
    for name, values in found.items():
        np.testing.assert_allclose(parts[name], values, atol=1e-12)


def test_an_invented_detail_keeps_the_energy_and_has_the_error_two():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 500, 1, 16, 16))
    found = spectrum.detail([(x, y)])
    np.testing.assert_allclose(found["energy_kept"][2:], 1, atol=0.05)  # of 12,500 numbers or more
    np.testing.assert_allclose(found["error"][2:], 2, atol=0.1)


def test_flat_images_have_no_ratio():
    x = np.ones((2, 1, 8, 8))
    found = spectrum.detail([(x, x)])
    assert np.isnan(found["energy_kept"][1:]).all()
    assert np.isnan(found["energy_share"]).all()
    assert found["energy_kept"][0] == pytest.approx(1)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "at least one image"),
        ([(np.ones((1, 1, 4, 4)), np.ones((1, 1, 4, 8)))], "same shape"),
        ([(np.ones((1, 1, 4, 8)), np.ones((1, 1, 4, 8)))], "square images"),
    ],
)
def test_what_has_no_spectrum_is_refused(pairs, message):
    with pytest.raises(ValueError, match=message):
        spectrum.detail(pairs)


def test_the_table_of_detail_is_of_pixels_from_0_to_1():
    x = np.full((3, 1, 8, 8), 255, dtype=np.uint8)
    rows, figure = detail.measure({split: [(x, x / 2)] for split in ("train", "test")})
    found = {row[:3]: row[3] for row in rows}
    assert found["power", "test", 0] == pytest.approx(64)
    assert found["energy_kept", "train", 0] == pytest.approx(0.25)
    assert len(figure.axes) == 3


def test_a_linear_decoder_explains_the_variance_of_the_components_kept():
    """With uncorrelated components of variance 1 the shares are sums of squares of the map."""
    d, n, N = 4, 2000, 4
    z = np.random.default_rng(0).standard_normal((n, d))
    z -= z.mean(axis=0)
    z = z @ np.linalg.inv(np.linalg.cholesky(z.T @ z / n)).T
    W, _ = np.linalg.qr(np.random.default_rng(1).standard_normal((N * N, d)))
    W *= [4, 3, 2, 1]
    x = 100 + (z @ W.T).reshape(n, 1, N, N)
    decoders = {"linear": lambda z: 100 + (z @ W.T).reshape(-1, 1, N, N)}
    rows, _ = components.measure(decoders, {"test": z}, {"test": x}, np.full((1, N, N), 100.0))
    shares = {at: value for name, _, at, value in rows if name == "energy_share_linear"}
    expected = np.cumsum([0, 16, 9, 4, 1]) / 30
    for k, share in shares.items():
        assert share == pytest.approx(expected[k])
    assert list(shares) == components.kept(d) == [0, 1, 2, 4]
