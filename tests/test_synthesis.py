"""Synthesis: identities of the models, known answers of their measures, the smallest workflow."""

import copy
import os
import re
import signal

import numpy as np
import pytest
import torch
import yaml

import project
import settings
from gsn.data import fields as processes
from gsn.data.fields import kaufman
from gsn.runtime import files, store
from gsn.systems.synthesis import colours, measurement, models, page, pictures, spins, synthesize
from gsn.transforms import statistics
from settings import synthesis as keys

CONFIG = yaml.safe_load((project.ROOT / "config.yaml").read_text())
N = 16
RUN = {"steps": 30, "tolerance": 1e-4, "method": "lbfgs", "seed": 0}


@pytest.fixture(scope="module")
def example():
    """A field of a red spectrum, (N, N) float64."""
    white = np.fft.fft2(np.random.default_rng(0).standard_normal((N, N)))
    k = np.hypot(*np.meshgrid(np.fft.fftfreq(N), np.fft.fftfreq(N)))
    return np.fft.ifft2(white / (k + 0.1)).real


def relative_error(statistic, x, y):
    """|Phi(x) - y| / |y| of each field."""
    return np.linalg.norm(statistic(x).numpy() - y, axis=1) / np.linalg.norm(y, axis=-1)


@pytest.mark.parametrize("name", ["gaussian", "scattering"])
def test_the_error_is_that_of_the_statistics_of_the_syntheses(example, name):
    found = synthesize(example, name, n=3, steps=60, tolerance=1e-3)
    y = found.statistic(torch.from_numpy(example)[None]).numpy()
    again = relative_error(found.statistic, torch.from_numpy(found.fields), y)
    np.testing.assert_allclose(found.error, again, rtol=1e-6)
    np.testing.assert_array_equal(found.losses[-1], found.error)
    assert found.error.max() < found.losses[0].min() / 10
    assert found.count == found.statistic.count


def test_a_gaussian_model_has_the_spectrum_of_the_example(example):
    found = synthesize(example, "gaussian", n=2, steps=200, tolerance=1e-5, isotropic=True)
    assert measurement.spectrum_error(found.fields, example[None]) < 0.2  # dB; of noise it is 4
    start = np.random.default_rng(1).normal(example.mean(), example.std(), (2, N, N))
    assert measurement.spectrum_error(start, example[None]) > 2


def test_a_translated_example_gives_the_same_syntheses(example):
    """Phi is a mean over the torus, and so are the moments of the noise."""
    found = synthesize(example, "gaussian", n=1, steps=3).fields
    moved = synthesize(np.roll(example, (3, 5), (0, 1)), "gaussian", n=1, steps=3).fields
    np.testing.assert_allclose(moved, found, atol=1e-6 * np.abs(found).max())  # sums in any order


@pytest.mark.parametrize("name", ["wavelet_variances", "scattering"])
def test_a_unit_and_an_offset_change_the_syntheses_alike(example, name):
    found, changed = (
        synthesize(x, name, n=1, steps=10, J=2).fields for x in (example, 0.01 * example + 300)
    )
    np.testing.assert_allclose(changed, 0.01 * found + 300, atol=1e-4 * 0.01 * example.std())


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
@pytest.mark.parametrize("tensor", [False, True])
def test_syntheses_are_of_the_kind_of_the_example(example, dtype, tensor):
    x = (50 + 10 * example).astype(dtype)
    expected = np.float32 if dtype == np.uint8 else dtype
    found = synthesize(torch.from_numpy(x) if tensor else x, "gaussian", n=2, steps=2).fields
    assert isinstance(found, torch.Tensor if tensor else np.ndarray)
    assert found.shape == (2, N, N)
    assert np.asarray(found).dtype == expected


def test_one_seed_gives_one_result(example):
    one, same, other = (
        synthesize(example, "gaussian", n=2, steps=3, seed=seed).fields for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0.1


def test_what_a_mask_hides_does_not_matter(example):
    mask = np.ones((N, N), dtype=bool)
    mask[:, :2] = False
    gaps = np.where(mask, example, np.nan)
    found = synthesize(gaps, "gaussian", n=1, steps=3, mask=mask).fields
    other = synthesize(np.where(mask, example, 1e6), "gaussian", n=1, steps=3, mask=mask).fields
    np.testing.assert_array_equal(found, other)
    assert np.isfinite(found).all()


def test_the_axes_of_the_colours_are_principal_and_rotate_back():
    x = torch.randn(3, 40, 40, generator=torch.Generator().manual_seed(0)).double()
    mixing = torch.tensor([[1.0, 0.9, 0], [0, 1, 0.8], [0, 0, 0.1]]).double()
    x = torch.einsum("dc,chw->dhw", mixing, x)
    Q = colours.axes(x)
    planes = colours.rotated(x, Q)
    covariance = torch.cov(planes.flatten(1))
    variances = np.linalg.eigvalsh(np.cov(x.flatten(1).numpy()))[::-1]
    np.testing.assert_allclose(covariance.numpy(), np.diag(variances), atol=1e-10)
    np.testing.assert_allclose(colours.rotated(planes, Q.T).numpy(), x.numpy(), atol=1e-12)


def test_a_grey_image_of_three_colours_stays_grey(example):
    x = np.stack([example, 2 * example, example]) + 3
    found = synthesize(x, "gaussian", n=2, steps=5)
    assert len(found.planes) == 1
    red, green, blue = found.fields.transpose(1, 0, 2, 3)
    np.testing.assert_allclose(red, blue, atol=1e-9)
    np.testing.assert_allclose(green - 3, 2 * (red - 3), atol=1e-9)


def test_colours_keep_their_correlation(example):
    other = np.roll(example[::-1], 3)
    x = np.stack([example, 0.7 * example + other, other])
    found = synthesize(x, "gaussian", n=1, steps=100, tolerance=1e-4)
    correlation = np.corrcoef(x.reshape(3, -1))
    assert found.fields.shape == (1, 3, N, N)
    # The planes are two independent fields: their own correlation, of 256 points, remains.
    np.testing.assert_allclose(np.corrcoef(found.fields[0].reshape(3, -1)), correlation, atol=0.4)


def test_in_a_mixture_each_synthesis_has_the_statistics_of_one_example():
    x = torch.stack([torch.randn(N, N) * scale for scale in (0.5, 1.0, 2.0)])
    mixed, mean = (
        models.synthesized(x, "gaussian", 4, mixture=mixture, **RUN) for mixture in (True, False)
    )
    y = mixed.statistic(x).numpy()
    np.testing.assert_allclose(
        relative_error(mixed.statistic, mixed.x, y[[0, 1, 2, 0]]), mixed.error, rtol=1e-3
    )
    deviations = mixed.x.std(dim=(1, 2)).numpy()
    np.testing.assert_allclose(deviations, [0.5, 1, 2, 0.5], rtol=0.15)
    average = np.sqrt((0.25 + 1 + 4) / 3)
    np.testing.assert_allclose(mean.x.std(dim=(1, 2)).numpy(), average, rtol=0.15)


def test_the_modulus_makes_spins_of_a_model_of_spins():
    x = torch.from_numpy(processes.new("ising", N, n=1, seed=1, T=3.0)).double()
    grey, sharp = (
        models.synthesized(
            x, "gaussian", 2, settings={"isotropic": True}, modulus=kept, **RUN | {"steps": 300}
        )
        for kept in (False, True)
    )
    assert sharp.moments == grey.moments + 1
    far = [float((found.x.abs() < 0.5).double().mean()) for found in (grey, sharp)]
    assert far[0] > 0.2  # 0.38 for a normal law
    assert far[1] < 0.02


def test_a_finished_descent_is_not_repeated(example, tmp_path):
    x, path = torch.from_numpy(example)[None], tmp_path / "descent.partial.pt"
    first, again = (
        models.synthesized(x, "gaussian", 2, checkpoint=path, stamp="a", **RUN) for _ in range(2)
    )
    np.testing.assert_array_equal(first.x.numpy(), again.x.numpy())
    np.testing.assert_array_equal(first.evaluations, again.evaluations)


def test_a_stopped_synthesis_goes_on_where_it_was(example, tmp_path, monkeypatch):
    x = np.stack([example, np.roll(example[::-1], 3)])
    settings = {"n": 2, "steps": 12, "J": 2, "L": 2}
    expected, calls = synthesize(x, "scattering", **settings), 0
    kind = type(expected.statistic)
    whole = kind.forward

    def signalled(self, x, mask=None):
        nonlocal calls
        calls += x.requires_grad
        if x.requires_grad and calls == 20:  # in the second plane
            os.kill(os.getpid(), signal.SIGTERM)
        return whole(self, x, mask)

    monkeypatch.setattr(kind, "forward", signalled)
    settings["checkpoint"] = tmp_path / "states"
    with pytest.raises(SystemExit, match="run again to continue"):
        synthesize(x, "scattering", **settings)
    found = synthesize(x, "scattering", **settings)
    np.testing.assert_array_equal(found.fields, expected.fields)
    np.testing.assert_array_equal(found.error, expected.error)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": np.full((8, 8), np.nan)}, "x must be finite: found 64 numbers that are not"),
        ({"x": np.full((8, 8), 3.0)}, "x must vary: all its numbers are 3; give another example"),
        (
            {"x": np.stack([np.zeros((8, 8)), np.ones((8, 8))])},
            "x must vary: all its .* 0, 1; give",
        ),
        ({"x": np.zeros((0, 8, 8))}, r"x must be one field, .* got the shape \(0, 8, 8\)"),
        ({"x": 1e-20 * np.eye(8, dtype=np.float32)}, "x must have a deviation of 1e-12 to 1e"),
        ({"x": np.eye(9)}, r"a field must have two even sides of at least 4: got \(9, 9\)"),
        ({"x": np.zeros((2, 2, 8, 8))}, r"x must be one field, \(H, W\), or one image"),
        ({"x": np.zeros((8, 8, 3))}, r"x must have its colours first, \(c, H, W\)"),
        ({"x": np.eye(8) * 1j}, "x must be real: got complex128"),
        ({"mask": np.zeros((8, 8), bool)}, "mask must leave points: got 0 of 64"),
        ({"mask": np.ones((8, 8))}, "mask must be bool of the shape"),
        ({"mask": np.ones((8, 9), bool)}, r"mask must be bool of the shape \(8, 8\)"),
        ({"statistics": "gauss"}, "statistics must be one of gaussian"),
        ({"colour": "red"}, "gaussian must have known settings: got 'colour'; use some of"),
        ({"n": 0}, "n must be an integer of at least 1: got 0"),
        ({"seed": -1}, "seed must be an integer of at least 0: got -1"),
        ({"method": "adam"}, "method must be"),
        ({"steps": 0}, "steps must be"),
        ({"statistics": "scattering", "J": 9}, "J must be at most log2 of the shortest side"),
    ],
)
def test_bad_input_is_one_sentence(change, message):
    given = {"x": np.eye(8), "statistics": "gaussian", "steps": 2} | change
    with pytest.raises(ValueError, match=message) as error:
        synthesize(given.pop("x"), **given)
    assert "\n" not in str(error.value)


def test_what_equals_the_process_has_no_error(example):
    x = np.stack([example, example[::-1]])
    zero = measurement.measured(x, x, process="cox", settings={})
    assert [zero[name] for name in measurement.ERRORS] == [0] * len(measurement.ERRORS)


def test_the_errors_of_a_scaled_field_are_known(example):
    x = example[None]
    assert measurement.spectrum_error(np.sqrt(10) * x, x) == pytest.approx(10)
    assert measurement.structure_error(2 * x, x) == pytest.approx(np.mean([1, 3, 7, 15, 31]))
    assert measurement.marginal_error(x + 2 * x.std(), x) == pytest.approx(2)


def test_true_spins_reach_the_floor_and_noise_does_not():
    T = 4.0
    x = processes.new("ising", N, n=200, seed=0, T=T)
    found = spins.measured(x, T)
    assert list(found) == list(spins.COLUMNS)
    assert found["log_p_floor"] == kaufman.relative_variance(N, N, T)
    # 4 deviations of a variance from 200 samples that are nearly normal
    assert found["log_p"] == pytest.approx(found["log_p_floor"], rel=4 * np.sqrt(2 / 200))
    assert found["off"] == 0
    noise = np.random.default_rng(0).standard_normal(x.shape)
    far = spins.measured(noise, T)
    assert far["log_p"] > 10 * found["log_p"]
    assert far["off"] == pytest.approx(0.383, abs=0.02)  # P(|g| < 1/2)


def test_the_concentration_falls_with_the_number_of_points():
    """Twice the side: a fourth of the variance, for a field of short correlation."""
    found = []
    for side in (N, 2 * N):
        x = np.random.default_rng(0).standard_normal((80, side, side))
        statistic = statistics.new("scattering", (side, side), J=2, L=4)
        statistic.fit(torch.from_numpy(x[:1]))
        found.append(measurement.concentrated(statistic, x)["phi"])
    assert 3 < found[0] / found[1] < 5.3


def test_a_page_has_a_section_for_each_example():
    row = {"example": "ising", "model": measurement.REAL, "log_p_floor": "0.0018"}
    text = page.describe([row, row | {"example": "cox", "log_p_floor": ""}])
    assert re.findall("^## (.*)", text, re.M) == ["ising", "cox"]
    assert text.count(page.OF_SPINS) == 1
    assert page.EMPTY in page.describe([])


def test_pictures_show_every_model():
    x = np.random.default_rng(0).standard_normal((4, N, N))
    laws = {"gaussian": x[:2], "scattering": x[2:]}
    losses = {name: np.array([[1.0, 1.0], [0.1, 0.2]]) for name in laws}
    drawn = pictures.drawn(x[:1], x, laws, losses, tolerance=1e-3)
    assert set(drawn) == {"gallery", "spectra", "increments", "structure", "losses"}
    for figure in [*drawn.values(), *pictures.of_spins(x, laws).values()]:
        texts = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
        texts += [text.get_text() for text in figure.axes[0].texts]
        assert set(laws) <= set(texts)


def test_the_configuration_knows_what_the_package_has():
    assert keys.Statistics.__args__ == statistics.NAMES
    assert {*keys.Process.__args__, "files"} == set(processes.PROCESSES)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"process": None}, "synthesis.one must have one of process and path: got none"),
        ({"path": "x.npy"}, "must have one of process and path: got process and path"),
        ({"key": "x"}, "must say key only of a file at path: found no path"),
        ({"border": 8}, "must have points within its border: got border=8, N=16"),
        ({"mixture": True}, "must have several examples for a mixture: got examples=1"),
        (
            {"mixture": True, "examples": 2, "method": "mean_field"},
            "must have one target for mean_field",
        ),
        ({"models": {"mine": {}}}, "must say models.mine.statistics: found none"),
        ({"models": {}}, "synthesis.one.models must be"),
        ({"N": 15}, "synthesis.one.N must be a multiple of 2"),
        ({"process": "isng"}, "synthesis.one.process must be one of ising, bernoulli"),
        ({"step": 3}, "synthesis.one has no key 'step'; did you mean 'steps'?"),
        ({"models": {"a b": {}}}, "synthesis.one.models must have names that match"),
    ],
)
def test_a_wrong_example_of_the_configuration_is_one_sentence(change, message):
    own = {"process": "ising", "N": 16, "models": {"gaussian": {}}} | change
    own = {key: value for key, value in own.items() if value is not None}
    config = copy.deepcopy(CONFIG) | {"synthesis": {"one": own}}

    def read():
        settings.datasets(config)
        settings.syntheses(config)

    with pytest.raises(ValueError) as error:  # noqa: PT011
        read()
    assert message in str(error.value)
    assert "\n" not in str(error.value)


TINY = """
table1: [tiny]
datasets:
  tiny: {source: polygons, N: 16, train: 40, test: 12, J: 2, L: 4, d: 8, rank: 16}
synthesis:
  spins:
    process: ising
    settings: {T: 3}
    N: 16
    real: 8
    n: 2
    steps: 5
    models:
      rings: {statistics: gaussian, settings: {isotropic: true}}
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the project whose only examples are those of TINY."""
    house = project.copy(tmp_path_factory.mktemp("house"))
    (house / "config.yaml").write_text(TINY)
    return house


def run(house, *arguments):
    return project.snakemake(house, "config.yaml", *arguments)


def test_the_workflow_makes_models_and_reruns_only_what_changes(house):
    made = run(house, "synthesis")
    assert made.returncode == 0, made.stdout + made.stderr
    folder = house / "results/synthesis/spins"
    rows = files.read_csv(house / "results/synthesis.csv")
    assert [row["model"] for row in rows] == [measurement.REAL, "rings"]
    assert list(rows[0]) == ["example", *measurement.COLUMNS]
    assert {row["log_p_floor"] for row in rows} == {str(kaufman.relative_variance(16, 16, 3))}
    for name in ("gallery", "spectra", "increments", "structure", "losses"):
        assert (folder / f"{name}.png").stat().st_size > 1000
    for name in ("clusters", "magnetisation"):
        assert (folder / f"{name}.png").stat().st_size > 1000
    x = store.read(folder / "rings/fields.zarr", "x")[...]
    statistic = statistics.load(folder / "rings/statistic.pt")
    assert len(files.read_csv(folder / "rings/losses.csv")) <= 6
    y = statistic(torch.from_numpy(store.read(folder / "example.zarr", "x")[...])).numpy()
    error = relative_error(statistic, torch.from_numpy(x), y)
    np.testing.assert_allclose(float(rows[1]["error"]), error.max(), rtol=1e-4)  # of float32
    assert not list(folder.glob("*/*.partial*"))

    (house / "config.yaml").write_text(f"{TINY}      gaussian: {{}}\n")
    plan = run(house, "--dry-run", "--", "results/synthesis.csv")
    counts = dict(re.findall(r"^(\w+) +(\d+)$", plan.stdout + plan.stderr, flags=re.M))
    assert counts.get("synthesize_model") == "1", plan.stdout + plan.stderr
    assert counts.get("measure_model") == "1"
    assert not counts.keys() & {"draw_example", "measure_example"}


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("results/synthesis/spin/gallery.png", "no synthesis 'spin' in the configuration; did"),
        ("results/synthesis/spins/galery.png", "is results/synthesis/spins/gallery.png."),
    ],
)
def test_a_mistyped_target_is_one_sentence(house, target, message):
    refused = run(house, "--dry-run", "--", target)
    assert refused.returncode != 0
    assert message in refused.stderr
    assert "Traceback" not in refused.stderr
