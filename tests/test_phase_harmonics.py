"""Bump steerable wavelets, phase harmonics, and their covariances."""

import copy

import numpy as np
import pytest
import torch

from gsn.transforms import bump_wavelets, half_planes, statistics
from gsn.transforms.harmonics import harmonics
from gsn.transforms.statistics import harmonic_pairs, phase_harmonics
from gsn.transforms.statistics.harmonic_scales import Scales

N, J, L = 32, 3, 4


def noise(n, *shape, seed=0):
    return torch.randn(n, *shape, generator=torch.Generator().manual_seed(seed)).double()


def field(n=1, side=N, seed=0):
    """A field that is not Gaussian, and has energy at all scales."""
    x = noise(n, side, side, seed=seed)
    smooth = torch.fft.ifft2(
        torch.fft.fft2(x) * torch.from_numpy(bump_wavelets.phi(x.shape[1:], 3))
    )
    smooth = smooth.real / smooth.real.std()
    return 0.3 * x + torch.exp(0.8 * smooth) + smooth


def new(model="C", side=N, **settings):
    return statistics.new(
        "phase_harmonics", (side, side), **({"model": model, "J": J, "L": L} | settings)
    )


def on_the_pixels(phi):
    """The same statistic with every band on the full grid, where moduli have no aliases."""
    phi.scales = Scales(phi.shape, phi.J, phi.L, room=100)
    return phi


# The wavelets


def test_wavelets_are_their_formula():
    shape, j, L = (40, 64), 1, 3
    rows, columns = np.meshgrid(*(2 * np.pi * np.fft.fftfreq(s) for s in shape), indexing="ij")
    psi = bump_wavelets.psi(shape, j, L)
    normalisation = 1.29 * np.sqrt(3 * 24) / (2 * 4)
    for q in range(6):
        r = np.hypot(rows, columns) * 2 / (0.85 * np.pi) - 1
        angle = np.angle(np.exp(1j * (np.arctan2(rows, columns) - np.pi * q / 3)))
        inside = (np.abs(r) < 1) & (np.abs(angle) < np.pi / 2 - 1e-9)
        expected = np.zeros(shape)
        expected[inside] = np.exp(1 - 1 / (1 - r[inside] ** 2)) * np.cos(angle[inside]) ** 2
        np.testing.assert_allclose(psi[q], expected / normalisation, atol=1e-12)


def test_opposite_directions_have_conjugate_bands():
    x_hat = np.fft.fft2(np.random.default_rng(0).standard_normal((24, 16)))
    for j in range(2):
        bands = np.fft.ifft2(x_hat * bump_wavelets.psi((24, 16), j, 4))
        np.testing.assert_allclose(bands[4:], bands[:4].conj(), atol=1e-12)
        assert np.abs(bands.mean(axis=(1, 2))).max() < 1e-12


def test_wavelets_and_low_pass_cover_the_frequencies_evenly():
    """Littlewood and Paley's sum is between two constants up to pi: about 1 for these filters."""
    shape = (64, 64)
    energy = sum((bump_wavelets.psi(shape, j, 8) ** 2).sum(0) for j in range(3))
    total = (energy + energy[::-1, ::-1][np.ix_(*[np.roll(np.arange(64), 1)] * 2)]) / 2
    total = total + bump_wavelets.phi(shape, 3) ** 2
    disc = np.hypot(*np.meshgrid(*[np.fft.fftfreq(64)] * 2)) < 0.45
    assert 0.5 < total[disc].min() < total[disc].max() < 2


# The harmonics


def complex_of(planes):
    real, imaginary = planes.chunk(2, dim=-3)
    return torch.complex(real, imaginary)


def test_harmonics_multiply_the_phase_and_keep_the_modulus():
    planes = noise(2, 6, 5, 4)
    z = complex_of(planes)
    torch.testing.assert_close(harmonics(planes, (0,)), z.abs())
    torch.testing.assert_close(harmonics(planes, (1,)), planes)
    torch.testing.assert_close(complex_of(harmonics(planes, (2,))), z**2 / z.abs())
    for k in (1, 2, 3, 5):
        found = complex_of(harmonics(planes, (k,)))
        torch.testing.assert_close(found.abs(), z.abs())
        torch.testing.assert_close(found, z.abs() * torch.exp(1j * k * z.angle()))
    several = harmonics(planes, (0, 3))
    torch.testing.assert_close(several[:, :3], z.abs())
    torch.testing.assert_close(several[:, 3:], harmonics(planes, (3,)))


def test_the_mean_rectified_part_over_phases_is_the_modulus():
    planes = noise(1, 2, 3, 3)
    z = complex_of(planes)
    phases = torch.exp(-2j * torch.pi * torch.arange(1000) / 1000)[:, None, None]
    mean = (phases * z[0]).real.relu().mean(0)
    torch.testing.assert_close(mean, harmonics(planes, (0,))[0, 0] / torch.pi, rtol=1e-5, atol=0)


@pytest.mark.parametrize("ks", [(0,), (1,), (0, 2), (3,)])
def test_harmonics_have_the_gradients_of_their_differences(ks):
    z = noise(1, 2, 3, 2).requires_grad_()
    assert torch.autograd.gradcheck(lambda z: harmonics(z, ks), z)
    assert torch.autograd.gradgradcheck(lambda z: harmonics(z, ks), z)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_harmonics_have_no_gradient_at_zero(dtype):
    z = torch.zeros(1, 2, 2, 2, dtype=dtype, requires_grad=True)
    planes = harmonics(z, (0, 2))
    planes.sum().backward()
    assert planes.abs().max() < 1e-18
    assert (z.grad == 0).all()


# The covariances


def test_half_planes_have_the_gradients_of_their_differences():
    a, b = noise(1, 2, 6, 8).requires_grad_(), noise(1, 3, 6, 8).requires_grad_()

    def function(a, b):
        a_hat, b_hat = half_planes.spectra(a), half_planes.spectra(b)
        narrow = half_planes.fields(half_planes.crop(b_hat, 4, 6), 4, 6)
        return half_planes.inner(a_hat, b_hat), narrow

    assert torch.autograd.gradcheck(function, (a, b))
    assert torch.autograd.gradgradcheck(function, (a, b))


def in_space(phi, x):
    """The numbers of a statistic from its table, by numpy, with every sum over all points."""
    x, shape, (J, L) = x[0].numpy(), x.shape[1:], (phi.J, phi.L)
    channels = {}
    for j in range(J):
        bands = np.fft.ifft2(np.fft.fft2(x) * bump_wavelets.psi(shape, j, L))  # (2 L, H, W)
        for k in range(3):
            z = np.abs(bands) * np.exp(1j * k * np.angle(bands))
            if phi.model == "D":
                z = z - z.mean()
                z = np.fft.fft(z / np.sqrt((np.abs(z) ** 2).mean()), axis=0, norm="ortho")
            else:
                z = z - z.mean(axis=(1, 2), keepdims=True)
                z = z / np.sqrt((np.abs(z) ** 2).mean(axis=(1, 2), keepdims=True))
            channels.update({(j, k, q): z[q] for q in range(2 * L)})
    low = np.fft.ifft2(np.fft.fft2(x) * bump_wavelets.phi(shape, J)).real
    channels[J, 1, 0] = (low - low.mean()) / low.std()
    numbers = []
    table = phi.table()
    for what, *rest in zip(*(table[column] for column in table), strict=True):
        j, j2, k, k2, q, q2, row, column, part = rest
        step = 2 ** min(j, J - 1)
        moved = np.roll(channels[j2, k2, q2], (row * step, column * step), axis=(0, 1))
        value = (channels[j, k, q] * moved.conj()).mean()
        value = value.imag if part == "imaginary" else value.real
        numbers.append(0 if what == "mean" else value)
    return np.array(numbers)


@pytest.mark.parametrize("model", ["B", "C", "D"])
def test_numbers_are_the_covariances_of_their_table_in_space(model):
    x = field()
    phi = on_the_pixels(new(model)).fit(x)
    np.testing.assert_allclose(phi(x)[0], in_space(phi, x), atol=1e-10)


@pytest.mark.parametrize("model", ["C", "D"])
def test_cropped_grids_change_numbers_little(model):
    """Moduli have few frequencies beyond twice those of their band."""
    x = field(side=64)
    phi = new(model, side=64, J=4).fit(x)
    expected = torch.from_numpy(in_space(phi, x))
    assert (phi(x)[0] - expected).norm() < 5e-3 * expected.norm()


def test_model_d_leaves_out_only_zeros_and_conjugates():
    """All 2L frequencies of all pairs, against those that are kept."""
    x, size = field().numpy(), 2 * L
    bands = np.fft.ifft2(np.fft.fft2(x) * bump_wavelets.psi((N, N), 1, L))
    turned = {}
    for k in range(3):
        turned[k] = np.fft.fft(np.abs(bands) * np.exp(1j * k * np.angle(bands)), axis=0)
    for same, pairs in ((True, harmonic_pairs.SAME), (False, harmonic_pairs.CROSS)):
        for k, k2 in pairs:
            covariances = (turned[k] * turned[k2].conj()).mean(axis=(1, 2))
            scale = np.abs(covariances).max()
            conjugates = covariances[-np.arange(size) % size].conj()
            np.testing.assert_allclose(covariances, conjugates, atol=1e-12 * scale)
            kept = {
                m: is_complex for m, _, is_complex in harmonic_pairs.kept("D", L, k, k2, same=same)
            }
            for m in range(L + 1):
                if m not in kept:
                    assert abs(covariances[m]) < 1e-12 * scale
                elif not kept[m]:
                    assert abs(covariances[m].imag) < 1e-12 * scale


@pytest.mark.parametrize(
    ("model", "M", "count"), [("B", 2474, 1674), ("C", 4330, 2730), ("D", 272, 193)]
)
def test_counts(model, M, count):
    """Those of the paper, and ours without its repetitions, at J = 5 and L = 8."""
    phi = statistics.new("phase_harmonics", (32, 32), model=model)
    assert phi.listed == {"B": 6895, "C": 10927, "D": 769}[model]
    assert phi.count == count
    assert {len(column) for column in phi.table().values()} == {M}
    assert phi.fit(field())(field()).shape == (1, M)


def test_numbers_of_the_list_of_the_paper_are_those_kept_or_their_conjugates():
    """Every pair within a quarter turn of 16 directions, k = 1 and k' = 0, 1."""
    x, size = field(), 2 * L
    phi = on_the_pixels(new("B")).fit(x)
    values, table = phi(x)[0].numpy(), phi.table()
    known = {}
    for i, what in enumerate(table["what"]):
        if what == "covariance" and table["scale"][i] == 1:
            key = tuple(table[name][i] for name in ("k", "k2", "angle", "angle2"))
            known[key] = (
                known.get(key, 0) + values[i] * {"real": 1, "imaginary": 1j}[table["part"][i]]
            )
    bands = np.fft.ifft2(np.fft.fft2(x[0].numpy()) * bump_wavelets.psi((N, N), 1, L))
    channels = {0: np.abs(bands) - np.abs(bands).mean(axis=(1, 2), keepdims=True), 1: bands}
    for k, k2 in ((1, 0), (1, 1), (0, 0)):
        for q in range(size):
            for q2 in range(size):
                if min((q - q2) % size, (q2 - q) % size) > L // 2:
                    continue
                a, b = channels[k][q], channels[k2][q2]
                value = (a * b.conj()).mean() / (a.std() * b.std())
                if (k, k2) == (1, 0):
                    options = [known[1, 0, q % L, q2 % L]]
                else:
                    half = size if k else L
                    turned = ((q, q2), (q2, q), (q + L, q2 + L), (q2 + L, q + L))
                    keys = [(k, k2, a % half, b % half) for a, b in turned]
                    options = [known[key] for key in keys if key in known]
                assert options
                close = [abs(value - v) < 1e-10 or abs(value - np.conj(v)) < 1e-10 for v in options]
                assert all(close)


def test_moduli_of_white_noise_have_the_mean_of_rayleigh():
    """1/d ||x * psi||_1 = ||psi||_2 sqrt(pi) / 2 for circular coefficients of variance 1.

    The finest ones are not circular: a wavelet overlaps with the next period of the opposite one.
    """
    phi = new("B", side=128, J=2).fit(noise(4, 128, 128))
    for j in (1,):
        energy = (bump_wavelets.psi((128, 128), j, L)[:L] ** 2).mean(axis=(1, 2))
        expected = np.sqrt(energy) * np.sqrt(np.pi) / 2
        # 4 x 128^2 / 4^2 nearly independent points: errors below a hundredth
        np.testing.assert_allclose(phi.means[j, :L], expected, rtol=0.02)


# The statistic


@pytest.mark.parametrize("model", ["B", "C", "D"])
def test_a_translation_changes_nothing(model):
    x = field()
    phi = on_the_pixels(new(model)).fit(x)
    torch.testing.assert_close(phi(x.roll((5, -3), (1, 2))), phi(x), rtol=0, atol=1e-10)


def test_cropped_grids_are_nearly_invariant_to_translations():
    x = field(side=64)
    phi = new(side=64, J=4).fit(x)
    assert (phi(x.roll((5, -3), (1, 2))) - phi(x)).norm() < 2e-3 * phi(x).norm()


def test_model_d_does_not_change_when_the_field_turns():
    x = field()
    turned = torch.rot90(x, 1, (1, 2))
    phi, full, oriented = new("D").fit(x), on_the_pixels(new("D")).fit(x), new("C").fit(x)
    torch.testing.assert_close(full(turned), full(x), rtol=0, atol=1e-10)
    # The edge of a cropped grid is one of its axes' two.
    torch.testing.assert_close(phi(turned), phi(x), rtol=0, atol=1e-3)
    assert (oriented(turned) - oriented(x)).norm() > 0.05 * oriented(x).norm()


def test_variances_of_the_example_are_one():
    x = field()
    phi = new().fit(x)
    values, table = phi(x)[0], phi.table()
    same = [
        what in ("covariance", "low-pass")
        and j == j2
        and k == k2
        and q == q2
        and not row
        and not column
        for what, j, j2, k, k2, q, q2, row, column in zip(
            *(table[name] for name in list(table)[:-1]), strict=True
        )
    ]
    assert sum(same) == J * 2 * L + 1
    torch.testing.assert_close(values[same], torch.ones(sum(same)).double(), rtol=0, atol=1e-10)
    assert abs(values[-1]) < 1e-12


def test_the_example_is_a_fixed_point():
    x = field().requires_grad_()
    phi = new().fit(x)
    y = phi(x).detach()
    loss = (phi(x) - y).square().sum()
    loss.backward()
    assert loss == 0
    assert (x.grad == 0).all()


def test_a_change_of_contrast_or_of_the_mean_is_seen():
    """Since means and deviations are those of the example."""
    x = field()
    phi = new("D").fit(x)
    values, table = phi(2 * x)[0], phi.table()
    bands = [
        k == k2 == 1 and what == "covariance"
        for k, k2, what in zip(table["k"], table["k2"], table["what"], strict=True)
    ]
    torch.testing.assert_close(values[bands], 4 * phi(x)[0, bands])
    assert (phi(x + 0.1) - phi(x))[0, -1] > 0.01


def test_the_statistic_of_several_examples_is_near_their_mean():
    x = field(n=4)
    phi = new("B").fit(x)
    table, mean = phi.table(), phi(x).mean(0)
    same = [
        what == "covariance" and (j, k, q) == (j2, k2, q2)
        for what, j, j2, k, k2, q, q2 in zip(*(list(table.values())[:7]), strict=True)
    ]
    torch.testing.assert_close(mean[same], torch.ones(sum(same)).double(), rtol=0, atol=1e-10)


@pytest.mark.parametrize("model", ["C", "D"])
def test_a_statistic_has_the_gradient_of_its_differences(model):
    phi = new(model, side=16, J=2, L=2).fit(field(side=16))
    x = field(side=16, seed=1).requires_grad_()
    assert torch.autograd.gradcheck(phi, x, fast_mode=True)
    assert torch.autograd.gradgradcheck(phi, x, fast_mode=True)


def test_a_masked_statistic_has_the_gradient_of_its_differences():
    mask = torch.ones(16, 16, dtype=torch.bool)
    mask[0] = False
    phi = new("C", side=16, J=1, L=2).fit(field(side=16))
    x = field(side=16, seed=1).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: phi(x, mask), x, fast_mode=True)


def test_float32_is_near_float64():
    x = field()
    phi = new().fit(x)
    found = phi(x.float())
    assert found.dtype == torch.float32
    assert (found - phi(x)).norm() < 1e-5 * phi(x).norm()


def test_a_batch_in_groups_is_its_fields_one_by_one(monkeypatch):
    x = field(n=3)
    phi, results = new().fit(x), []
    for points in (2**19, N * N):
        monkeypatch.setattr(phase_harmonics, "POINTS", points)
        fields = x.clone().requires_grad_()
        values = phi(fields)
        values.square().sum().backward()
        results.append((values, fields.grad))
    torch.testing.assert_close(*(values for values, _ in results))
    torch.testing.assert_close(*(gradient for _, gradient in results))
    torch.testing.assert_close(results[0][0][1:2], phi(x[1:2]))


@pytest.mark.parametrize("shape", [(24, 40), (34, 32)])
def test_sides_may_be_any_even_numbers(shape):
    x = noise(1, *shape)
    phi = statistics.new("phase_harmonics", shape, J=2, L=3).fit(x)
    full = on_the_pixels(copy.deepcopy(phi))
    np.testing.assert_allclose(full.fit(x)(x)[0], in_space(full, x), atol=1e-10)
    assert (phi(x) - full(x)).norm() < 0.02 * full(x).norm()


# The mask


@pytest.mark.parametrize("model", ["B", "C", "D"])
def test_a_mask_that_hides_nothing_changes_nothing(model):
    x, mask = field(), torch.ones(N, N, dtype=torch.bool)
    plain, masked = new(model).fit(x), new(model).fit(x, mask)
    # Grids drop frequencies at their edge from the bands, which a mask's transform does not.
    torch.testing.assert_close(masked(x, mask), plain(x), rtol=0, atol=1e-4)
    full = on_the_pixels(new(model)).fit(x)
    torch.testing.assert_close(full(x, mask), full(x), rtol=0, atol=1e-10)


def test_hidden_points_change_nothing():
    x, mask = field(side=64), torch.ones(64, 64, dtype=torch.bool)
    mask[20:24, 30:40] = False
    spoilt = torch.where(mask, x, torch.nan)
    a, b = new(side=64).fit(x, mask), new(side=64).fit(spoilt, mask)
    assert torch.equal(a(x, mask), b(spoilt, mask))


def test_a_part_of_a_field_that_is_not_periodic_has_nearly_its_numbers():
    """Of a stationary field: hiding the border leaves fewer points, and no seam."""
    x = noise(1, 128, 128)
    phi = new("B", side=128).fit(x)
    mask = torch.ones(128, 128, dtype=torch.bool)
    mask[0], mask[:, 0] = False, False
    seam = torch.cat([x[:, :, :64], x[:, :, :64].flip(2) * 3], dim=2)
    hidden = mask.clone()
    hidden[:, 60:] = False
    # The half has 60 x 128 points less its borders, so its numbers vary by some per cent.
    for other, visible, tolerance in ((x, mask, 0.1), (seam, hidden, 0.2)):
        assert (phi(other, visible) - phi(x)).norm() < tolerance * phi(x).norm()
    assert (phi(seam) - phi(x)).norm() > phi(x).norm()


# Files and bad input


def test_a_statistic_is_the_same_from_its_file(tmp_path):
    x = field()
    phi = new("C").fit(x)
    statistics.save(phi, tmp_path / "phi.pt")
    again = statistics.load(tmp_path / "phi.pt")
    assert again.settings == phi.settings
    assert torch.equal(again(x), phi(x))


def test_bad_input_gives_a_sentence():
    x = field()
    for settings, message in (
        ({"model": "A"}, "model must be B, C or D"),
        ({"J": 6}, "use J=5"),
        ({"L": 0}, "L must be an integer of at least 1"),
        ({"side": 33}, "two even sides"),
    ):
        with pytest.raises(ValueError, match=message):
            new(**settings)
    with pytest.raises(ValueError, match="fitted before it is used"):
        new()(x)
    with pytest.raises(ValueError, match="x must be finite: got"):
        new().fit(torch.where(x == x.max(), torch.nan, x))
    with pytest.raises(ValueError, match="x must vary: got a constant"):
        new().fit(torch.ones(1, N, N))
    with pytest.raises(ValueError, match="energy in every band"):
        new().fit(torch.cos(torch.arange(N) * np.pi / 4).expand(1, N, N))
    with pytest.raises(ValueError, match="one that hides all"):
        new().fit(x, torch.zeros(N, N, dtype=torch.bool))
    with pytest.raises(ValueError, match="mask must leave points farther than"):
        new().fit(x, (torch.arange(N) % 8 != 0).expand(N, N))
    with pytest.raises(ValueError, match=r"of shape \(n, 32, 32\): got \(32, 32\)"):
        new().fit(x[0])
    with pytest.raises(ValueError, match="float32 or float64"):
        new().fit(x.half())
    with pytest.raises(ValueError, match="mask must be a bool"):
        new().fit(x, torch.ones(N, N))
