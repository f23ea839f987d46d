"""Tomography: phantoms, the CT, the fit, the inversion, and the workflow at its smallest."""

import gzip
import io
import os
import signal
import tarfile
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

import settings
from gsn.data import head_ct, phantoms
from gsn.inverse.operators.radon import Radon
from gsn.metrics.reconstruction import mean_psnr
from gsn.runtime import files, store
from gsn.systems import tomography
from gsn.systems.tomography import data, experiment, fitting, lmmse, measurement, page
from gsn.transforms import Scattering2D
from project import copy, snakemake

N, ANGLES = 16, np.arange(0, 180, 22.5)
DATASET = {"source": "polygons", "N": 32, "train": 9, "test": 9}
CONFIG = {"table1": ["a"], "datasets": {"a": DATASET}}
TINY = """
tomography:
  families: [ellipses]
  geometries: {few: {angles: 6}}
  N: 16
  L: 2
  train: 60
  validation: 4
  test: 3
  unet: {epochs: 1, batch: 8, width: 4}
  steps: 4
  starts: 2
"""


@pytest.fixture(scope="module")
def fine():
    return data.images("ellipses", "train", 72, N, seed=0)


@pytest.fixture(scope="module")
def model(fine):
    return tomography.fit(fine, ANGLES, L=4, device="cpu")


@pytest.fixture(scope="module")
def test_set():
    fine = data.images("ellipses", "test", 4, N, seed=0)
    y, _ = data.sinograms(fine, ANGLES, noise=0.02, seed=1)
    return data.reduced(fine), y


@pytest.mark.parametrize("kind", phantoms.KINDS)
def test_a_phantom_is_the_same_on_any_grid(kind):
    coarse, fine = (phantoms.draw(kind, side, seed=0) for side in (32, 96))
    again = fine.reshape(32, 3, 32, 3).mean(axis=(1, 3))
    assert np.abs(coarse - again).mean() < 0.01
    assert 0 <= fine.min() < fine.max() <= 1
    corner = fine[:10, :10]
    assert corner.max() == 0  # outside of the disc


def test_the_phantom_of_shepp_and_logan_has_its_values():
    x = phantoms.draw("shepp_logan", 128, seed=0)
    assert x[64, 64] == pytest.approx(0.2, abs=1e-6)
    assert x.max() == pytest.approx(1)
    np.testing.assert_array_equal(phantoms.draw("shepp_logan", 128, seed=7, index=3), x)


def test_phantoms_depend_on_their_index():
    one, other = (phantoms.draw("textured", 16, seed=0, index=i) for i in (0, 1))
    assert (one != other).any()
    with pytest.raises(ValueError, match="kind must be one of ellipses, textured, shepp_logan"):
        phantoms.draw("circles", 16, seed=0)


def test_splits_share_no_image():
    slices = {name: set(numbers) for name, numbers in data.SLICES.items()}
    for one, others in slices.items():
        for other in set(slices) - {one}:
            assert all(abs(a - b) > 4 for a in others for b in slices[other])
    x = [data.images("ellipses", split, 2, 8, seed=0) for split in data.SPLITS]
    assert all((a != b).any() for a, b in zip(x, x[1:] + x[:1], strict=True))


def package(volume):
    """A Debian package with a volume, as that of InVesalius."""

    def archive(name, content, mode):
        target = io.BytesIO()
        with tarfile.open(fileobj=target, mode=mode) as tar:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        return target.getvalue()

    inner = gzip.compress(archive("tmp/matrix.dat", volume.astype("<i2").tobytes(), "w"))
    outer = archive("./usr/share/Cranium.inv3", inner, "w:xz")
    members = b""
    for name, content in (("debian-binary", b"2.0\n"), ("data.tar.xz", outer)):
        header = f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n"
        members += header.encode() + content + b"\n" * (len(content) % 2)
    return b"!<arch>\n" + members


def test_the_ct_is_read_from_its_package(tmp_path, monkeypatch):
    monkeypatch.setattr(head_ct, "SLICES", 3)
    monkeypatch.setattr(head_ct, "SIDE", 4)
    volume = np.arange(-1100, -1100 + 96 * 48, 96).reshape(3, 4, 4)
    (tmp_path / "a.deb").write_bytes(package(volume))
    expected = np.clip((volume + 1000) / 3000, 0, 1).astype(np.float32)
    np.testing.assert_allclose(head_ct.read(tmp_path / "a.deb"), expected, rtol=1e-6)
    for broken in (b"", b"!<arch>\n", package(volume)[:300]):
        (tmp_path / "b.deb").write_bytes(broken)
        with pytest.raises(ValueError, match=r"must be the Debian package .* cannot be read"):
            head_ct.read(tmp_path / "b.deb")


def test_measurements_are_made_on_a_finer_grid():
    fine = data.images("ellipses", "test", 3, N, seed=0)
    y, level = data.sinograms(fine, ANGLES, noise=0.0, seed=0)
    coarse = Radon(ANGLES, (N, N), y.shape[-1])(torch.from_numpy(data.reduced(fine))).numpy()
    assert level == 0
    assert 0 < np.linalg.norm(coarse - y) < 0.05 * np.linalg.norm(y)
    noisy, level = data.sinograms(fine, ANGLES, noise=0.1, seed=0)
    assert (noisy - y).std() == pytest.approx(level, rel=0.1)
    assert level == pytest.approx(0.1 * np.sqrt(np.square(y).mean()), rel=1e-5)


def test_the_estimate_that_leaves_an_image_out_has_not_seen_it():
    rng = np.random.default_rng(0)
    x, y = rng.random((30, 3, 3)), rng.random((30, 2, 4))
    y[:, 0, 0] += x[:, 1, 1]
    linear, left_out = lmmse.fit(x, y)
    X, Y = x.reshape(30, -1), y.reshape(30, -1)
    trace, tried = np.square(Y - Y.mean(axis=0)).sum() / 30, []
    for mu in lmmse.PENALTIES * trace:
        found = np.empty_like(X)
        for i in range(30):
            others = np.arange(30) != i
            regression = Ridge(mu).fit(Y[others], X[others])
            found[i] = regression.predict(Y[i : i + 1])[0]
        tried.append((np.square(found - X).mean(), found))
    mse, expected = min(tried, key=lambda pair: pair[0])
    np.testing.assert_allclose(left_out.reshape(30, -1), expected, atol=1e-5)
    assert linear.variance == pytest.approx(mse, rel=1e-5)


def test_the_prior_gains_on_the_first_estimates(model, test_set):
    x, y = test_set[0], torch.from_numpy(test_set[1])
    first = model.first(y)
    found = model.reconstruct(y, first=first)
    assert mean_psnr(x, found.numpy()) > max(mean_psnr(x, one.numpy()) for one in first)
    assert found.min() >= 0


def test_the_energy_is_the_sum_of_its_terms(model, test_set):
    y = torch.from_numpy(test_set[1])
    u, x_linear = model.first(y)
    weights = replace(model.weights, kappa=0.2, edges=0.5, pull=0.3)
    phi, target = model._energy(y, u, x_linear, weights)
    x = torch.rand(4, N, N, generator=torch.Generator().manual_seed(0)) - 0.1
    found = (phi(model._filtered(x, -1)) - target).square().sum(dim=1) / 2
    residual = (model.radon(x) - y).square().sum((1, 2)) / (2 * model.sigma**2)
    r = model.windows.residual[:, None, None]
    S = (model.transform(x) - model.target(u, x_linear)) / r
    edges = torch.zeros(4, 2, N, N)
    edges[:, 0, :-1], edges[:, 1, :, :-1] = x.diff(dim=1), x.diff(dim=2)
    rounded = (edges.square().sum(1) + 1e-4).sqrt().sum((1, 2))
    expected = residual + 0.1 * S.square().sum((1, 2, 3))
    expected += 0.5 * model.weights.tv / model.sigma**2 * rounded
    expected += 0.15 / model.linear.variance * (x - x_linear).square().sum((1, 2))
    expected += 5 / model.linear.variance * x.clamp(max=0).square().sum((1, 2))
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)


def test_images_are_reconstructed_alone(model, test_set):
    # In float32 the rounding of products, which depends on the batch, grows along the steps.
    y = torch.from_numpy(test_set[1]).double()
    together = model.reconstruct(y, steps=4)
    alone = torch.stack([model.reconstruct(one, steps=4) for one in y])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-9)  # float64
    assert isinstance(model.reconstruct(test_set[1][0], steps=1), np.ndarray)


def test_seeds_give_other_ends(model, test_set):
    y = torch.from_numpy(test_set[1])
    first, again, other = (model.reconstruct(y, steps=3, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert (first - other).abs().max() > 1e-4


def test_a_saved_model_is_the_same(model, test_set, tmp_path):
    model.save(tmp_path / "model.pt")
    again = tomography.load(tmp_path / "model.pt")
    y = test_set[1]
    np.testing.assert_array_equal(again.reconstruct(y, steps=2), model.reconstruct(y, steps=2))
    torch.save({"a": 1}, tmp_path / "other.pt")
    with pytest.raises(ValueError, match="must be a model of tomography: found other contents"):
        tomography.load(tmp_path / "other.pt")


def test_a_stopped_run_goes_on_where_it_was(model, test_set, tmp_path, monkeypatch):
    y = test_set[1]
    expected, calls = model.reconstruct(y, steps=6), 0
    forward = Scattering2D.forward

    def signalled(self, x):
        nonlocal calls
        calls += x.requires_grad
        if x.requires_grad and calls == 4:
            os.kill(os.getpid(), signal.SIGTERM)
        return forward(self, x)

    monkeypatch.setattr(Scattering2D, "forward", signalled)
    with pytest.raises(SystemExit, match="run again to continue"):
        model.reconstruct(y, steps=6, checkpoint=tmp_path)
    np.testing.assert_array_equal(model.reconstruct(y, steps=6, checkpoint=tmp_path), expected)


def test_one_call_is_the_fit_and_the_reconstruction(fine, model, test_set):
    found = tomography.reconstruct(test_set[1], ANGLES, examples=fine, L=4, device="cpu")
    np.testing.assert_allclose(found, model.reconstruct(test_set[1]), atol=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda y: y.swapaxes(1, 2), "angles must be one for each row of the sinogram"),
        (lambda y: y[:, :5], "got 8 angles for .*transpose it, or correct them"),
        (lambda y: y * np.nan, "a sinogram must be finite"),
        (lambda y: y.astype(int), "a sinogram must be float"),
    ],
)
def test_sinograms_that_do_not_suit_are_one_sentence(fine, test_set, change, message):
    with pytest.raises(ValueError, match=message):
        tomography.reconstruct(change(test_set[1]), ANGLES, examples=fine)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"x": np.zeros((72, 32))}, "x must be square grey images"),
        ({"x": np.zeros((9, 32, 32))}, "x must hold at least 60 images: got 9"),
        ({"x": np.ones((72, 32, 32), np.int16)}, "x must be float or uint8: got int16"),
        ({"x": -np.ones((72, 32, 32))}, "x must be finite and not negative"),
        ({"x": np.zeros((72, 30, 30))}, r"2 N with N a multiple of 2\*\*J: got 30, J=2"),
        ({"angles": [np.inf]}, "angles must be a list of finite numbers"),
    ],
)
def test_examples_that_do_not_suit_are_one_sentence(given, message):
    x = np.random.default_rng(0).random((72, 32, 32))
    with pytest.raises(ValueError, match=message):
        tomography.fit(**{"x": x, "angles": ANGLES, "L": 2, "device": "cpu"} | given)


def test_batches_of_the_training_images_change_rounding_only(fine, model, monkeypatch):
    monkeypatch.setattr(fitting, "BATCH", 13)
    again = tomography.fit(fine, ANGLES, L=4, device="cpu")
    assert again.weights.tv == model.weights.tv
    assert again.windows.penalty == model.windows.penalty
    torch.testing.assert_close(again.windows.residual, model.windows.residual, rtol=1e-3, atol=1e-5)


def test_measures_of_the_truth_are_perfect(test_set):
    x = test_set[0]
    row = measurement.measured(x, x + 1e-9, 0.9 * x)
    assert (row["ssim"], row["wins"]) == (pytest.approx(1), 1)
    assert row["band_error"] == pytest.approx(0, abs=1e-6)
    missing = {"family", "geometry", "N", "method", "gap", "chosen", "seconds"}
    assert set(measurement.COLUMNS) - set(row) == missing


def configured(given):
    config = CONFIG | {"tomography": given}
    settings.datasets(config)
    return settings.tomography(config)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"N": 20, "J": 3}, "tomography.N must be a multiple of 2**J, at least twice as large"),
        ({"families": ["cells"]}, "tomography.families"),
        ({"geometries": {"few": {"angle": 3}}}, "has no key 'angle'; did you mean 'angles'?"),
    ],
)
def test_a_wrong_setting_is_one_sentence(given, sentence):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        configured(given)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_the_workflow_makes_tables_and_pictures(tmp_path):
    house = copy(tmp_path)
    (house / "tiny.yaml").write_text(TINY)
    run = snakemake(house, "tiny.yaml", "--", "tomography")
    assert run.returncode == 0, run.stdout + run.stderr
    rows = files.read_csv(house / "results/tomography.csv")
    assert list(rows[0]) == list(measurement.COLUMNS)
    assert [row["family"] for row in rows] == ["ellipses"] * 8 + ["shepp_logan"] * 8
    assert {"fbp", "sirt", "linear", "tv, oracle", "tv, anchor", "unet", "scattering"} <= {
        row["method"] for row in rows
    }
    assert all(float(row["gap"]) <= 1e-4 for row in rows if row["gap"])
    folder = house / "results/tomography/ellipses/few_N16_J2_L2"
    for name in ("images.png", "spread.png"):
        assert (folder / name).stat().st_size > 1000
    assert store.read(folder / "images.zarr", "scattering").shape == (3, 16, 16)
    spread = files.read_csv(folder / "spread.csv")
    assert list(spread[0]) == list(experiment.SPREAD_COLUMNS)
    assert (house / "results/tomography.md").read_text() == page.describe(rows, spread)
    assert tomography.load(folder / "model.pt").shape == (16, 16)
    target = "results/tomography/ellipses/fee_N16_J2_L2/model.pt"
    wrong = snakemake(house, "tiny.yaml", "--", target)
    assert "no geometry 'fee' in tomography.geometries; did you mean 'few'?" in wrong.stderr
