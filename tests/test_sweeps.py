"""Settings that a path changes, and sweeps over them: one spelling, one row a point, one figure."""

import copy
import functools
import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from snakemake.target_jobs import parse_target_jobs_cli_args
from snakemake_interface_executor_plugins.utils import TargetSpec, encode_target_jobs_cli_args

import project
import settings
from gsn.figures import sweeps as figures
from gsn.metrics import seeds
from gsn.systems import sweeps
from gsn.systems.generation import opening
from settings import changes

CONFIG = yaml.safe_load((project.ROOT / "config.yaml").read_text())
DATASETS = settings.datasets(CONFIG)
BASE = DATASETS["polygon5-32-paper"]


def swept(**given):
    config = copy.deepcopy(CONFIG) | {"sweeps": {"one": {"dataset": "polygon5-32-paper"} | given}}
    return settings.sweeps(config, settings.datasets(config))["one"]["points"]


def test_a_change_of_the_data_set_is_merged_and_the_rest_stays():
    found = settings.changed("polygon5-32-paper", "@polygon.points=7@seed=1@train=256", BASE)
    assert (found["polygon"]["points"], found["seed"], found["train"]) == (7, 1, 256)
    assert found["generator"] == BASE["generator"]
    assert BASE["seed"] == 0
    assert settings.changed("polygon5-32-paper", "", BASE) == BASE


def test_a_variant_changes_the_network_and_its_training():
    text = "@generator.linear=true@training.learning_rate=0.001"
    found = changes.applied("d128", text, BASE, network=True)
    assert found["generator"] == BASE["generator"] | {"linear": True}
    assert found["training"]["learning_rate"] == 0.001


@pytest.mark.parametrize(
    ("text", "network", "sentence"),
    [
        ("@trian=5", False, "x@trian=5: a data set has no key 'trian'; did you mean 'train'?"),
        ("@train=1", False, "x@train=1: train must be at least 2 (number of training images)"),
        ("@training.ema=1.5", True, "training.ema must be less than 1 (weight of the past"),
        ("@generator.widht=5", True, "generator has no key 'widht'; did you mean 'width'?"),
        ("@generator.width=5", False, "must have generator.width behind d, as in d128@key=value"),
        ("@seed=1", True, "must have seed behind the name of the data set: found it elsewhere"),
        ("@d=64", False, "must have d in its own place, .../J{J}_L{L}/d{d}/"),
        ("@train=256@seed=1", False, "use x@seed=1@train=256."),
        ("@train=256,seed=1", False, "use x@seed=1@train=256."),
        ("@train=4096", False, "must name changed settings only, sorted"),
        ("@training.ema=0.50", True, "use x@training.ema=0.5."),
        ("@seed=1@seed=2", False, "must change each setting once, by @key=value: got 'seed=2'"),
        ("@seed", False, "by @key=value: got 'seed'; correct it."),
        ("@training=5", True, "training must be a mapping, {key: value} (training of G): got '5'."),
        ("@training.x.y=5", True, "training has no key 'x'; use one of epochs"),
        ("@source=mnist", False, "source must be the data set's own: name another data set."),
        (
            "@raw=files",
            False,
            "must not say raw, which is for mnist, fashion-mnist, cifar10, celeba, lsun",
        ),
    ],
)
def test_a_wrong_change_is_one_sentence(text, network, sentence):
    apply = functools.partial(changes.applied, network=True) if network else settings.changed
    with pytest.raises(ValueError) as error:  # noqa: PT011
        apply("x", text, BASE)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_spelled_is_read_again():
    for nested in ({"seed": 3, "train": 128}, {"training": {"learning_rate": 1e-5, "ema": 0.9}}):
        text = changes.spell(nested, BASE)
        assert re.fullmatch(settings.CHANGES, text)
        network = "training" in nested
        assert changes.applied("x", text, BASE, network=network) == settings.configuration.merge(
            BASE, nested
        )


def test_a_job_on_a_cluster_keeps_its_wildcards():
    """Snakemake splits them at commas, which no change has."""
    known = {
        "dataset": "polygon5-32-paper@seed=1@train=256",
        "d": "8",
        "variant": "@training.epochs=2",
    }
    sent = encode_target_jobs_cli_args([TargetSpec("train_generator", known)])
    assert parse_target_jobs_cli_args(sent)[0].wildcards_dict == known


def test_points_are_all_combinations_and_a_point_at_the_base_is_the_plain_folder():
    found = swept(vary={"J": [2, 3], "training.epochs": [8, 46]}, **{"with": {"seed": 1}})
    assert [point["wildcards"] for point in found] == [
        {"dataset": "polygon5-32-paper@seed=1", "J": J, "L": 8, "d": 128, "variant": variant}
        for J in (2, 3)
        for variant in ("@training.epochs=8", "")
    ]
    assert found[0]["varied"] == {"J": 2, "training.epochs": 8}


def test_settings_change_together_in_each():
    each = [{"train": 256, "training.epochs": 64}, {"train": 512, "training.epochs": 32}]
    found = swept(each=each, vary={"seed": [0, 1]})
    assert [point["varied"] for point in found] == [
        one | {"seed": seed} for one in each for seed in (0, 1)
    ]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"vary": {"trian": [5]}}, "sweeps.one: a data set has no key 'trian'; did you mean"),
        ({"vary": {"train": []}}, "sweeps.one.vary.train must be a list of 1 or more: got []"),
        ({}, "sweeps.one must vary a setting: found no vary and no each; add one."),
        ({"dataset": "polygon6", "vary": {"d": [8]}}, "got 'polygon6'; did you mean 'polygon5"),
        ({"vary": {"d": [8]}, "measure": ["pnsr"]}, "sweeps.one.measure must be one of psnr, "),
        ({"vary": {"d": [8]}, "with": {"d": 9}}, "sweeps.one.with must not fix d, which varies"),
        ({"each": [{"d": 8}, {"J": 2}]}, "must give the same settings in each mapping: found no J"),
    ],
)
def test_a_wrong_sweep_is_one_sentence(given, sentence):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        swept(**given)
    assert sentence in str(error.value)


PSNR = [
    {"split": split, "psnr_pooled_db": f"{value}", "psnr_mean_db": f"{value + 1}"}
    for split, value in (("train", 28), ("test", 26))
]


def test_a_row_has_what_varies_and_then_the_measures():
    tested = [
        {"split": split, "n": n, "test": "K2", "d": "8", "rejected_0.05": rejected}
        for split, n, rejected in (
            ("train", "100", "1"),
            ("train", "256", "4"),
            ("test", "64", "2"),
        )
    ]
    tables = {"psnr": PSNR, "ridge": PSNR, "gaussianity": tested, "training": [{"seconds": "3"}]}
    row = sweeps.row({"train": 256}, tables, n=256, d=8)
    assert list(row)[:2] == ["train", "n"]
    assert (row["psnr_test"], row["psnr_mean_test"], row["ridge_train"]) == (26, 27, 28)
    assert (row["rejected_K2_train"], row["rejected_K2_test"]) == (0.5, 0.25)
    assert row["seconds"] == 3


def test_a_long_table_becomes_columns():
    table = [
        {"measure": "power", "split": "test", "at": "0.5", "value": "2"},
        {"measure": "power", "split": "test", "at": "", "value": "1"},
    ]
    assert sweeps.row({}, {"other": table}, n=4, d=8) == {
        "n": 4,
        "power_test_0.5": 2,
        "power_test": 1,
    }
    assert sweeps.long(table, 8, at=False) == {"power_test": 1}


def test_of_the_octaves_a_sweep_has_the_finest():
    table = [
        {"measure": measure, "split": "test", "at": at, "value": value}
        for measure, at, value in (
            ("energy_kept", "0.125", "0.7"),
            ("energy_kept", "0.25", "0.1"),
            ("error", "0.25", "0.9"),
            ("power", "0.25", "5"),
        )
    ]
    found = sweeps.row({}, {"detail": table}, n=4, d=8)
    assert found == {"n": 4, "energy_kept_finest_test": 0.1, "error_finest_test": 0.9}


def test_a_setting_that_the_first_determines_makes_no_curves_of_its_own():
    rows = [
        {"train": n, "training.epochs": 64 // n, "n": n, "psnr_test": 20.0, "ridge_test": 18.0}
        for n in (8, 16, 32)
    ]
    (axes,) = figures.curves(rows, ["train", "training.epochs"]).axes
    assert [len(line.get_xdata()) for line in axes.lines] == [3, 3]


def test_the_mean_and_the_deviation_over_seeds_are_those_of_numpy():
    values = np.random.default_rng(0).normal(size=3)
    rows = [
        {"split": split, "seed": seed, "psnr": float(value)}
        for seed, value in enumerate(values)
        for split in ("train", "test")
    ]
    found = seeds.summarised(rows, ["psnr"])
    assert [row["seed"] for row in found] == [0, 1, 2, "mean", "sd"] * 2
    assert found[3]["psnr"] == pytest.approx(values.mean())
    assert found[4]["psnr"] == pytest.approx(values.std(ddof=1))


def some_rows(varied, places):
    return [
        dict(zip(varied, place, strict=True))
        | {"n": 64}
        | {
            f"{name}_{split}": 20.0 + i
            for name in ("psnr", "ridge", "pixel_pca")
            for split in ("train", "test")
        }
        | {"alpha_train": 3.0 + i}
        for i, place in enumerate(places)
    ]


def test_one_setting_is_drawn_with_the_baselines_on_a_fitting_axis():
    figure = figures.curves(some_rows(["train"], [(256,), (1024,), (4096,)]), ["train"])
    assert [axes.get_ylabel() for axes in figure.axes] == ["PSNR, dB", "alpha"]
    assert [axes.get_xscale() for axes in figure.axes] == ["log", "log"]
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels[:2] == ["G train", "G test"]
    assert len(labels) == 6
    linear = figures.curves(some_rows(["J"], [(2,), (3,), (4,)]), ["J"])
    assert linear.axes[0].get_xscale() == "linear"


def test_the_number_of_coefficients_is_drawn_where_it_varies():
    for ratios, drawn in (((3.4, 1.6), True), ((3.4, 3.4), False)):
        rows = [
            row | {"coefficients_per_pixel": ratio}
            for row, ratio in zip(some_rows(["J"], [(3,), (4,)]), ratios, strict=True)
        ]
        labels = [axes.get_ylabel() for axes in figures.curves(rows, ["J"]).axes]
        assert ("coefficients per pixel" in labels) == drawn


def test_two_settings_give_a_curve_for_each_value_of_the_second():
    places = [(J, width) for J in (2, 3) for width in (8, 16)]
    figure = figures.curves(some_rows(["J", "generator.width"], places), ["J", "generator.width"])
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == [
        f"generator.width = {width} {split}" for width in (8, 16) for split in ("train", "test")
    ]


@pytest.mark.parametrize("varied", [["seed"], ["polygon.background"], ["train", "seed"]])
def test_other_settings_are_drawn_too(varied, tmp_path):
    places = [("a", 0)[: len(varied)], ("b", 1)[: len(varied)]]
    if varied[0] != "polygon.background":
        places = [(8, 0)[: len(varied)], (16, 1)[: len(varied)]]
    figures.curves(some_rows(varied, places), varied).savefig(tmp_path / "x.png")
    assert (tmp_path / "x.png").stat().st_size > 1000


def test_a_missing_file_of_a_variant_is_made_by_its_own_target(tmp_path):
    folder = tmp_path / "polygon5-32-paper@seed=1/J3_L8/d128@training.epochs=8"
    target = r"results/polygon5-32-paper@seed=1/J3_L8/d128@training.epochs=8/generator.pt"
    with pytest.raises(FileNotFoundError, match=re.escape(f"--cores all {target}`")):
        opening.files(folder)
    law = r"results/polygon5-32-paper@seed=1/J3_L8/d128/latent_laws/flow.pt"
    with pytest.raises(FileNotFoundError, match=re.escape(f"--cores all {law}`")):
        opening.law(Path(folder), "flow", 8)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return project.copy(tmp_path_factory.mktemp("house"), "tests/smoke.yaml")


def planned(house, *arguments):
    result = project.snakemake(house, "tests/smoke.yaml", "--dry-run", *arguments)
    counts = dict(re.findall(r"^(\w+) +(\d+)$", result.stdout + result.stderr, flags=re.M))
    return {rule: int(count) for rule, count in counts.items()}, result


def test_a_variant_computes_only_what_depends_on_it(house):
    folder = "results/tiny/J2_L4"
    targets = [f"{folder}/d8{variant}/psnr.csv" for variant in ("", "@training.epochs=3")]
    counts, _ = planned(house, "--", *targets)
    assert (counts["train_generator"], counts["evaluate_generator"]) == (2, 2)
    assert (counts["fit_pca"], counts["whiten_scattering"], counts["evaluate_ridge"]) == (1, 2, 1)


def test_sweeps_and_seeds_are_targets(house):
    sweep = "sweeps={one: {dataset: tiny, vary: {train: [32, 40], generator.width: [2, 3]}}}"
    counts, result = planned(house, "--config", sweep, "--", "results/sweeps/one.csv")
    assert counts.get("tabulate_sweep") == 1, result.stderr
    assert (counts["train_generator"], counts["fit_pca"]) == (4, 2)
    counts, result = planned(house, "table1_seeds")
    assert counts.get("train_generator") == 3, result.stderr
    assert counts["store_images"] == 6


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["results/sweeps/on.csv"], "no sweep 'on' in the configuration; did you mean 'one'?"),
        (["results/tiny@trian=3/x.csv"], "tiny@trian=3: a data set has no key 'trian'"),
        (["results/tiny/J2_L4/d8@seed=3/x.csv"], "d8@seed=3 must have seed behind the name of"),
        (["results/tyni@seed=3/images/train.png"], "no data set 'tyni' in the configuration"),
    ],
)
def test_a_mistyped_target_is_one_sentence(house, arguments, sentence):
    sweep = "sweeps={one: {dataset: tiny, vary: {train: [32, 40]}}}"
    _, result = planned(house, "--config", sweep, "--", *arguments)
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_a_target_behind_config_is_refused_rather_than_taken_for_a_setting(house):
    _, result = planned(house, "--config", "table1=[tiny]", "results/tiny@seed=1/images/train.png")
    assert result.returncode != 0
    assert "valid identifier" in result.stdout + result.stderr
