"""Laws of z: fits by name, their comparison, the tests of z, and the workflow at its smallest."""

import numpy as np
import pytest
import torch

from gsn.data.polygons import draw
from gsn.networks.generator import Generator
from gsn.runtime import files
from gsn.samplers import laws
from gsn.systems.latent_laws import (
    comparison,
    fitting,
    gaussianity,
    matrix,
    quality,
    sweeps,
    verdict,
)
from project import copy, snakemake

INCEPTION = "datasets={tiny: {latent_laws: {inception: nowhere.pth}}}"
SETTINGS = {"epochs": 4, "batch": 32, "learning_rate": 0.002}
N, D = 16, 4


@pytest.fixture(scope="module")
def z():
    """Two clusters on a line in four dimensions, with covariance I."""
    rng = np.random.default_rng(0)
    z = rng.standard_normal((400, D))
    z[:, 0] = 0.2 * z[:, 0] + np.sign(rng.standard_normal(400))
    return ((z - z.mean(0)) / z.std(0)).astype(np.float32)


@pytest.fixture(scope="module")
def images():
    return {
        split: np.stack([draw(i, N, split=split) for i in range(n)])
        for split, n in (("train", 80), ("test", 48))
    }


@pytest.fixture(scope="module")
def space(images):
    return quality.space([images["train"]], [images["test"]], N=N, J=2)


@pytest.mark.parametrize("name", laws.NAMES)
def test_every_law_is_fitted_by_its_name(z, tmp_path, name):
    own = SETTINGS if name in fitting.TRAINED else {}
    law, rows = fitting.fit(
        name,
        z,
        variances=np.ones(D),
        settings=own,
        seed=0,
        checkpoint=tmp_path / f"{name}{{}}.partial.pt",
    )
    assert type(law).__module__ == f"gsn.samplers.{name}"
    assert not law.training
    assert law.sample(5).shape == (5, D)
    assert all(row["seconds"] >= 0 for row in rows)
    kinds = [row["choice"] for row in rows]
    assert len(set(kinds)) == len(kinds)
    if name == "flow":
        best = max(rows, key=lambda row: row["log_likelihood"])
        assert law.settings["kind"] == best["choice"]
        assert [row for row in rows if row["kept"]] == [best]
        drawn = law.sample(20_000)
        np.testing.assert_allclose(drawn.mean(0), z.mean(0), atol=0.06)
        np.testing.assert_allclose(np.cov(drawn.T), np.cov(z.T), atol=0.1)
    if name == "mixture":  # which z is
        assert law.settings["components"] >= 2


def test_a_fit_repeats_and_leaves_the_generator_of_torch_alone(z, tmp_path):
    drawn = []
    for i in range(2):
        torch.manual_seed(i)
        before = torch.get_rng_state()
        law, _ = fitting.fit(
            "vae",
            z,
            variances=np.ones(D),
            settings=SETTINGS,
            seed=3,
            checkpoint=tmp_path / f"{i}{{}}.partial.pt",
        )
        assert torch.equal(torch.get_rng_state(), before)
        drawn.append(law.sample(3))
    np.testing.assert_array_equal(*drawn)


@pytest.mark.parametrize(
    ("z", "sentence"),
    [
        (np.full((30, 3), np.nan), "z must be finite"),
        (np.zeros((30, 3)), "each component of z must vary: found component 0 constant"),
        (np.ones((1, 3)), "at least 2 rows of z: found 1"),
    ],
)
@pytest.mark.parametrize("name", laws.NAMES)
def test_degenerate_z_is_refused_in_one_sentence(tmp_path, name, z, sentence):
    with pytest.raises(ValueError, match=sentence):
        fitting.fit(
            name, z, variances=np.ones(3), settings=SETTINGS, seed=0, checkpoint=tmp_path / "s{}.pt"
        )


@pytest.mark.parametrize("variances", [np.ones(3), np.array([1, 1, 0, 1]), np.full(4, np.nan)])
def test_variances_of_other_components_are_refused(tmp_path, z, variances):
    with pytest.raises(ValueError, match=r"above 0 for each of the 4 components of z: got \("):
        fitting.fit(
            "gan",
            z,
            variances=variances,
            settings=SETTINGS,
            seed=0,
            checkpoint=tmp_path / "s{}.pt",
        )


def test_the_space_avoids_the_scale_of_z():
    assert [quality.scale(32, J) for J in (1, 2, 3, 4)] == [2, 3, 2, 2]


def test_features_do_not_depend_on_the_batches(space, images):
    whole = space.of([images["test"]])
    parts = space.of(np.split(images["test"], [5, 20]))
    np.testing.assert_allclose(parts, whole, atol=1e-4)
    assert whole.shape == (48, 12)  # a dimension for every fourth image


def test_real_images_are_the_floor_and_copies_are_found_out(space, images):
    real = quality.judge(space, space.of([images["test"]]), seed=0)
    copies = quality.judge(space, space.of([images["train"][:48]]), seed=0)
    grey = np.full((48, 3, N, N), 128.0) + np.random.default_rng(0).normal(0, 20, (48, 3, N, N))
    noise = quality.judge(space, space.of([grey]), seed=0)
    assert real["frechet"] < noise["frechet"] / 5
    assert real["mmd"] < noise["mmd"]
    assert real["nearer"] == pytest.approx(0.5)
    assert copies["nearer"] > 0.99
    assert noise["recall"] < real["recall"]


def test_a_classifier_says_how_sure_it_is_and_how_many_classes_there_are(images):
    black = images["train"] // 8
    both = np.concatenate([images["train"], black])
    labels = np.repeat([0, 1], 80)
    space = quality.space([both], [images["test"]], N=N, J=2, labels=labels)
    mixed = quality.judge(space, space.of([both]), seed=0)
    one = quality.judge(space, space.of([black]), seed=0)
    assert mixed["classes"] == pytest.approx(2, abs=0.1)
    assert one["classes"] == pytest.approx(1, abs=0.1)
    assert one["confidence"] > 0.8


def test_the_comparison_has_its_floor_its_ceiling_and_the_excess(space, images):
    torch.manual_seed(0)
    G = Generator(D, N, width=2, kernel=3).eval()
    rng = np.random.default_rng(0)
    z = {split: rng.standard_normal((len(x), D), np.float32) for split, x in images.items()}
    named = {name: [laws.new(name, D).eval()] for name in ("gaussian", "mixture")}
    named["vae"] = [laws.new("vae", D).eval() for _ in range(2)]
    rows = comparison.compare(G, named, space, z, images["test"])
    assert [row["law"] for row in rows] == [
        comparison.REAL,
        comparison.CEILING,
        comparison.MEMORY,
        *named,
    ]
    assert all(row["n"] == 48 for row in rows)
    by_name = {row["law"]: row for row in rows}
    assert by_name["gaussian"]["excess"] == pytest.approx(1)
    assert by_name["mixture"]["log_likelihood"] == pytest.approx(
        by_name["gaussian"]["log_likelihood"]  # an untrained mixture is N(0, I)
    )
    assert "log_likelihood" not in by_name["vae"]
    assert by_name["vae"]["frechet_sd"] >= 0
    assert by_name["vae"]["fits"] == 2
    alone = [
        comparison.compare(G, {"vae": [law]}, space, z, images["test"])[-1]["frechet"]
        for law in named["vae"]
    ]
    for name, value in (("", np.mean(alone)), ("_least", min(alone)), ("_most", max(alone))):
        assert by_name["vae"][f"frechet{name}"] == pytest.approx(value)
    assert "frechet_least" not in by_name["gaussian"]


def judged(law, frechet, mmd, **other):
    row = {"law": law, "frechet": frechet, "frechet_sd": 1, "mmd": mmd, "mmd_sd": 0.01} | other
    return {name: str(value) for name, value in row.items()}


def test_the_verdict_follows_the_numbers():
    normal = judged("gaussian", 100, 5)
    worse = judged("flow", 120, 4)
    assert verdict.verdict([normal, worse]).startswith("**Use `gaussian`.**")
    said = verdict.verdict([normal, worse, judged("vae", 50, 3), judged("mixture", 51, 2)])
    assert said.startswith("**Use `vae`.** Its Frechet distance is 50 and its kernel distance 3, ")
    assert "Not told from it by the Frechet distance: `mixture`." in said
    assert "Not better than N(0, I) in both distances: `flow`." in said
    # The range of the fits counts, where it is more than the deviation of the samples.
    wide = judged("vae", 90, 3, frechet_least=70, frechet_most=110)
    assert verdict.verdict([normal, wide]).startswith("**Use `gaussian`.**")
    assert "look for copies" in verdict.verdict([normal, judged("vae", 50, 3, nearer=1.2)])
    assert verdict.verdict([worse]).startswith("N(0, I) was not compared")


def test_too_small_a_d_or_test_split_is_refused_before_any_job(tmp_path):
    house = copy(tmp_path / "house")
    for number, found in (("test: 24", "test=12"), ("d: 8", "d=1")):
        changed = {"test: 24": "test: 12", "d: 8": "d: 1"}[number]
        (house / "small.yaml").write_text(TINY.replace(number, changed))
        run = snakemake(house, "small.yaml", "latent_laws")
        assert run.returncode != 0
        assert "tiny: laws of z need d >= 2 and 20 test images: got" in run.stdout + run.stderr
        assert found in run.stdout + run.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["results/tiny/J2_L4/d8/latent_laws/vea.pt"],
            "is results/tiny/J2_L4/d8/latent_laws/vae.pt",
        ),
        (
            ["results/tiny/J2_L4/d8/latent_laws/quality.csv", "--config", INCEPTION],
            "tiny: latent_laws.inception ",
        ),
        (["results/tiny/J2_L4/d900/z/train.zarr/zarr.json"], "set d and rank, both, to 63 or less"),
    ],
)
def test_a_fault_of_the_laws_is_told_in_one_sentence(tmp_path, arguments, sentence):
    house = copy(tmp_path / "house")
    (house / "small.yaml").write_text(TINY)
    run = snakemake(house, "small.yaml", *arguments)
    assert run.returncode != 0
    assert sentence in run.stdout + run.stderr
    assert "most recent call last" not in run.stdout + run.stderr


def test_normal_z_passes_and_other_z_does_not(z):
    normal = np.random.default_rng(7).standard_normal((400, 40))
    counted = list(gaussianity.table({"train": normal}))
    assert [(row["n"], row["test"]) for row in counted[-2:]] == [
        (400, "K2"),
        (400, "Jarque-Bera"),
    ]
    assert counted[-2]["rejected_holm_0.05"] == 0
    (row,) = gaussianity.joint_table({"test": normal}, seed=3)
    assert row["energy_p"] > 0.02
    assert row["dependence_p"] > 0.02
    assert list(gaussianity.table({"train": z}))[-2]["rejected_holm_0.01"] >= 1
    assert gaussianity.panels(z)[len(z[0])][0].startswith("worst: z1")


def test_the_matrix_sets_two_components_before_whitening():
    class Recorder(Generator):
        def forward(self, z):
            self.seen = z
            return super().forward(z)

    G = Recorder(3, 8, width=2, kernel=3).eval()
    x, rows, columns = matrix.images(G, matrix.VALUES, np.array([4.0, 25.0]))
    assert x.shape == (4, 4, 3, 8, 8)
    z = G.seen.numpy().reshape(4, 4, 3)
    np.testing.assert_allclose(z[0, 3], [-5, 2, 0])
    np.testing.assert_allclose(z[3, 0], [5, -2, 0])
    np.testing.assert_array_equal(rows, columns)


def test_the_sweeps_change_one_thing(space, monkeypatch, tmp_path, z):
    monkeypatch.setattr(sweeps, "BETAS", (1e-3, 1e-2))
    monkeypatch.setattr(sweeps, "LATENT", (2, 3))
    G = Generator(D, N, width=2, kernel=3).eval()
    settings = {"vae": SETTINGS | {"beta": 1, "latent": 1}, "flow_matching": SETTINGS}
    run = {
        "settings": settings,
        "variances": np.ones(D),
        "seed": 0,
        "checkpoint": tmp_path / "sweep",
        "known": {},
    }
    rows = sweeps.rows("vae", G, space, z, 40, **run)
    assert [(row["beta"], row["latent"]) for row in rows] == [
        (1e-3, 2),
        (1e-3, 3),
        (1e-2, 2),
        (1e-2, 3),
    ]
    assert [len(axes.lines) for axes in sweeps.figure("vae", rows).axes] == [2, 2]
    own = laws.new("vae", D, latent=3).eval()
    fitted = run | {"settings": {"vae": SETTINGS | {"beta": 1e-2, "latent": 3}}}
    again = sweeps.rows("vae", G, space, z, 40, **fitted | {"known": {"vae": (own, 7.5)}})
    assert [row["seconds"] == 7.5 for row in again] == [False, False, False, True]
    rows = sweeps.rows("images", G, space, z, 40, **run)
    assert {row["images"] for row in rows} == {25, 100, 400}
    assert [row["law"] for row in rows[:4]] == list(sweeps.LAWS)
    law = laws.new("gaussian", D)
    again = sweeps.rows("images", G, space, z, 40, **run | {"known": {"gaussian": (law, 7.5)}})
    seconds = [row["seconds"] for row in again if row["law"] == "gaussian"]
    assert seconds == [0, 0, 7.5]  # the law that is known is not fitted again


@pytest.mark.parametrize(("rows", "steps"), [(25, 48), (40, 48), (100, 48), (150, 48), (400, 48)])
def test_few_images_are_seen_in_as_many_steps_as_all(rows, steps):
    own = sweeps._as_many_steps(SETTINGS, rows, 400)  # 4 epochs of 12 batches of 32
    assert own["epochs"] * (rows // min(32, rows)) == steps
    assert sweeps._as_many_steps({}, rows, 400) == {}


def test_a_choice_whose_likelihood_is_not_a_number_is_not_kept(z, tmp_path, monkeypatch):
    def trained(name, z, settings, variances, **run):
        law = laws.new(name, D, hidden=8, transforms=1, **settings).eval()
        if settings["kind"] == "spline":
            law.log_prob = lambda z: np.full(len(z), np.nan)
        return law, {"epochs": 1, "seconds": 0.0}

    monkeypatch.setattr(fitting, "_trained", trained)
    state = tmp_path / "{}.partial.pt"
    run = {"variances": np.ones(D), "settings": {}, "seed": 0, "checkpoint": state}
    law, rows = fitting.fit("flow", z, **run)
    assert [row["kept"] for row in rows] == [0, 1]
    assert law.settings["kind"] == "autoregressive"


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
    generator: {width: 2, kernel: 3}
    training: {epochs: 2, batch: 8, learning_rate: 0.01}
    latent_laws:
      fits: 2
      vae: {epochs: 2, batch: 16}
      gan: {epochs: 2, batch: 16}
      flow: {epochs: 2, batch: 16}
      flow_matching: {epochs: 2, batch: 16}
"""


@pytest.mark.slow
def test_the_workflow_ends_with_a_page_and_a_law_is_used_by_name(tmp_path):
    import gsn

    house = copy(tmp_path / "house")
    (house / "tiny.yaml").write_text(TINY)
    folder = house / "results/tiny/J2_L4/d8/latent_laws"
    folder.mkdir(parents=True)
    states = [folder / f"{law}-.partial.pt" for law in ("flow_matching", "flow_fit1")]
    for state in states:  # of laws that were stopped
        state.touch()
    run = snakemake(house, "tiny.yaml", f"{folder.relative_to(house)}/flow.pt")
    assert run.returncode == 0, run.stderr
    assert sorted(folder.glob("*.partial.pt")) == sorted(states)
    for state in states:
        state.unlink()
    run = snakemake(house, "tiny.yaml", "latent_laws")
    assert run.returncode == 0, run.stderr
    page = (folder / "README.md").read_text()
    for name in laws.NAMES:
        assert f"| {name} |" in page
    for picture in (
        "samples",
        "matrix",
        "matrix_deviations",
        "quantiles",
        "sweep_vae",
        "sweep_images",
    ):
        assert f"({picture}.png)" in page
        assert (folder / f"{picture}.png").stat().st_size > 1000
    assert "**Use `" in page
    quality = files.read_csv(folder / "quality.csv")
    assert [row["fits"] for row in quality] == ["", "", "", "1", *"22222"]
    vae, again = (laws.load(folder / f"vae{fit}.pt") for fit in ("", "_fit1"))
    assert not np.array_equal(vae.sample(2), again.sample(2))
    assert not (folder / "gaussian_fit1.pt").exists()
    assert not list(folder.glob("*.partial.pt"))

    tiny = gsn.load(folder.parent, device="cpu")
    images = tiny.sample(3, law="flow", temperature=0.8)
    assert images.shape == (3, 3, 16, 16)
    np.testing.assert_array_equal(tiny.sample(2, law="flow", temperature=0.8), images[:2])
    expected = tiny.decode(laws.load(folder / "flow.pt").sample(3, temperature=0.8))
    np.testing.assert_array_equal(images, expected)
    (folder / "gan.pt").unlink()
    with pytest.raises(FileNotFoundError, match=r"--cores all results/tiny/J2_L4/d8/latent_laws/g"):
        tiny.sample(3, law="gan")
    with pytest.raises(ValueError, match=r"law must be one of gaussian, mixture, .*: got 'normal'"):
        tiny.sample(3, law="normal")
    with pytest.raises(ValueError, match=r"got 'flows'; did you mean 'flow'\?"):
        tiny.sample(3, law="flows")
