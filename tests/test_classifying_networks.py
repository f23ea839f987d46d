"""Networks on scattering coefficients, few labels, moved images, and their workflow."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from gsn.decomposition.sparse import fista
from gsn.runtime import files
from gsn.systems.classification import codes, features, few, moved, networks, trained
from gsn.systems.classification.measurement import Given
from project import copy, snakemake

SETTINGS = {"project": 8, "atoms": 16, "steps": 3, "width": 8}
SETTINGS |= {"epochs": 3, "batch": 32, "learning_rate": 0.01}


@pytest.fixture(scope="module")
def digits():
    found = load_digits()
    return (found.images[:, None] * 15).astype(np.uint8), found.target


@pytest.fixture(scope="module")
def coefficients(digits):
    S = features.scattered(digits[0], J=1, L=2)
    return S.reshape(len(S), -1, *S.shape[3:]).astype(np.float16)


def fitted(method, x, y, path, **changes):
    return trained.fit(method, x, y, settings=SETTINGS | changes, seed=0, checkpoint=path)


@pytest.mark.parametrize("method", networks.METHODS)
def test_each_network_learns(method, digits, coefficients, tmp_path):
    images, y = digits
    x = np.pad(images, ((0, 0), (0, 0), (4, 4), (4, 4))) if "pixels" in method else coefficients
    network, history = fitted(method, x[:900], y[:900], tmp_path / "state.pt", epochs=6)
    row = trained.measured(method, network, history, x[900:], y[900:], 900)
    assert set(row) == set(trained.COLUMNS)
    assert row["error_percent"] < 40  # by chance 90
    assert history[-1]["loss"] < history[0]["loss"]
    if method.startswith("istc"):
        assert 0 < row["zero_share"] < 1
        assert row["coherence"] > 0


def test_mirror_images_train_too(digits, coefficients, tmp_path):
    x, y = coefficients, digits[1] % 2
    mirror = features.mirror(1, 2)
    kept = {"settings": SETTINGS | {"epochs": 8}, "seed": 0, "checkpoint": tmp_path / "state.pt"}
    network, _ = trained.fit("linear", x[:900], y[:900], mirror=mirror, **kept)
    turned = trained.mirrored(torch.from_numpy(x[900:]), mirror).numpy()
    found, other = (trained.predicted(network, one, mirror) for one in (x[900:], turned))
    np.testing.assert_array_equal(found, other)
    assert np.mean(trained.predicted(network, turned) != y[900:]) < 0.3


def test_resuming_equals_an_uninterrupted_run(digits, coefficients, tmp_path):
    x, y = coefficients[:200], digits[1][:200]
    whole, _ = fitted("istc_learned", x, y, tmp_path / "a.pt")

    def stop(network):
        if len(calls) == 1:
            raise KeyboardInterrupt
        calls.append(network)
        return {}

    calls = []
    with pytest.raises(KeyboardInterrupt):
        trained.fit(
            "istc_learned",
            x,
            y,
            settings=SETTINGS,
            seed=0,
            checkpoint=tmp_path / "b.pt",
            measure=stop,
        )
    again, _ = fitted("istc_learned", x, y, tmp_path / "b.pt")
    for one, other in zip(whole.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)


def test_the_input_is_standardised_by_training_statistics(coefficients):
    network = networks.DenseClassifier(*coefficients.shape[1:3], 10)
    network.start(coefficients, 0)
    x = network.standardise(torch.from_numpy(coefficients))
    torch.testing.assert_close(x.mean((0, 2, 3)), torch.zeros(x.shape[1]), rtol=0, atol=1e-3)
    torch.testing.assert_close(x.std((0, 2, 3)), torch.ones(x.shape[1]), rtol=0, atol=1e-2)


def test_what_is_coded_has_norm_1(coefficients):
    network = networks.SparseClassifier(*coefficients.shape[1:3], 10, project=4, atoms=8)
    network.start(coefficients[:50], 0)
    beta = network.projected(torch.from_numpy(coefficients[:5]))
    torch.testing.assert_close(beta.norm(dim=1), torch.ones_like(beta[:, 0]))


def test_fista_comes_to_the_minimum_of_the_dictionary_of_a_network(coefficients):
    network = networks.SparseClassifier(*coefficients.shape[1:3], 10, project=6, atoms=12)
    network.start(coefficients[:50], 0)
    rows = codes.convergence(network, coefficients[:4], steps=(1, 8, 64, 512))
    excess = [row["fista"] for row in rows]
    assert excess[0] > excess[1] > excess[2] >= -1e-6
    assert excess[3] < 1e-4
    assert network.istc.steps == 8


def test_patches_are_those_of_the_images(digits, coefficients):
    network = networks.SparseClassifier(*coefficients.shape[1:3], 10, project=6, atoms=12)
    network.start(coefficients[:50], 0)
    found = codes.patches(network, coefficients[:50], digits[0][:50], atoms=4, side=4)
    assert found.shape == (4, 1, 4, 4)
    assert found.min() == 0
    assert found.max() == 255


def test_one_image_a_class_is_enough_for_all(digits, coefficients, tmp_path, monkeypatch):
    monkeypatch.setattr(few, "UPDATES", 5)
    x, y = digits
    rows = coefficients.reshape(len(y), -1).astype(np.float32)
    found = few.measured(
        {"order2": Given(rows[:900], rows[900:], 16)},
        {"train": x[:900], "test": x[900:]},
        {"train": y[:900], "test": y[900:]},
        sizes=[1, 2, 10],
        repeats=2,
        seed=0,
        checkpoint=tmp_path / "state.pt",
    )
    assert len(found) == 3 * 2 * 3
    errors = {
        each: np.mean([r["error_percent"] for r in found if (r["each"], r["classifier"]) == each])
        for each in ((1, "affine"), (10, "affine"), (1, "svm"), (10, "svm"))
    }
    assert errors[10, "affine"] < errors[1, "affine"] < 80
    assert errors[10, "svm"] < errors[1, "svm"] < 80


def test_a_rotation_by_all_angles_keeps_a_disc():
    u = np.arange(33) - 16
    disc = (np.hypot(u[:, None], u) < 9) * np.uint8(200)
    x = np.repeat(disc[None, None], 8, axis=0)
    turned = moved.moved(x, "rotations", seed=0).astype(float)
    assert np.abs(turned.sum((1, 2, 3)) / disc.sum(dtype=float) - 1).max() < 0.02
    scaled = moved.moved(x, "scalings", seed=0).astype(float).sum((1, 2, 3)) / disc.sum(dtype=float)
    assert 0.45 < scaled.min() < 0.9
    assert 1.1 < scaled.max() < 2.1
    np.testing.assert_array_equal(moved.moved(x, "none", seed=0), x)


def test_a_code_of_fista_is_a_fixed_point_of_the_steps(coefficients):
    network = networks.SparseClassifier(*coefficients.shape[1:3], 10, project=6, atoms=12)
    network.start(coefficients[:50], 0)
    with torch.no_grad():
        beta = network.projected(torch.from_numpy(coefficients[:4])).movedim(1, -1).flatten(0, -2)
        D, _ = network.istc.dictionary()
        beta, D = beta.double(), D.double()
        threshold = float(network.istc.threshold)
        z = fista(beta, D, threshold, tolerance=1e-13).z
        step = torch.relu(z + (beta - z @ D.T) @ D - threshold)
    torch.testing.assert_close(step, z, rtol=0, atol=1e-5)


TINY = """
table1: [tiny]
classification: [tiny]
datasets:
  tiny:
    source: folder
    path: DIR
    N: 16
    channels: 1
    classification:
      J: [1, 2]
      L: 2
      few: [2]
      subsets: 1
      moved: {each: 20, classes: 3}
      networks: {J: 2, project: 4, atoms: 8, steps: 2, width: 4, epochs: 2, batch: 16}
"""


@pytest.mark.slow
def test_the_workflow_trains_and_measures(tmp_path, digits):
    from PIL import Image

    house = copy(tmp_path)
    for split, rows in (("train", range(400)), ("test", range(400, 500))):
        for i in rows:
            if digits[1][i] < 4:
                folder = house / f"digits/{split}/n{digits[1][i]:08d}"  # ImageNet's layout
                folder.mkdir(parents=True, exist_ok=True)
                picture = Image.fromarray(digits[0][i, 0]).resize((20, 16)).convert("RGB")
                picture.save(folder / f"n{digits[1][i]:08d}_{i}.JPEG", quality=95)
    (house / "tiny.yaml").write_text(TINY.replace("DIR", "digits"))
    targets = ["few.csv", "moved.csv", "networks/linear.csv", "networks/istc_codes.png"]
    targets = [f"results/tiny/classification/{name}" for name in targets]
    run = snakemake(house, "tiny.yaml", "--", *targets)
    assert run.returncode == 0, run.stdout + run.stderr
    folder = house / "results/tiny/classification"
    rows = files.read_csv(folder / "few.csv")
    assert {row["features"] for row in rows} == {"order2", "hog", "pixels"}
    assert {row["moved"] for row in files.read_csv(folder / "moved.csv")} == set(moved.PUBLISHED)
    assert float(files.read_csv(folder / "networks/linear.csv")[0]["error_percent"]) < 60
    assert (folder / "few.png").stat().st_size > 1000
