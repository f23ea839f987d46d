"""The comparison: encoder, random projection, autoencoders, free latents, intervals, workflow."""

import dask.array as da
import numpy as np
import pytest
import torch
from torch import nn

from gsn.data.polygons import draw
from gsn.decomposition import random_projection, whitening
from gsn.metrics import features
from gsn.networks.encoder import Encoder, HalvedConv
from gsn.networks.generator import Generator, decode
from gsn.runtime import files
from gsn.systems.comparison import (
    autoencoders,
    decoders,
    free_latents,
    measurement,
    methods,
    page,
    priors,
)
from project import copy, snakemake

TRAINING = {"epochs": 3, "batch": 8, "learning_rate": 0.01, "warmup": 0.1}
N, D = 8, 4


@pytest.fixture(scope="module")
def images():
    return np.stack([draw(i, N, split="train") for i in range(40)])


def drawn(n):
    return np.random.default_rng(0).standard_normal((n, D))


@pytest.mark.parametrize("N", [4, 8, 28, 32])
@pytest.mark.parametrize("settings", [{}, {"normalisation": "none"}, {"padding": "reflect"}])
def test_the_encoder_takes_what_the_generator_makes(N, settings):
    network = {"width": 2, "kernel": 3} | settings
    G, E = Generator(D, N, channels=1, **network), Encoder(D, N, channels=1, **network)
    assert E(G(torch.randn(6, D))).shape == (6, D)
    sizes = [layer.out_channels for layer in E.modules() if isinstance(layer, HalvedConv)]
    assert sizes == [2 * 2 ** (i + 1) for i in range(len(G.blocks))]


def test_the_outputs_of_the_encoder_are_normalised():
    torch.manual_seed(0)
    z = Encoder(D, N, width=4, kernel=3)(torch.randn(64, 3, N, N))
    np.testing.assert_allclose(z.mean(0).detach(), 0, atol=1e-5)
    np.testing.assert_allclose(z.var(0, correction=0).detach(), 1, atol=1e-2)  # beside eps


def test_a_halved_convolution_is_every_second_pixel_of_a_whole_one():
    torch.manual_seed(0)
    layer = HalvedConv(2, 3, 3, bias=True, padding="symmetric")
    x = torch.randn(1, 2, 6, 6)
    padded = torch.from_numpy(np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), "symmetric"))
    whole = nn.functional.conv2d(padded, layer.weight, layer.bias)
    torch.testing.assert_close(layer(x), whole[..., ::2, ::2])


def test_a_random_projection_is_white_orthonormal_and_needs_no_single_block():
    rng = np.random.default_rng(0)
    S = (5 + rng.standard_normal((300, 20)) * np.geomspace(1, 100, 20)).astype(np.float32)
    mu, directions, variances = random_projection.fit(da.from_array(S, chunks=(70, 20)), 6, seed=1)
    z = whitening.whiten(S, mu, directions, variances)
    np.testing.assert_allclose(z.mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(np.cov(z.T), np.eye(6), atol=1e-4)
    np.testing.assert_allclose(directions @ directions.T, np.eye(6), atol=1e-5)
    np.testing.assert_allclose(random_projection.fit(S, 6, seed=1)[2], variances, rtol=1e-4)
    pca = whitening.fit(S, 6)[2]
    assert (variances < pca).all()  # Cauchy's interlacing


def test_a_random_projection_of_too_many_or_constant_directions_is_refused():
    with pytest.raises(ValueError, match="d must be from 1 to 4, for 5 rows of 8 coefficients"):
        random_projection.fit(np.eye(5, 8), 5)
    with pytest.raises(ValueError, match="must have variance"):
        random_projection.fit(np.ones((5, 8)), 2)


def test_a_linear_autoencoder_reaches_the_error_of_the_pca(tmp_path):
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((256, 6)) * [30, 20, 3, 3, 2, 1] + 127).clip(0, 255)
    x = x.astype(np.uint8).reshape(256, 1, 2, 3)
    torch.manual_seed(0)
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(6, 2))
    network = autoencoders.Autoencoder(
        encoder, nn.Sequential(nn.Linear(2, 6), nn.Unflatten(1, (1, 2, 3)))
    )
    network.loss = lambda y, x: (y - autoencoders.pixels(x)).square().mean()
    training = {"epochs": 120, "batch": 32, "learning_rate": 0.02, "warmup": 0.1}
    autoencoders.fit(network, x, training=training, seed=0, checkpoint=tmp_path / "state.pt")
    with torch.no_grad():
        error = network.loss(network(torch.from_numpy(x)), torch.from_numpy(x)).item()
    rows = x.reshape(256, 6) / 127.5 - 1
    singular = np.linalg.svd(rows - rows.mean(0), compute_uv=False)
    assert error == pytest.approx((singular[2:] ** 2).sum() / rows.size, rel=0.05)


def test_the_loss_of_the_vae_is_the_bound():
    network = autoencoders.new("vae", D, (1, N, N), {"width": 2, "kernel": 3}, beta=0.5, seed=0)
    x = torch.zeros(2, 1, N, N)
    y = torch.full((2, 1, N, N), -0.75)  # 0.25 from black
    assert network.loss((y, torch.tensor([64.0, 0.0])), x).item() == pytest.approx(0.25 + 0.25)
    q = torch.distributions.Normal(torch.tensor([1.0, 2.0]), torch.tensor([0.5, 1.0]))
    normal = torch.distributions.Normal(torch.zeros(2), torch.ones(2))
    expected = torch.distributions.kl_divergence(q, normal).sum()
    network.encoder = nn.Sequential(nn.Flatten(), nn.Linear(N * N, 4))
    network.decoder = nn.Identity()
    with torch.no_grad():
        network.encoder[1].weight.zero_()
        network.encoder[1].bias.copy_(torch.tensor([1.0, 2.0, 2 * np.log(0.5), 0.0]))
    torch.testing.assert_close(network(x)[1][0], expected)


@pytest.mark.parametrize("name", methods.LEARNED)
def test_a_resumed_fit_equals_an_uninterrupted_one(images, tmp_path, monkeypatch, name):
    def fitted(state):
        network = {"width": 2, "kernel": 3}
        if name == "glo":
            torch.manual_seed(0)
            G = Generator(D, N, **network)
            model = free_latents.Decoded(free_latents.Latents(drawn(len(images))), G)
        else:
            model = autoencoders.new(name, D, (3, N, N), network, beta=0.05, seed=0)
        fit = free_latents.fit if name == "glo" else autoencoders.fit
        fit(model, images, training=TRAINING, seed=0, checkpoint=tmp_path / state)
        return model

    whole = fitted("whole.pt").state_dict()
    from gsn.training import updates

    step = updates.Updates.step

    def stopping(self, number, batch):
        if number == 9:
            raise KeyboardInterrupt
        return step(self, number, batch)

    monkeypatch.setattr("gsn.training.course.SAVE_EVERY", -1.0)
    monkeypatch.setattr(updates.Updates, "step", stopping)
    with pytest.raises(KeyboardInterrupt):
        fitted("part.pt")
    assert (tmp_path / "part.pt").exists()
    monkeypatch.setattr(updates.Updates, "step", step)
    resumed = fitted("part.pt").state_dict()
    assert all(torch.equal(resumed[key], whole[key]) for key in whole)


def test_latents_of_a_known_decoder_are_recovered(tmp_path):
    torch.manual_seed(0)
    weight = np.random.default_rng(1).standard_normal((D, 3 * N * N)) * 10
    decoder = decoders.Affine(weight, np.full(3 * N * N, 127.0), (3, N, N))
    z = free_latents.on_sphere(torch.randn(10, D)).numpy()
    x = np.rint(np.concatenate(list(decode(decoder, z)))).astype(np.uint8)
    found, _ = free_latents.recover(
        decoder, x, drawn(10), steps=150, batch=10, seed=0, checkpoint=tmp_path / "state.pt"
    )
    np.testing.assert_allclose(found, z, atol=0.05)  # pixels are rounded
    np.testing.assert_allclose((found**2).sum(1), D, rtol=1e-4)


def test_an_affine_decoder_is_the_projection_and_survives_its_file(images, tmp_path):
    x = images.reshape(len(images), -1)
    mu, components, eigenvalues = whitening.fit(x, 6)
    decoder = decoders.Affine(components * np.sqrt(eigenvalues)[:, None], mu, (3, N, N))
    z = whitening.whiten(x, mu, components, eigenvalues)
    expected = whitening.unwhiten(z, mu, components, eigenvalues).clip(0, 255)
    decoded = np.concatenate(list(decode(decoder, z)))
    np.testing.assert_allclose(decoded.reshape(x.shape), expected, atol=1e-3)
    decoders.save(decoder, tmp_path / "decoder.pt")
    again = np.concatenate(list(decode(decoders.load(tmp_path / "decoder.pt"), z)))
    np.testing.assert_allclose(again, decoded, atol=1e-4)
    assert decoders.numbers(decoder) == 7 * 3 * N * N


def test_draws_have_the_moments_of_their_law():
    z = np.random.default_rng(0).standard_normal((500, 3)) @ np.diag([1, 2, 3]) + 5
    fitted = priors.draw(methods.FITTED, z, 20_000, seed=0)
    np.testing.assert_allclose(fitted.mean(0), z.mean(0), atol=0.1)
    np.testing.assert_allclose(np.cov(fitted.T), np.cov(z.T), atol=0.3)
    sphere = priors.draw(methods.SPHERE, z, 10, seed=0)
    np.testing.assert_allclose((sphere**2).sum(1), 3, rtol=1e-5)
    np.testing.assert_array_equal(priors.draw(methods.FITTED, z, 2, seed=0), fitted[:2])


def test_the_words_follow_the_numbers():
    def row(method, split, value, low, high):
        psnr = {"psnr_pooled_db": value, "psnr_pooled_low": low, "psnr_pooled_high": high}
        return {"method": method, "split": split, "n": "9"} | {k: str(v) for k, v in psnr.items()}

    rows = [row("scattering", "test", 25, 24, 26), row("vae", "test", 27, 26.5, 28)]
    text = page.said([*rows, row("glo", "test", 24.5, 24, 25)], {})
    assert text == (
        "On test, VAE (+2.00 dB, intervals do not overlap) is above the scattering embedding with "
        "G (25.00 dB); below it: GLO (-0.50 dB, intervals overlap)."
    )
    rows[1] |= {"psnr_pooled_db": "24.0", "psnr_pooled_low": "23.0"}
    assert page.said(rows, {}).startswith("On test, nothing is above")


def test_pictures_show_images_that_glo_embeds_too():
    assert set(measurement.shown(1024, 100)) <= set(features.spread(1024, 100))
    assert len(measurement.shown(1024, 100)) == measurement.SHOWN


TINY = """
table1: [tiny]
datasets:
  tiny:
    source: polygons
    N: 16
    train: 64
    test: 24
    J: 2
    L: 4
    d: 8
    rank: 16
    generator: {width: 2, kernel: 3, linear: true}
    training: {epochs: 2, batch: 8, learning_rate: 0.01}
    comparison: {epochs: 1, test_images: 10, test_steps: 3}
"""


@pytest.mark.slow
def test_the_workflow_compares_all_methods_and_one_can_be_made_again_alone(tmp_path):
    house = copy(tmp_path / "house")
    (house / "tiny.yaml").write_text(TINY)
    run = snakemake(house, "tiny.yaml", "results/comparison.csv")
    assert run.returncode == 0, run.stderr
    rows = files.read_csv(house / "results/comparison.csv")
    compared = methods.compared(linear=True)
    assert [row["method"] for row in rows if row["split"] == "test"] == compared
    assert [row["n"] for row in rows if row["split"] == "test"] == ["24"] * 8 + ["10"]
    assert {row["steps"] for row in rows if row["steps"] not in ("", "0")} == {"8"}
    assert rows[-1]["method"] == methods.REAL
    text = (house / "results/comparison.md").read_text()
    assert all(f"| {methods.NAMES[name]} |" in text for name in compared)
    folder = house / "results/tiny/J2_L4/d8/comparison"
    assert not (folder.parent / "generator.pt").exists()  # of another budget
    assert not list(folder.rglob("*.partial.pt"))
    for name in ("reconstructions", "samples", "measures"):
        assert (folder / f"{name}.png").stat().st_size > 1000
    (folder / "vae/fit.csv").unlink()
    vae = "results/tiny/J2_L4/d8/comparison/vae/fit.csv"
    plan = snakemake(house, "tiny.yaml", "--dry-run", vae).stdout
    assert plan.count("rule fit_method:") == 1
