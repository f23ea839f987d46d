"""Laws of z: densities against independent ones, fits that beat N(0, I), files, and refusals."""

import re

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from scipy.stats import multivariate_normal, norm
from sklearn.mixture import GaussianMixture

from gsn.samplers import arguments, gaussian, laws, mixture, sizes
from gsn.training import train

SMALL = {
    "gaussian": {},
    "mixture": {"components": 3, "covariance": "diag"},
    "vae": {"latent": 4, "hidden": 16, "noise": True},
    "gan": {"latent": 4, "hidden": 16},
    "flow": {"transforms": 2, "hidden": 16},
    "flow_matching": {"hidden": 16, "blocks": 1},
}
NEURAL = ("vae", "gan", "flow", "flow_matching")


def small(name, d=3):
    torch.manual_seed(0)
    law = laws.new(name, d, **SMALL[name])
    with torch.no_grad():
        for parameter in law.parameters():  # also those that start at 0
            parameter += 0.1 * torch.randn_like(parameter)
    return law


def clusters(n, d=2, seed=0):
    """Return rows in four clusters, of variance 1."""
    rng = np.random.default_rng(seed)
    signs = 2 * rng.integers(0, 2, (n, 2)) - 1
    z = 0.3 * rng.standard_normal((n, d)) + 0.954 * signs[:, np.arange(d) % 2]
    return z.astype(np.float32)


def energy_distance(a, b):
    within = sum(cdist(x, x).sum() / len(x) / (len(x) - 1) for x in (a, b))
    return 2 * cdist(a, b).mean() - within


def trained(name, z, tmp_path, *, epochs, learning_rate=0.003, **settings):
    torch.manual_seed(0)
    law = laws.new(name, z.shape[1], **settings)
    parts = {"epochs": epochs, "batch": 128, "learning_rate": learning_rate, "seed": 0, "ema": 0.95}
    train(
        law,
        lambda network, z: network(z),
        (z,),
        **parts,
        checkpoint=tmp_path / "state.pt",
        finish=lambda law: law.calibrate(z) if hasattr(law, "calibrate") else None,
    )
    return law


def test_the_gaussian_has_mean_zero_and_covariance_identity():
    n, d = 20_000, 4
    z = gaussian.sample(n, d)
    assert z.dtype == np.float32
    # five standard deviations of an empirical mean and covariance
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=5 / np.sqrt(n))
    np.testing.assert_allclose(np.cov(z.T), np.eye(d), atol=5 * np.sqrt(2 / n))


def test_the_density_of_the_gaussian_is_scipys():
    z = gaussian.sample(50, 3)
    np.testing.assert_array_equal(laws.new("gaussian", 3).sample(50), z)
    expected = norm.logpdf(z.astype(np.float64)).sum(axis=1)
    np.testing.assert_allclose(laws.new("gaussian", 3).log_prob(z), expected, rtol=1e-12)


@pytest.mark.parametrize("name", laws.NAMES)
def test_the_first_draws_do_not_depend_on_their_number(name):
    law = small(name).train()
    state = torch.get_rng_state()
    z = law.sample(700, seed=1)
    assert z.shape == (700, 3)
    assert z.dtype == np.float32
    assert np.isfinite(z).all()
    np.testing.assert_array_equal(law.sample(3, seed=1), z[:3])
    np.testing.assert_array_equal(law.sample(300, seed=1), z[:300])
    assert not np.array_equal(law.sample(3, seed=2), z[:3])
    assert law.sample(0).shape == (0, 3)
    assert law.training
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("name", laws.NAMES)
def test_modes_around_the_draws_change_nothing(name):
    law = small(name)
    z = law.sample(5)
    with torch.autocast("cpu", torch.bfloat16), torch.inference_mode():
        np.testing.assert_array_equal(law.sample(5), z)
    torch.set_default_dtype(torch.float64)
    try:
        np.testing.assert_array_equal(small(name).sample(5), z)
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("name", laws.NAMES)
def test_a_law_is_the_same_from_its_file(name, tmp_path):
    law = small(name)
    if hasattr(law, "calibrate"):
        law.calibrate(clusters(300, 3))
    laws.save(law, tmp_path / "law.pt")
    loaded = laws.load(tmp_path / "law.pt")
    assert not loaded.training
    assert loaded.settings == law.settings
    np.testing.assert_array_equal(loaded.sample(20, seed=3), law.sample(20, seed=3))
    assert hasattr(law, "log_prob") == (name in ("gaussian", "mixture", "flow"))


def test_at_temperature_0_the_draws_are_points():
    z = mixture.fit(clusters(400), components=(4,)).sample(200, temperature=0)
    assert len(np.unique(z, axis=0)) == 4
    np.testing.assert_allclose(np.abs(z), 0.954, atol=0.1)
    for name in set(laws.NAMES) - {"mixture"}:
        assert len(np.unique(small(name).sample(300, temperature=0), axis=0)) == 1
    law = laws.new("mixture", 3)
    np.testing.assert_allclose(law.sample(9, temperature=2), 2 * law.sample(9), rtol=1e-6)


@pytest.mark.parametrize("covariance", mixture.COVARIANCES)
def test_the_density_of_a_mixture_is_scikit_learns(covariance):
    z = clusters(500, 4).astype(np.float64)
    law = mixture.fit(z, components=(5,), covariances=(covariance,))
    model = GaussianMixture(5, covariance_type=covariance)
    model.weights_, model.means_ = law.weights.numpy(), law.means.numpy()
    L = law.factors.numpy()
    model.precisions_cholesky_ = np.linalg.inv(L).swapaxes(1, 2) if covariance == "full" else 1 / L
    np.testing.assert_allclose(law.log_prob(z), model.score_samples(z), atol=1e-5)
    draws = law.sample(40_000)
    np.testing.assert_allclose(draws.mean(axis=0), z.mean(axis=0), atol=0.05)
    np.testing.assert_allclose(np.cov(draws.T), np.cov(z.T), atol=0.05)


def test_the_mixture_is_chosen_on_held_out_rows():
    law = mixture.fit(clusters(2000), components=(1, 4, 64, 128))
    assert law.settings["components"] == 4
    best = max(law.candidates, key=lambda row: row["log_likelihood"])
    assert (best["components"], best["covariance"]) == (4, law.settings["covariance"])
    assert list(best) == ["components", "covariance", "start", "log_likelihood", "seconds"]
    grown = [
        [row["components"] for row in law.candidates if (row["covariance"], row["start"]) == choice]
        for choice in (("full", "clusters"), ("diag", "clusters"), ("full", "shells"))
    ]
    assert grown[:2] == [[1, 4, 64], [1, 4, 64]]  # 64 is worse than 4, and 128 is not tried
    assert grown[2][0] == 4  # one component has one start


def test_the_mixture_finds_shells_of_different_sizes():
    """The variance is 0.1 or 1.9; k-means finds no clusters in such rows."""
    rng = np.random.default_rng(0)
    z = rng.standard_normal((2000, 16)) * np.sqrt(rng.choice([0.1, 1.9], (2000, 1)))
    law = mixture.fit(z, components=(2,))
    variances = law.factors.square().mean(dim=-1).flatten() * (
        16 if law.settings["covariance"] == "full" else 1
    )
    sizes_found = np.sort(variances.reshape(2, -1).mean(dim=1).numpy())
    np.testing.assert_allclose(sizes_found, [0.1, 1.9], rtol=0.1)


def test_sizes_beyond_the_knots_stay_bounded():
    """Equal sizes make a steep last piece, which must not go on."""
    T = sizes.Sizes()
    T.fit(np.minimum(np.linspace(-1, 1, 500), 0), np.linspace(-1, 1, 500))
    assert T(torch.tensor([[-2.0], [0.05], [2.0]])).abs().max() < 6


def test_rescaled_sizes_are_those_of_the_rows():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal(4000), 3 + rng.exponential(size=4000)
    T = sizes.Sizes()
    T.fit(a, b)
    made = T(torch.from_numpy(a)).numpy()
    levels = np.linspace(0.05, 0.95, 19)
    np.testing.assert_allclose(np.quantile(made, levels), np.quantile(b, levels), atol=0.05)
    T.fit(a / 9, b - 4)
    z = torch.randn(6, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    back, change = T.undo(T.rescale(z))
    torch.testing.assert_close(back, z, rtol=1e-6, atol=1e-6)
    for row, value in zip(z, change, strict=True):
        slopes = torch.func.jacrev(lambda row: T.rescale(row[None])[0])(row)
        assert -slopes.logdet().item() == pytest.approx(value.item(), rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("kind", ["spline", "autoregressive"])
def test_the_density_of_a_flow_integrates_to_1_and_is_that_of_its_draws(kind, tmp_path):
    z = clusters(1024)
    law = trained("flow", z, tmp_path, epochs=15, kind=kind, transforms=3, hidden=32)
    grid = np.linspace(-6, 6, 301)
    points = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
    density = np.exp(law.log_prob(points)) * (grid[1] - grid[0]) ** 2
    assert density.sum() == pytest.approx(1, abs=0.02)
    draws = law.sample(4000)
    for inside in (lambda z: z[:, 0] > 0.5, lambda z: np.hypot(*z.T) < 1, lambda z: z[:, 1] < -1):
        assert density[inside(points)].sum() == pytest.approx(inside(draws).mean(), abs=0.04)
    held_out = clusters(1000, seed=1)
    assert law.log_prob(held_out).mean() > laws.new("gaussian", 2).log_prob(held_out).mean() + 0.3


def test_a_flow_of_some_components_leaves_the_others_normal(tmp_path):
    z = clusters(1024, 4)
    law = trained("flow", z, tmp_path, epochs=8, components=2, transforms=2, hidden=16)
    first = law.sample(5)[:, 2:]
    np.testing.assert_array_equal(first, gaussian.sample(5, 4)[:, 2:])
    normal = norm.logpdf(z[:, 2:].astype(np.float64)).sum(axis=1)
    apart = law.log_prob(np.c_[z[:, :2], np.zeros_like(z[:, 2:])]) + np.log(2 * np.pi)
    np.testing.assert_allclose(law.log_prob(z), apart + normal, rtol=1e-4)


def test_a_calibrated_flow_has_the_moments_of_the_training_rows():
    law, z = small("flow", 3), clusters(2000, 3) @ np.diag([1, 2, 0.5]).astype(np.float32) + 1
    law.calibrate(z)
    drawn = law.sample(20_000)
    np.testing.assert_allclose(drawn.mean(axis=0), z.mean(axis=0), atol=0.08)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(z.T), atol=0.15)


@pytest.mark.parametrize(
    ("name", "epochs", "settings"),
    [
        ("vae", 60, {"latent": 4, "hidden": 64, "beta": 0.05}),
        ("gan", 60, {"latent": 8, "hidden": 64, "learning_rate": 0.001}),
        ("flow", 12, {"transforms": 3, "hidden": 32}),
        ("flow_matching", 40, {"hidden": 64, "blocks": 2}),
    ],
)
@pytest.mark.parametrize("d", [2, 8])
def test_a_trained_law_is_nearer_to_held_out_rows_than_the_gaussian(
    name, epochs, settings, d, tmp_path
):
    law = trained(name, clusters(2048, d), tmp_path, epochs=epochs, **settings)
    assert not any(p.isnan().any() for p in law.parameters())
    held_out = clusters(2000, d, seed=1)
    distance = energy_distance(law.sample(2000), held_out)
    assert distance < 0.5 * energy_distance(gaussian.sample(2000, d), held_out)


def test_flow_matching_recovers_a_mean_and_a_covariance(tmp_path):
    mean, C = np.array([0.5, -0.5, 0]), np.array([[1, 0.6, 0], [0.6, 1, -0.3], [0, -0.3, 0.5]])
    z = multivariate_normal(mean, C).rvs(4096, random_state=0).astype(np.float32)
    law = trained("flow_matching", z, tmp_path, epochs=30, hidden=64, blocks=2)
    draws = law.sample(8000)
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=0.08)
    np.testing.assert_allclose(np.cov(draws.T), C, atol=0.12)


def test_flow_matching_starts_as_the_standard_normal_law():
    draws = laws.new("flow_matching", 64, hidden=8).sample(2000)
    np.testing.assert_allclose(np.cov(draws.T), np.eye(64), atol=0.12)


def test_the_noise_of_the_vae_gives_back_the_variance(tmp_path):
    z = gaussian.sample(2048, 16)
    settings = {"epochs": 20, "latent": 4, "hidden": 64, "beta": 0.01}
    variances = []
    for noise in (False, True):
        law = trained("vae", z, tmp_path, noise=noise, **settings)
        law.sizes.source.copy_(law.sizes.target)  # not calibrated
        variances.append(law.sample(4000).var(axis=0).mean())
    assert variances[0] < 0.6
    assert variances[1] == pytest.approx(1, abs=0.15)


def test_the_losses_of_the_gan_move_their_own_networks(monkeypatch):
    monkeypatch.setattr("gsn.samplers.gan.EPSILON", 0)
    law, z = small("gan"), torch.randn(32, 3)
    with torch.no_grad():
        law.critic[-1].weight.zero_()  # D is constant: G has no gradient, and D still has one
    law(z).backward()
    assert not any(p.grad.any() for p in law.generator.parameters())
    assert any(p.grad.any() for p in law.critic.parameters())


@pytest.mark.parametrize(
    ("z", "message"),
    [
        (np.ones((9, 2)) * [1, 0] * np.arange(9)[:, None], "found component 1 constant; leave"),
        (np.where(np.eye(3), np.nan, 1), "z must be finite: found NaN or infinity; make"),
        (np.ones((1, 2)), "needs at least [23] rows of z: found 1; use more images"),
        (np.ones(4), r"must be real, of the shape \(n, d\): got float64 of \(4,\)"),
        (1j * np.eye(3), "must be real"),
        (1e39 * np.eye(3), "z must be finite"),
    ],
)
def test_rows_that_fit_no_law_are_refused(z, message):
    for take in (arguments.rows, mixture.fit, small("flow", 2).calibrate):
        with pytest.raises(ValueError, match=message):
            take(z)


def test_fewer_rows_than_components_are_refused():
    with pytest.raises(
        ValueError, match=r"more rows than components .* found 5 rows .*\(9,\); use"
    ):
        mixture.fit(clusters(6), components=(9,))


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("normal", {}, "law must be one of gaussian, mixture, .* got 'normal'"),
        ("mixture", {"components": 0}, "components must be an integer of at least 1: got 0"),
        ("mixture", {"covariance": "tied"}, "must be one of full, diag: got 'tied'"),
        ("vae", {"beta": 0}, "beta must be finite and above 0: got 0"),
        ("flow", {"kind": "glow"}, "a flow needs a kind of spline, autoregressive, .*: got 'glow'"),
        (
            "flow_matching",
            {"hidden": 2.5},
            "hidden must be an integer of at least 1: got 2.5; use 2",
        ),
    ],
)
def test_unknown_laws_and_settings_are_refused(name, settings, message):
    with pytest.raises(ValueError, match=message):
        laws.new(name, 4, **settings)


def test_draws_and_densities_out_of_range_are_refused():
    for law in map(small, laws.NAMES):
        with pytest.raises(ValueError, match="n must be an integer of at least 0: got -1; use 16"):
            law.sample(-1)
        with pytest.raises(
            ValueError, match="temperature must be a finite number of at least 0: got nan"
        ):
            law.sample(1, temperature=np.nan)
        if hasattr(law, "log_prob"):
            with pytest.raises(ValueError, match=r"of the shape \(n, 3\): got float64 of \(2, 4\)"):
                law.log_prob(np.zeros((2, 4)))


def test_files_that_are_no_laws_are_refused(tmp_path):
    path, law = tmp_path / "law.pt", small("vae")
    path.write_bytes(b"")
    with pytest.raises(ValueError, match=r"law\.pt must be a law of z: it cannot be read"):
        laws.load(path)
    torch.save({"settings": {}, "weights": {}}, path)
    with pytest.raises(ValueError, match=re.escape("(law is missing)") + "|must hold the name"):
        laws.load(path)
    with torch.no_grad():
        law.residual[0] = np.nan
    laws.save(law, path)
    with pytest.raises(ValueError, match="must have finite weights: found NaN or infinity"):
        laws.load(path)
