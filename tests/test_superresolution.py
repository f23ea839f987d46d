"""Super-resolution: the fit, the inversion, measures, peers, and the workflow at its smallest."""

import os
import signal

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

import settings
from gsn.data import crops
from gsn.decomposition import windows
from gsn.inverse.operators.sampling import Decimation
from gsn.runtime import files, store
from gsn.systems import superresolution
from gsn.systems.superresolution import experiment, fitting, linear, measurement, page, peers
from gsn.transforms import Scattering2D
from project import copy, snakemake

FACTOR = 2
DATASET = {"source": "polygons", "N": 32, "train": 9, "test": 9}
CONFIG = {"table1": ["a"], "datasets": {"a": DATASET}}
TINY = """
superresolution:
  factors: {2: 16}
  J: 2
  L: 2
  train: [brick, camera, coins, grass, moon, rocket, cat, coffee, china, retina]
  test: [gravel, flower]
  each: 4
  each_test: 2
  validation: 1
  network: {epochs: 1, batch: 8, width: 4}
  steps: 3
  samples: 2
  sampled: 2
"""


@pytest.fixture(scope="module")
def images():
    return crops.draw(["camera", "brick", "coffee", "moon", "cat"], 32, each=8, seed=0)


@pytest.fixture(scope="module")
def model(images):
    return superresolution.fit(images, factor=FACTOR, J=2, L=4, together=4, device="cpu")


@pytest.fixture(scope="module")
def small(images):
    return Decimation(FACTOR, (32, 32))(torch.from_numpy(images[::7]))


def test_crops_depend_on_their_numbers_only():
    x = crops.draw(["camera", "brick"], 16, each=3, seed=0)
    assert x.shape == (6, 16, 16)
    assert 0 <= x.min() < x.max() <= 1
    np.testing.assert_array_equal(crops.draw(["camera"], 16, each=3, seed=0), x[:3])
    assert (crops.draw(["camera"], 16, each=3, seed=1) != x[:3]).any()
    fine = crops.whole("camera")
    np.testing.assert_allclose(crops.whole("camera", 2)[3, 5], fine[6:8, 10:12].mean(), rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "N", "message"),
    [
        ("kamera", 8, "a photograph must be a file with an ending, or one of .*: got 'kamera'"),
        ("coins", 400, "N must be at most the sides of coins: got N=400 for 303 x 384"),
    ],
)
def test_photographs_that_do_not_suit_are_one_sentence(name, N, message):
    with pytest.raises(ValueError, match=message):
        crops.draw([name], N, each=1, seed=0)


def test_the_regression_is_that_of_scikit_learn_on_all_windows():
    generator = torch.Generator().manual_seed(0)
    near, own, t = (torch.randn(30, k, 3, 3, generator=generator) for k in (2, 3, 4))
    t[:, 0] += near.mean(1) + 2 * own[:, 0]
    fitted = windows.fit([(near[:7], own[:7], t[:7]), (near[7:], own[7:], t[7:])], together=9)
    z, x = windows.rows(near, own).numpy(), windows.columns(t).numpy()
    scale = z.std(axis=0)
    expected = Ridge(len(z) * fitted.penalty).fit(z / scale, x).predict(z / scale)
    found = windows.columns(fitted(near, own)).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)  # float32


def test_neighbours_are_those_around_the_window():
    near = torch.arange(12.0).reshape(1, 1, 3, 4)
    rows = windows.rows(near, near[:, :0])
    np.testing.assert_array_equal(rows[5], [0, 1, 2, 4, 5, 6, 8, 9, 10])  # row 1, column 1
    np.testing.assert_array_equal(rows[0], [0, 0, 1, 0, 0, 1, 4, 4, 5])  # continued at the border


def test_the_linear_estimate_is_that_of_scikit_learn(images):
    A = Decimation(FACTOR, (32, 32))
    x = torch.from_numpy(images)
    found = linear.fit([x[:15], x[15:]], FACTOR, together=256)
    y = A(x).numpy()
    padded = np.pad(y, ((0, 0), (4, 4), (4, 4)), mode="edge")
    blocks = np.lib.stride_tricks.sliding_window_view(padded, (9, 9), axis=(1, 2))
    z = blocks.reshape(-1, 81).astype(np.float64)
    target = images.reshape(-1, 16, 2, 16, 2).swapaxes(2, 3).reshape(-1, 4)
    scale = z.std(axis=0)
    predicted = Ridge(len(z) * found.penalty).fit(z / scale, target).predict(z / scale)
    expected = predicted.reshape(-1, 16, 16, 2, 2).swapaxes(2, 3).reshape(-1, 32, 32)
    expected = A.consistent(torch.from_numpy(expected), A(x).double())
    np.testing.assert_allclose(found(A, A(x)), expected, atol=2e-4)  # float32


def test_every_method_has_the_small_image(model, small, tmp_path):
    A = Decimation(FACTOR, (32, 32))
    found = {
        "bicubic": peers.bicubic(A, small),
        "linear": model.first(small),
        "noise": model.noisy(small, seed=0),
        "tv": peers.tv(A, small, 1e-3).x,
        "sparse": peers.sparse(A, small, 1e-3),
        "scattering": model.upscale(small, steps=5),
        "sample": model.upscale(small, steps=5, seed=1),
    }
    for name, x in found.items():
        assert (A(x.double()) - small).abs().max() < 1e-6, name


def test_the_inversion_approaches_the_estimate(model, small):
    transform = Scattering2D(2, (32, 32), 4)
    u = model.first(small)
    t = model.target(u) / model.scales

    def distance(x):
        return (model.roots(transform(x)) / model.scales - t).square().sum()

    x = model.upscale(small, steps=30)
    assert distance(x) < 0.7 * distance(u)
    assert distance(model.upscale(small, steps=10)) > distance(x)


def test_images_are_upscaled_alone_and_at_any_side(model, small):
    together = model.upscale(small, steps=4)
    alone = torch.stack([model.upscale(y, steps=4) for y in small])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)
    larger = model.upscale(torch.rand(20, 12, dtype=torch.float64), steps=2)
    assert (larger.shape, larger.dtype) == ((40, 24), torch.float64)
    assert isinstance(model.upscale(small[0].numpy(), steps=2), np.ndarray)


def test_seeds_give_other_solutions(model, small):
    first, again, other = (model.upscale(small, steps=3, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert (first - other).abs().max() > 1e-3


def test_noise_has_about_the_energies_of_the_estimate(model, images, small):
    u, noisy = model.first(small), model.noisy(small, seed=0)
    found, flat, true = (
        measurement.band(x, FACTOR).sum() for x in (noisy.numpy(), u.numpy(), images[::7])
    )
    assert flat < found < 2 * true


def test_batches_of_the_training_images_change_rounding_only(images, monkeypatch):
    same = {"factor": FACTOR, "J": 2, "L": 2, "together": 4, "device": "cpu"}
    one = superresolution.fit(images, **same)
    monkeypatch.setattr(fitting, "BATCH", 7)
    two = superresolution.fit(images[:, None], **same)
    assert one.windows.penalty == two.windows.penalty
    torch.testing.assert_close(one.windows.weight, two.windows.weight, rtol=1e-3, atol=1e-4)


def test_a_saved_model_is_the_same(model, images, small, tmp_path):
    network = peers.network(
        images,
        model.linear,
        FACTOR,
        epochs=1,
        width=4,
        batch=8,
        learning_rate=1e-3,
        seed=0,
        checkpoint=tmp_path / "state.pt",
    )
    deep = superresolution.fit(
        images, factor=FACTOR, J=2, L=4, together=4, network=network, first=model.linear
    )
    for one in (model, deep):
        one.save(tmp_path / "model.pt")
        again = superresolution.load(tmp_path / "model.pt")
        assert torch.equal(again.upscale(small, steps=2), one.upscale(small, steps=2))
    with pytest.raises(ValueError, match="must be a model of super-resolution"):
        superresolution.load(tmp_path / "state.pt")


def test_a_stopped_run_goes_on_where_it_was(model, small, tmp_path, monkeypatch):
    expected, calls = model.upscale(small, steps=6), 0
    forward = Scattering2D.forward

    def signalled(self, x):
        nonlocal calls
        calls += x.requires_grad
        if x.requires_grad and calls == 4:
            os.kill(os.getpid(), signal.SIGTERM)
        return forward(self, x)

    monkeypatch.setattr(Scattering2D, "forward", signalled)
    with pytest.raises(SystemExit, match="run again to continue"):
        model.upscale(small, steps=6, checkpoint=tmp_path)
    assert torch.equal(model.upscale(small, steps=6, checkpoint=tmp_path), expected)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"x": np.zeros((40, 32))}, r"x must be grey images, \(n, H, W\) or .*: got the shape"),
        ({"x": np.full((40, 32, 32), np.nan)}, "x must be finite"),
        ({"factor": 3}, "factor must divide the sides of an image: got factor=3 for 32 x 32"),
        ({"J": 5, "x": np.zeros((40, 32, 32))}, "x must vary: got constant images"),
        ({"x": np.ones((40, 32, 32), np.int16)}, "x must be float or uint8: got int16"),
        ({"together": 10}, "at least 10 groups"),
    ],
)
def test_training_images_that_do_not_suit_are_one_sentence(given, message):
    x = np.random.default_rng(0).random((40, 32, 32))
    with pytest.raises(ValueError, match=message):
        superresolution.fit(**{"x": x, "factor": 2, "J": 2, "L": 2, "device": "cpu"} | given)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.zeros((2, 9, 8)), "multiples of 2\\*\\*J=4: got 18 x 16"),
        (np.full((8, 8), np.inf), "y must be finite: got NaN or infinity at 64 of 64 places"),
        (np.zeros((0, 8, 8)), "y must be float images .* at least one: got .*shape"),
        (np.zeros((8, 8), np.uint8), "y must be float images .* use y / 255"),
    ],
)
def test_small_images_that_do_not_suit_are_one_sentence(model, y, message):
    with pytest.raises(ValueError, match=message):
        model.upscale(y, steps=1)


def test_measures_of_the_truth_are_perfect(images):
    x = images[:4].astype(np.float64)
    y = Decimation(FACTOR, (32, 32))(torch.from_numpy(x)).numpy()
    row = measurement.measured(x, x, y, FACTOR)
    assert row["ssim"] == pytest.approx(1)
    for name in ("band_energy", "order1_error", "order2_error", "order2_bias", "consistency"):
        assert row[name] == pytest.approx(0, abs=1e-12)
    assert set(measurement.COLUMNS) - set(row) == {
        "factor",
        "N",
        "method",
        "gap",
        "chosen",
        "seconds",
    }


def test_the_band_is_what_the_small_image_cannot_have():
    u = np.arange(16) + 0.5
    wave = np.cos(np.pi * u * np.array([[3], [9]]) / 16)  # below and above 8 of 16
    x = np.stack([np.outer(np.ones(16), one) for one in wave])
    found = measurement.band(x, 2)
    assert found[0] < 1e-9
    assert found[1] == pytest.approx(np.square(x[1]).sum())


def test_ends_of_the_blends_are_the_methods(images):
    rows = experiment.blends(images[:3], images[:3], 0.5 * images[:3], FACTOR)
    assert [row["weight"] for row in rows] == [0, 0.25, 0.5, 0.75, 1]
    assert rows[0]["order2_error"] == 0
    assert rows[-1]["order2_error"] == pytest.approx(0.5)
    assert set(rows[0]) == set(experiment.BLEND_COLUMNS)


def configured(given):
    config = CONFIG | {"superresolution": given}
    settings.datasets(config)
    return settings.superresolution(config)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"factors": {3: 64}}, "multiples of the factor, at least twice as large: got N=64"),
        ({"factors": {2: 44}}, "multiples of 2**J, at least twice as large: got N=44"),
        ({"train": ["a.png"] * 10, "test": ["a.png"]}, "must have other photographs"),
        ({"step": 3}, "superresolution has no key 'step'; did you mean 'steps'?"),
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
    run = snakemake(house, "tiny.yaml", "--", "superresolution")
    assert run.returncode == 0, run.stdout + run.stderr
    rows = files.read_csv(house / "results/superresolution.csv")
    assert list(rows[0]) == list(measurement.COLUMNS)
    assert {"linear", "scattering, network", "tv, oracle"} <= {row["method"] for row in rows}
    assert all(float(row["consistency"]) < 1e-5 for row in rows)
    folder = house / "results/superresolution/x2_N16_J2_L2"
    for name in ("images.png", "solutions.png", "photograph.png"):
        assert (folder / name).stat().st_size > 1000
    assert store.read(folder / "images.zarr", "scattering_network").shape == (4, 16, 16)
    blends, posterior = (files.read_csv(folder / f"{name}.csv") for name in ("blends", "posterior"))
    text = (house / "results/superresolution.md").read_text()
    assert text == page.describe(rows, blends, posterior)
    found = superresolution.load(folder / "model.pt").upscale(np.ones((8, 8)), steps=1)
    assert found.shape == (16, 16)
