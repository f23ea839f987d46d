"""Each fault of a configuration is one sentence with the requirement, the value, and a remedy."""

import copy
import json
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from gsn.transforms.scattering2d import paths

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "workflow"))
import settings  # noqa: E402
from settings import (  # noqa: E402
    classification,
    configuration,
    data,
    generation,
    latent_laws,
    memory,
    reference,
)

DEFAULT = yaml.safe_load((ROOT / "config.yaml").read_text())
DEFAULTS = {
    "channels": 3,
    "J": 4,
    "L": 8,
    "d": 512,
    "scattering": {"dtype": "float16", "shard": 8192},
    "whitening": {"solver": "subspace", "scheduler": "threads", "workers": 4},
    "seed": 0,
    "on_error": "stop",
    "splits": "first_n",
    "polygon": {"points": 5, "background": "random", "min_area": 0},
    "generator": {
        "width": 32,
        "kernel": 7,
        "normalisation": "batch",
        "padding": "symmetric",
        "linear": False,
    },
    "training": {
        "epochs": 100,
        "batch": 128,
        "learning_rate": 0.002,
        "optimizer": "adam",
        "warmup": 0.1,
        "ema": 0,
        "noise": 0,
        "gpus": 1,
    },
    "latent_laws": latent_laws.Laws().model_dump(exclude_none=True),
    "memory": memory.Memory().model_dump(),
    "classification": classification.Classification().model_dump(),
    "comparison": {"beta": 0.05, "test_images": 256, "test_steps": 200},
}
RUN = {
    "generator": {"width": 4, "kernel": 3},
    "training": {"epochs": 1, "batch": 8, "learning_rate": 0.01, "warmup": 0.1},
    "seed": 3,
}


def changed(path, value, base=DEFAULT):
    """Return a copy of a configuration with one key set."""
    new = copy.deepcopy(base)
    *parents, key = path.split("/")
    place = new
    for parent in parents:
        place = place.setdefault(parent, {})
    place[key] = value
    return new


def checked(read):
    """Check a configuration as the workflow does if all its data sets are requested."""
    for name, chosen in settings.datasets(read).items():
        settings.check(name, chosen)


def test_the_default_is_valid_and_its_table_is_for_a_laptop():
    checked(DEFAULT)
    assert DEFAULT["table1"] == ["polygon5-32"]
    chosen = settings.datasets(DEFAULT)["polygon5-32-paper"]
    assert chosen["training"]["warmup"] == DEFAULTS["training"]["warmup"]


def test_polygon5_has_the_numbers_of_the_paper():
    chosen = settings.datasets(DEFAULT)["polygon5"]
    expected = {"N": 128, "train": 65536, "test": 16384, "J": 4, "L": 8, "d": 512}
    assert {key: chosen[key] for key in expected} == expected
    assert chosen["generator"]["width"] == 32  # 1024 channels of 4 x 4, doubled five times to 128
    assert chosen["paper"] == {"train": 42.43, "test": 34.44}


@pytest.mark.parametrize(("N", "J", "L"), [(32, 3, 8), (128, 4, 8), (28, 2, 6)])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_number_of_coefficients_follows_from_the_paths(channels, N, J, L):
    expected = channels * len(paths(J, L)["order"]) * (N // 2**J) ** 2
    assert settings.coefficients(channels=channels, N=N, J=J, L=L) == expected


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("datsets", {}, "the configuration has no key 'datsets'; did you mean 'datasets'?"),
        (
            "datasets/polygon5/trian",
            5,
            "datasets.polygon5 has no key 'trian'; did you mean 'train'?",
        ),
        (
            "datasets/polygon5/generator",
            {"widht": 5},
            "datasets.polygon5.generator has no key 'widht'; did you mean 'width'?",
        ),
        ("datasets/mine", {"n": 5}, "datasets.mine has no key 'n'; did you mean 'N'?"),
        ("datasets/polygon5/xyz", 5, "datasets.polygon5 has no key 'xyz'; use one of source, N, "),
        ("datasets/polygon5-32-paper/train", -5, "at least 2 (number of training images): got -5."),
        (
            "datasets/polygon5-32-paper/test",
            0,
            "datasets.polygon5-32-paper.test must be at least 1 (number of test images): got 0.",
        ),
        (
            "datasets/polygon5-32-paper/N",
            "32px",
            "N must be an integer (side of the square images, in pixels, a multiple of 2**J): got",
        ),
        (
            "defaults/training/learning_rate",
            "high",
            "must be a number (peak of the learning rate): got 'high'.",
        ),
        ("defaults/training/learning_rate", 0, "must be more than 0 (peak of the learning rate)"),
        ("defaults/training/learning_rate", float("inf"), "must be a finite number (peak of the"),
        (
            "defaults/training/warmup",
            2,
            "defaults.training.warmup must be less than 1 (fraction of the steps over",
        ),
        (
            "defaults/training",
            2,
            "defaults.training must be a mapping, {key: value} (training of G): got 2.",
        ),
        (
            "defaults/training",
            {1: 2},
            "training must have keys of text: got 1; put the key in quotes.",
        ),
        (
            "datasets/polygon5/source",
            "polygon",
            "must be one of polygons, mnist, fashion-mnist, cifar10, celeba, lsun, folder, hdf5, "
            "npy (source of the images): "
            "got 'polygon'.",
        ),
        ("defaults/generator/kernel", 4, "must be one of 1, 3, 5, 7, 9 (side of the convolutions"),
        (
            "defaults/generator/kernel",
            3.0,
            "must be an integer (side of the convolutions, in pixels, odd): got 3.0; write 3.",
        ),
        (
            "defaults/channels",
            True,
            "must be an integer (number of channels: 3 for colour, 1 for grey): got True.",
        ),
        ("defaults/J", True, "defaults.J must be an integer (log2 of the scale of the scattering"),
        (
            "datasets/my data",
            {},
            "datasets must have names that match ^[A-Za-z0-9][A-Za-z0-9_-]*$ (data sets by name, "
            "of letters, digits, - and _, which is a folder in results/): got 'my data'; "
            "rename it.",
        ),
        (
            "datasets",
            {2024: {}},
            "datasets must have names of text: got 2024; put the name in quotes.",
        ),
        (
            "datasets/synthesis",
            {},
            "datasets must have names other than sweeps, synthesis, reconstruction, "
            "superresolution, tomography, the folders of other results: got 'synthesis'; rename "
            "it.",
        ),
        ("datasets", [], "datasets must be a mapping, {key: value}"),
        ("datasets/mine", None, "datasets.mine must be a mapping, {key: value}: got None."),
        (
            "table1",
            "polygon5",
            "table1 must be a list (names of the data sets in results/table1.csv): got",
        ),
        (
            "table1",
            [],
            "table1 must be a list of 1 or more (names of the data sets in results/table1.csv): "
            "got []; name one.",
        ),
        (
            "table1",
            ["polygon5", 3],
            "table1 must be text (names of the data sets in results/table1.csv): got 3;",
        ),
        (
            "table1",
            ["polygon5"] * 2,
            "table1 must name each data set once: got 'polygon5' again; remove it.",
        ),
        (
            "table1",
            ["polygon6"],
            "table1 must name data sets: got 'polygon6'; did you mean 'polygon5",
        ),
        ("pathvars/results", 5, "pathvars.results must be text: got 5; put it in quotes."),
        (
            "datasets/polygon5-32-paper/N",
            20,
            "polygon5-32-paper: N must be a multiple of 2**J: got N=20, J=3; use N=16 or J=2.",
        ),
        (
            "datasets/polygon5-32-paper/N",
            36,
            "polygon5-32-paper: N must be a multiple of 2**J: got N=36, J=3; use N=32.",
        ),
        (
            "datasets/polygon5-32-paper/N",
            72,
            "got N=72; use N=64 or N=80, to which the images are resized.",
        ),
        (
            "datasets/polygon5-32-paper/train",
            4e3,
            "must be an integer (number of training images): got 4000.0; write 4000.",
        ),
        (
            "datasets/polygon5-32-paper/d",
            200,
            "d must be at most the rank of the PCA: got d=200, rank=128; use a smaller d, or set "
            "rank: 200.",
        ),
        (
            "datasets/polygon5-32-paper/d",
            5000,
            "less than the number of training images: got d=5000, rank=128, train=4096; use more",
        ),
        (
            "defaults/scattering/shard",
            100,
            "must be a multiple of 8 (images per shard of the store; one job",
        ),
        ("defaults/scattering/shard", None, "defaults.scattering.shard must be an integer (images"),
        ("datasets/polygon5/crop", None, "datasets.polygon5.crop must be an integer (side of the"),
        (
            "defaults/scattering/dtype",
            "float64",
            "defaults.scattering.dtype must be one of float16, float32 (type of the stored numbers",
        ),
        (
            "defaults/whitening/scheduler",
            "dask",
            "defaults.whitening.scheduler must be threads, processes, slurm, or the address of a "
            "running dask scheduler, such as tcp://host:8786 (place of the "
            "computation): got 'dask'.",
        ),
        (
            "datasets/polygon5-32-paper/rank",
            4096,
            "must be less than the number of training images: got d=128, rank=4096, train=4096;",
        ),
        (
            "datasets/polygon5-32-paper/train",
            100,
            "must be less than the number of training images: got d=128, rank=128, train=100; use",
        ),
        (
            "datasets/polygon5/rank",
            60000,
            "at most the number of coefficients and of pixel values, 49152 at N=128, J=4, L=8: got",
        ),
        (
            "datasets/mine",
            {"N": 64},
            "datasets.mine lacks source, which has no default; add it.",
        ),
        (
            "datasets/mine",
            {"source": "folder", "N": 64},
            "datasets.mine lacks path, which has no default; add it.",
        ),
        (
            "datasets/mine",
            {"source": "hdf5", "path": "x.h5", "N": 64},
            "datasets.mine lacks key, which has no default; add it.",
        ),
        (
            "datasets/celeba/splits",
            "sample",
            "datasets.celeba must have splits: first_n or official, for celeba: got sample.",
        ),
        (
            "datasets/mnist/path",
            "DIR",
            "datasets.mnist must not say path, which is for folder, hdf5, npy: its source is "
            "mnist; remove it.",
        ),
        (
            "datasets/polygon5/polygon",
            {"points": 2},
            "must be at least 3 (number of uniform points, of which a polygon is the convex hull): "
            "got 2.",
        ),
        (
            "datasets/polygon5/polygon",
            {"background": "red"},
            "polygon.background must be random, or one value from 0 to 255 for each channel, such "
            "as [0, 0, 0] (colour behind the polygon): got 'red'.",
        ),
        (
            "datasets/polygon5/polygon",
            {"background": [0, 0, 300]},
            "polygon.background must be random, or one value from 0 to 255 for each channel, such "
            "as [0, 0, 0] (colour behind the polygon): got [0, 0, 300].",
        ),
        (
            "datasets/polygon5/polygon",
            {"background": [1]},
            "must give polygon.background 3 values, one for each channel: got [1].",
        ),
        ("datasets/polygon5/polygon", {"min_area": 0.9}, "must be at most 0.3 (least area of a"),
        (
            "datasets/celeba/md5",
            "0" * 32,
            "must say md5 only of a zip at raw: found no raw; remove md5, or add raw.",
        ),
        (
            "datasets/celeba/md5",
            "123",
            "datasets.celeba.md5 must be 32 hexadecimal digits (checksum of the zip",
        ),
        (
            "datasets/polygon5/generator",
            {"linear": "yes"},
            "datasets.polygon5.generator.linear must be true or false (whether G contains a linear",
        ),
        (
            "datasets/mnist/latent_laws",
            {"laws": ["flows"]},
            "datasets.mnist.latent_laws.laws must be one of gaussian, mixture, vae, gan, flow, "
            "flow_matching (laws that are compared): got 'flows'.",
        ),
        ("datasets/celeba/raw", 5, "datasets.celeba.raw must be text (path of existing downloads"),
        (
            "datasets/polygon5/paper",
            {"test": 30},
            "datasets.polygon5.paper must have the key 'train': found test; add it.",
        ),
        (
            "datasets/polygon5-32-paper/training",
            {"batch": 5000},
            "training.batch must be at most the number of training images: got 5000, train=4096;",
        ),
        (
            "datasets/polygon5-32-paper/training",
            {"batch": 9, "gpus": 2},
            "training.batch must be a multiple of training.gpus, which share it: got 9 and 2;",
        ),
    ],
)
def test_a_fault_is_one_sentence(path, value, sentence):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        checked(changed(path, value))
    message = str(error.value)
    assert sentence in message
    assert "\n" not in message
    assert message[-1] in ".?"


def test_a_configuration_without_data_sets_is_refused():
    with pytest.raises(ValueError, match="the configuration must have the key 'datasets'"):
        settings.datasets({"table1": ["polygon5"]})


@pytest.mark.parametrize("key", ["train", "test", "N", "source"])
def test_a_data_set_must_have_its_required_keys(key):
    own = {name: value for name, value in DEFAULT["datasets"]["polygon5"].items() if name != key}
    sentence = rf"datasets\.polygon5 lacks {key}, which has no default; add it\."
    with pytest.raises(ValueError, match=sentence):
        settings.datasets(changed("datasets/polygon5", own))


def test_four_lines_configure_a_folder_of_images():
    own = {"source": "folder", "path": "DIR", "N": 64}
    assert settings.datasets(changed("datasets/mine", own))["mine"] == DEFAULTS | own | {
        "rank": 512,
        "release": "parquet",
    }


def test_the_psnr_of_the_paper_is_kept_at_its_sizes_only():
    assert "paper" in settings.datasets(DEFAULT)["polygon5"]
    changes = changed("datasets/polygon5/train", 4096)
    assert "paper" not in settings.datasets(changes)["polygon5"]


def test_numbers_may_come_as_text():
    """YAML reads 4e-3 as text, and values after --config may be text."""
    changes = changed("datasets/polygon5-32-paper/training/learning_rate", "4e-3")
    assert settings.datasets(changes)["polygon5-32-paper"]["training"]["learning_rate"] == 0.004
    for key, text, number in [("d", "64", 64), ("channels", "1", 1), ("seed", "3", 3)]:
        changes = changed(f"datasets/polygon5-32-paper/{key}", text)
        assert settings.datasets(changes)["polygon5-32-paper"][key] == number


def test_rank_is_d_unless_given():
    own = {key: value for key, value in DEFAULT["datasets"]["polygon5"].items() if key != "rank"}
    assert settings.datasets(changed("datasets/polygon5", own))["polygon5"]["rank"] == 512


def test_settings_of_a_data_set_override_the_defaults_key_by_key():
    read = changed("defaults", {"training": {"epochs": 7, "ema": 0.5}, "seed": 1})
    read = changed("datasets/polygon5-32-paper/training", {"epochs": 3}, read)
    chosen = settings.datasets(read)["polygon5-32-paper"]
    assert chosen["training"] == DEFAULTS["training"] | {"epochs": 3, "ema": 0.5}
    assert chosen["seed"] == 1


def test_empty_defaults_change_nothing():
    for empty in ({}, {"training": {}}):
        assert settings.datasets(DEFAULT | {"defaults": empty}) == settings.datasets(DEFAULT)


def test_reading_leaves_the_configuration_as_it_was():
    before = copy.deepcopy(DEFAULT)
    settings.datasets(DEFAULT)["polygon5"]["training"]["epochs"] = 1
    assert before == DEFAULT
    assert settings.datasets(DEFAULT)["polygon5"]["training"]["epochs"] == 100


def test_a_tilde_is_expanded_to_the_home_folder(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    read = changed("datasets/mine", {"source": "folder", "path": "~/x", "N": 64})
    assert settings.datasets(read)["mine"]["path"] == "/home/me/x"


def test_parts_share_no_key_and_sources_use_known_keys():
    keys = [key for part in configuration.PARTS for key in part.model_fields]
    assert len(keys) == len(set(keys))
    for source, described in data.SOURCES.items():
        assert data.needs(source) == described.needs
        assert {*described.needs, *described.required, *described.may} <= {*keys, "n"}


def test_settings_of_a_training_are_completed_by_defaults():
    read = generation.read_training(RUN)
    kept = {"normalisation": "batch", "padding": "symmetric", "linear": False}
    assert read == {
        "generator": RUN["generator"] | kept,
        "training": RUN["training"] | {"optimizer": "adam", "ema": 0, "noise": 0},
        "seed": 3,
    }
    assert generation.read_training(read) == read


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "--settings must be a mapping, {key: value}: got []."),
        (
            {"generator": {}},
            "--settings must have the key 'training': found generator; add it.",
        ),
        (RUN | {"sed": 3}, "--settings has no key 'sed'; did you mean 'seed'?"),
        (changed("training/gpus", 2, RUN), "training has no key 'gpus'; use one of epochs, batch"),
        (changed("training/batch", 0, RUN), "training.batch must be at least 2 (images per step"),
        (
            changed("training", {"epochs": 3}, RUN),
            "training must have the key 'batch': found epochs; add it.",
        ),
        (changed("generator", {}, RUN), "generator must have the key 'width': found none; add it."),
        (changed("seed", -1, RUN), "seed must be at least 0 (seed of everything that is drawn at"),
    ],
)
def test_a_fault_in_settings_of_a_training_is_one_sentence(given, sentence):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        generation.read_training(given)
    assert sentence in str(error.value)


def test_the_stored_schema_is_that_of_the_classes():
    """If not, run `python -m settings.reference schema > settings/schema.json` in workflow/."""
    written = json.loads((ROOT / "workflow/settings/schema.json").read_text())
    assert written == reference.schema()


def test_the_schema_accepts_the_configuration_and_refuses_an_unknown_key():
    jsonschema.Draft202012Validator.check_schema(reference.schema())
    jsonschema.validate(DEFAULT, reference.schema())
    for path in ("datasets/polygon5/trian", "datasets/my data", "defaults/training/x"):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(changed(path, {}), reference.schema())


def test_the_reference_page_has_keys_with_their_meaning():
    page = reference.page()
    for key in ("table1", "pathvars", "path", "scattering.shard", "training.warmup", "paper.test"):
        assert f"| `{key}` | " in page
    row = "| `training.learning_rate` | number, more than 0 | `0.002` | Peak of the learning rate."
    assert row in page
    assert "Only for celeba, lsun, folder, hdf5 and npy." in page
    assert all(line.count(" | ") == 3 for line in page.splitlines() if line.startswith("| `"))
