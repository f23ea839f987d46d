"""Statistics of stationary fields: identities, independent references, and the same checks of all.

Each statistic that can be imported passes the checks of the first half.
"""

import copy
import importlib.util
import math
import re

import numpy as np
import pytest
import torch

from gsn.transforms import morlet, statistics
from gsn.transforms.bands import Bands
from gsn.transforms.scattering2d import filters
from gsn.transforms.statistics import gram, moduli

PACKAGE = "gsn.transforms.statistics"
NAMES = [name for name in statistics.NAMES if importlib.util.find_spec(f"{PACKAGE}.{name}")]
WITH_SCALES = [name for name in NAMES if name != "gaussian"]
# Grids that are cropped alias a little of each modulus, in a way that changes with a translation.
ALIASING = 2e-3

every = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def new(name, N=16, J=2, **settings):
    return statistics.new(name, (N, N), **({"J": J} if name in WITH_SCALES else {}), **settings)


def skewed(n, N, seed=0):
    """Fields with a red spectrum and bright spots, (n, N, N) float64."""
    noise = torch.randn(n, N, N, dtype=torch.float64, generator=torch.manual_seed(seed))
    squares = torch.fft.fftfreq(N)[:, None].square() + torch.fft.rfftfreq(N).square()
    red = torch.fft.irfft2(torch.fft.rfft2(noise) * (squares + 0.01) ** -0.5, s=(N, N))
    return torch.exp(red / red.std()) + 0.2 * noise


def difference(a, b):
    return ((a - b).norm() / b.norm()).item()


@every
def test_numbers_are_as_many_as_the_rows_of_the_table(name):
    x = skewed(2, 16)
    phi = new(name).fit(x[:1])
    y, table = phi(x), phi.table()
    assert {len(column) for column in table.values()} == {y.shape[1]}
    assert 0 < phi.count <= y.shape[1]
    assert torch.isfinite(y).all()
    assert y.dtype == x.dtype


@every
def test_the_example_has_no_loss_and_no_gradient(name):
    x = skewed(2, 16)
    phi = new(name).fit(x[:1])
    y = phi(x[:1]).detach()
    fields = x.clone().requires_grad_()
    losses = (phi(fields) - y).square().sum(dim=1)
    (gradient,) = torch.autograd.grad(losses.sum(), fields)
    assert losses[0] < 1e-20 < 1e-3 < losses[1]  # rounding, and another realisation
    assert gradient[0].abs().max() < 1e-9 < gradient[1].abs().max()


@every
def test_gradients_are_differences(name):
    x = skewed(2, 16)
    phi = new(name).fit(x[:1])
    assert torch.autograd.gradcheck(phi, x[1:].requires_grad_(), fast_mode=True, atol=1e-4)


@every
def test_translations_change_nothing(name):
    x = skewed(1, 16)
    phi = new(name).fit(x)
    assert difference(phi(x.roll((3, -5), (1, 2))), phi(x)) < ALIASING
    x = skewed(1, 64)  # where coarse scales have grids of their own
    phi = new(name, N=64, J=4).fit(x)
    assert difference(phi(x.roll((3, -5), (1, 2))), phi(x)) < ALIASING


@every
def test_a_batch_has_the_numbers_of_its_fields(name):
    x = skewed(3, 16)
    phi = new(name).fit(x)
    torch.testing.assert_close(phi(x), torch.cat([phi(field[None]) for field in x]))


@pytest.mark.parametrize("name", ["rectified", "scattering_covariance"])
def test_groups_of_fields_change_nothing(name, monkeypatch):
    x = skewed(3, 16).requires_grad_()
    phi, found = new(name).fit(x[:1]), []
    for points in (3 * 16**2, 1):  # all fields, and one at a time
        monkeypatch.setattr(f"{PACKAGE}.{name}.POINTS", points)
        y = phi(x)
        found.append((y, torch.autograd.grad(y.square().sum(), x)[0]))
    for whole, grouped in zip(*found, strict=True):
        torch.testing.assert_close(grouped, whole)


@every
def test_single_precision_is_near_double(name):
    x = skewed(2, 16)
    phi = new(name).fit(x[:1])
    y = phi(x.float())
    assert y.dtype == torch.float32
    assert difference(y.double(), phi(x)) < 1e-5
    assert difference(new(name).fit(x[:1].float())(x), phi(x)) < 1e-5


@every
def test_the_offset_of_a_unit_has_no_part_in_the_numbers(name):
    """Otherwise it is most of the norm of y, and a descent ends at its start."""
    x = skewed(2, 16)
    y = new(name).fit(x[:1])(x)
    torch.testing.assert_close(new(name).fit(x[:1] + 300)(x + 300), y, rtol=1e-6, atol=1e-9)
    single = (x + 300).float()  # whose values are rounded to 3e-5
    assert difference(new(name).fit(single[:1])(single).double(), y) < 1e-3


@every
def test_all_is_computed_on_the_device_of_the_fields(name):
    """A meta tensor has no values; an operation of it and of a tensor of the CPU is refused."""
    phi = new(name).fit(skewed(1, 16)).to("meta")
    x = torch.empty(2, 16, 16, device="meta", requires_grad=True)
    y = phi(x)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    assert (y.device.type, gradient.device.type) == ("meta", "meta")
    assert y.shape == (2, len(phi.table()[next(iter(phi.table()))]))


@every
def test_a_mask_of_all_points_is_no_mask(name):
    x, mask = skewed(2, 32), torch.ones(32, 32, dtype=torch.bool)
    phi, masked = new(name, N=32).fit(x[:1]), new(name, N=32).fit(x[:1], mask)
    assert difference(phi(x, mask), phi(x)) < 1e-5
    assert difference(masked(x), phi(x)) < 1e-5


@every
def test_hidden_points_do_not_matter(name):
    x, mask = skewed(1, 64), torch.ones(64, 64, dtype=torch.bool)
    mask[:, :6] = mask[40, 30] = False
    phi = new(name, N=64).fit(x, mask)
    missing = x.clone()
    missing[:, ~mask] = math.nan
    other = new(name, N=64).fit(missing, mask)
    torch.testing.assert_close(other(missing, mask), phi(x, mask))
    assert torch.isfinite(phi(x, mask)).all()


@every
def test_a_mean_over_examples_is_frozen(name):
    x = skewed(3, 16)
    phi, alone = new(name).fit(x), new(name).fit(x[:1])
    assert torch.isfinite(phi(x)).all()
    assert difference(phi(x), alone(x)) > 1e-3


@every
def test_a_file_and_a_copy_give_the_same_numbers(name, tmp_path):
    x = skewed(2, 16)
    phi = new(name).fit(x[:1])
    y = phi(x)
    statistics.save(phi, tmp_path / "phi.pt")
    read = statistics.load(tmp_path / "phi.pt")
    assert read.settings == phi.settings
    assert torch.equal(read(x), y)
    assert torch.equal(copy.deepcopy(phi)(x), y)
    damaged = torch.load(tmp_path / "phi.pt")
    damaged["frozen"].popitem()
    torch.save(damaged, tmp_path / "phi.pt")
    with pytest.raises(ValueError, match="must be a fitted statistic"):
        statistics.load(tmp_path / "phi.pt")


def sentence(error):
    """Whether an error is one sentence with a requirement, what was found, and a remedy."""
    return re.fullmatch(r".+ must .+: got .+; .+\.", str(error.value))


@every
def test_gradients_exist_after_inference_mode(name):
    phi, x = new(name), skewed(1, 16)
    with torch.inference_mode():
        phi.fit(x)
        phi(x)
    x.requires_grad_()
    assert torch.autograd.grad(phi(x).square().sum(), x)[0].isfinite().all()


@every
def test_bad_input_gets_one_sentence(name):
    x = skewed(2, 16)
    phi = new(name)
    missing, hidden = x.clone(), torch.zeros(16, 16, dtype=torch.bool)
    missing[1, 2, 3] = math.nan
    for arguments in [
        (missing,),
        (torch.ones(1, 16, 16),),
        (x, hidden),
        (x[0],),
        (x[:, :8],),
        (1e-20 * x.float(),),
        (x, torch.ones(4, 4, dtype=torch.bool)),
    ]:
        with pytest.raises(ValueError, match="must") as error:
            phi.fit(*arguments)
        assert sentence(error), error.value
    with pytest.raises(ValueError, match="fit") as error:
        phi(x)
    assert sentence(error), error.value
    with pytest.raises(ValueError, match="even") as error:
        new(name, N=15)
    assert sentence(error), error.value


@pytest.mark.parametrize("name", WITH_SCALES)
def test_too_many_scales_get_one_sentence(name):
    with pytest.raises(ValueError, match="J must") as error:
        new(name, J=7)
    assert sentence(error), error.value


def test_wavelets_are_those_of_the_scattering_transform():
    for (j, angle), shape in (((0, 0.3), (24, 16)), ((1, -2.0), (24, 16)), ((2, 1.0), (32, 32))):
        space = filters.morlet(shape, 0.8 * 2**j, angle, 0.75 * np.pi / 2**j, 4 / 8)
        np.testing.assert_allclose(
            morlet.wavelet(shape, j, angle, 8), np.fft.fft2(space).real, atol=1e-12
        )


def bands(x, J, L=4):
    """The bands of one field on all of its points, (J, L, N, N) complex."""
    psi = np.stack(morlet.wavelets(x.shape, J, L))
    return np.fft.ifft2(np.fft.fft2(x) * psi)


def convolved(u, j, t, J, L=4):
    psi = morlet.wavelets(u.shape, J, L)[j][t]
    return np.fft.ifft2(np.fft.fft2(u) * psi)


def ratios(phi, x):
    """The numbers of the second field, for a statistic that is fitted to the first."""
    return phi.fit(x[:1])(x)[1].tolist()


def test_power_is_that_of_rings():
    x = skewed(2, 16)
    power = np.abs(np.fft.fft2(x.numpy())) ** 2
    radius = np.hypot(np.fft.fftfreq(16)[:, None], np.fft.fftfreq(16)) * 16
    rings = [(radius >= r + 0.5) & (radius < r + 1.5) for r in range(7)]
    expected = [power[1, ring].sum() / power[0, ring].sum() for ring in rings]
    # The frequencies of the last row and the last column are their own opposites, and count once.
    np.testing.assert_allclose(ratios(new("gaussian", isotropic=True), x)[1:8], expected, rtol=1e-9)


def test_random_phases_keep_the_power_in_all_bins():
    x = skewed(1, 16)
    noise = torch.fft.rfft2(torch.randn_like(x))
    other = torch.fft.irfft2(torch.fft.rfft2(x).abs() * noise / noise.abs(), s=(16, 16))
    other = other - other.mean() + x.mean()
    phi = new("gaussian").fit(x)
    assert difference(phi(other), phi(x)) < 1e-9


def test_variances_are_means_of_squared_bands():
    x = skewed(2, 32)
    phi = new("wavelet_variances", N=32, J=3)
    variances = [(np.abs(bands(field, 3)) ** 2).mean(axis=(2, 3)).ravel() for field in x.numpy()]
    np.testing.assert_allclose(ratios(phi, x)[1:-1], variances[1] / variances[0], rtol=1e-4)


def test_scattering_is_means_of_moduli_on_all_points():
    x = skewed(2, 64)
    phi = new("scattering", N=64, J=4, powers=(1, 2))
    found, table = ratios(phi, x), phi.table()
    u = [np.abs(bands(field, 4)) for field in x.numpy()]
    errors = {1: [], 2: []}
    for i in range(2, len(found)):
        kind, p, j, t, k, v = (column[i] for column in table.values())
        moments = [
            (
                (np.abs(convolved(part[j, t], k, v, 4)) if kind == "order 2" else part[j, t]) ** p
            ).mean()
            for part in u
        ]
        errors[p].append(found[i] * moments[0] / moments[1] - 1)
    # the aliases of a modulus, and of its square
    assert np.sqrt(np.mean(np.square(errors[1]))) < 1e-3
    assert np.sqrt(np.mean(np.square(errors[2]))) < 1e-3


def test_scattering_moments_are_as_many_as_on_the_slides():
    """1 + J L + L^2 J (J - 1) / 2, and the variance."""
    assert new("scattering", N=32, J=5, L=8).count == 681 + 1
    assert new("scattering", N=64, J=6, L=6).count == 577 + 1


@every
def test_gradients_of_second_order_are_differences(name):
    """Which the entropy of a descent needs."""
    x = skewed(2, 16)
    phi = new(name).fit(x[:1])
    loss = lambda x: (phi(x) - 1).square().sum()[None]  # noqa: E731
    fields = x[1:].requires_grad_()
    assert torch.autograd.gradgradcheck(loss, fields, fast_mode=True, atol=1e-3, rtol=1e-3)


def test_the_mean_of_the_examples_has_ones():
    x = skewed(3, 16)
    y = new("scattering").fit(x)(x).mean(dim=0)
    torch.testing.assert_close(y[2:], torch.ones_like(y[2:]))


def test_covariances_are_those_of_bands_on_all_points():
    x, J = skewed(2, 64), 4
    phi = new("scattering_covariance", N=64, J=J).fit(x[:1])
    found, columns = phi(x)[1].tolist(), phi.table().values()
    own, w = (bands(field, J) for field in x.numpy())
    power, u = (np.abs(own) ** 2).mean(axis=(2, 3)), np.abs(w)
    unit = x[0].numpy().std()
    for i, (kind, part, j1, t1, j2, t2, j3, t3) in enumerate(zip(*columns, strict=True)):
        if kind == "log S1":
            expected = np.log(u[j1, t1].mean() / unit)
        elif kind == "log P00":
            expected = np.log((u[j1, t1] ** 2).mean() / unit**2)
        elif kind in ("mean", "deviation") or i % 97:  # some of the others
            continue
        elif kind == "C01":
            expected = (w[j2, t2] * convolved(u[j1, t1], j2, t2, J).conj()).mean()
            expected = getattr(expected / np.sqrt(power[j1, t1] * power[j2, t2]), part[:4])
        else:
            first, second = (convolved(u[j, t], j3, t3, J) for j, t in ((j1, t1), (j2, t2)))
            expected = (first * second.conj()).mean() / np.sqrt(power[j1, t1] * power[j2, t2])
            expected = getattr(expected, part[:4])
        assert found[i] == pytest.approx(expected, abs=1e-3), (kind, part)  # aliasing


@pytest.mark.parametrize("isotropic", [False, True])
def test_covariances_are_as_many_as_in_the_papers_program(isotropic):
    """7,889 there, with what is left out here, and without the deviation; 993 if isotropic."""
    phi = new("scattering_covariance", N=64, J=6, isotropic=isotropic)
    numbers = len(phi.table()["kind"])
    outer, inner = 21 * 4, 4  # pairs of j1 = j2 and psi_3, and moduli
    if isotropic:
        assert numbers == 993 - 21 * (16 - 10) + 1
    else:
        assert numbers == 7889 - outer * inner**2 + 1  # of 2 inner^2, half are copies or zero


def test_covariances_know_the_sign_and_the_direction_of_a_field():
    x = skewed(1, 32)
    x = x - x.mean()  # the number of the mean is its difference from the example's
    phi = new("scattering_covariance", N=32, J=3).fit(x)
    y, negative, reflected = phi(x)[0], phi(-x)[0], phi(x.flip((1, 2)))[0]
    kinds, parts = (np.array(phi.table()[name]) for name in ("kind", "part"))
    odd = torch.from_numpy(np.isin(kinds, ["mean", "C01"]))
    imaginary = torch.from_numpy(parts == "imaginary")
    torch.testing.assert_close(negative, torch.where(odd, -y, y))
    torch.testing.assert_close(reflected, torch.where(imaginary, -y, y), atol=1e-4, rtol=1e-3)


def test_isotropic_covariances_do_not_change_by_a_quarter_turn():
    x = skewed(1, 32)
    turned = x.rot90(1, (1, 2))
    isotropic, plain = (
        new("scattering_covariance", N=32, J=3, isotropic=flag).fit(x) for flag in (True, False)
    )
    # The sides of the torus do not turn with a diagonal wavelet, exactly.
    assert difference(isotropic(turned), isotropic(x)) < ALIASING
    assert difference(plain(turned), plain(x)) > 1e-2


def test_isotropic_covariances_are_means_of_covariances():
    x = skewed(2, 16)
    plain, isotropic = (
        new("scattering_covariance", isotropic=flag).fit(x[:1]) for flag in (False, True)
    )
    powers = plain._reference[1:].reshape(2, 4)
    isotropic._reference[1:] = plain._reference[1:] = (
        powers.mean(dim=1, keepdim=True).expand(2, 4).flatten()
    )  # the same denominators
    rows = list(zip(*list(plain.table().values()), strict=True))
    y = dict(zip(rows, plain(x)[1].tolist(), strict=True))

    def value(kind, j1, t1, j2, t2, j3, t3):
        key = (kind, "real", j1, t1, j2, t2, j3, t3)
        return y[key] if key in y else y[kind, "real", j2, t2, j1, t1, j3, t3]

    found = dict(zip(zip(*isotropic.table().values(), strict=True), isotropic(x)[1], strict=True))
    for (kind, _, *where), number in found.items():
        if kind in ("C01", "C11"):
            turns = [
                [(v + turn) % 4 if i % 2 and v >= 0 else v for i, v in enumerate(where)]
                for turn in range(4)
            ]
            assert number.item() == pytest.approx(np.mean([value(kind, *turn) for turn in turns]))


def test_rectified_covariances_are_those_on_all_points():
    x, J = skewed(2, 64), 4
    phi = new("rectified", N=64, J=J).fit(x[:1])
    found, columns = phi(x)[1].tolist(), phi.table().values()

    def rectified(w, a):
        return np.maximum((w * np.exp(1j * a * np.pi / 2)).real, 0)

    own, w = (bands(field, J) for field in x.numpy())
    for i, (kind, j, t, a, k, v, *shift) in enumerate(zip(*columns, strict=True)):
        if kind == "rectified" and not i % 97:
            pair = []
            for scale, angle, phase in ((j, t, a), (k, v, 0)):
                frozen = rectified(own[scale, angle], phase)
                pair.append((rectified(w[scale, angle], phase) - frozen.mean()) / frozen.std())
            expected = (pair[0] * np.roll(pair[1], shift, (0, 1))).mean()
            assert found[i] == pytest.approx(expected, abs=5e-3), (j, t, a, k, v, shift)  # aliasing


def test_low_pass_covariances_are_those_on_all_points():
    x = skewed(2, 32)
    phi = new("rectified", N=32, J=2).fit(x[:1])
    own, other = np.fft.ifft2(np.fft.fft2(x.numpy()) * morlet.low_pass((32, 32), 2)).real
    other = (other - own.mean()) / own.std()
    expected = [(other * np.roll(other, tau, (0, 1))).mean() for tau in ((0, 0), (0, 2), (1, 1))]
    np.testing.assert_allclose(phi(x)[1, -5:-2], expected, rtol=1e-3)


def test_compiled_gram_matrices_and_gradients_are_those_of_products_of_matrices():
    psi = morlet.wavelets((32, 24), 2, 3)
    first, second = Bands(psi, room=1.5), Bands(psi)
    x = torch.randn(2, 32, 24, dtype=torch.float64, requires_grad=True)
    x_hat = torch.fft.fft2(x)
    channels = [x_hat[:, None, :, :13], *(moduli.spectra(x_hat, first, j) for j in range(2))]
    weights = [gram.band(second.psi(j, x), (32, 24)) for j in range(2)]
    for threads in (1, 2):
        torch.set_num_threads(threads)
        for j, found in enumerate(gram.grams(channels, weights)):
            expected = gram.products(gram.packed(channels[: j + 2], weights[j]), weights[j])
            torch.testing.assert_close(found, expected)
            probe = torch.randn_like(found)
            gradients = [
                torch.autograd.grad((G * probe).sum(), x, retain_graph=True)[0]
                for G in (found, expected)
            ]
            torch.testing.assert_close(*gradients)


def test_an_unknown_statistic_gets_one_sentence():
    with pytest.raises(ValueError, match="gaussian") as error:
        statistics.new("moments", (16, 16))
    assert re.fullmatch(r".+ must .+: got .+\.", str(error.value))
