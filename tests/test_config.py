"""Every fault of a configuration is one sentence: what was required, what was found, what to do."""

import copy
from pathlib import Path

import pytest
import yaml

from gsn import config
from gsn.scattering import paths

ROOT = Path(__file__).parent.parent
SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
DEFAULT = yaml.safe_load((ROOT / "config.yaml").read_text())


def changed(path, value, base=DEFAULT):
    """The default configuration with one key set."""
    new = copy.deepcopy(base)
    *parents, key = path.split("/")
    place = new
    for parent in parents:
        place = place[parent]
    place[key] = value
    return new


def checked(read):
    """What the workflow does with a configuration, if everything in it is asked for."""
    for name, settings in config.datasets(read, SCHEMA).items():
        config.check(name, settings)


def test_the_default_is_valid_and_the_table_is_the_laptop_s():
    datasets = config.datasets(DEFAULT, SCHEMA)
    checked(DEFAULT)
    assert DEFAULT["table1"] == ["polygon5-32"]
    assert datasets["polygon5-32"]["training"]["warmup"] == DEFAULT["defaults"]["training"]["warmup"]


def test_the_paper_s_numbers():
    settings = config.datasets(DEFAULT, SCHEMA)["polygon5"]
    expected = {"N": 128, "train": 65536, "test": 16384, "J": 4, "L": 8, "d": 512}
    assert {key: settings[key] for key in expected} == expected
    assert settings["generator"]["width"] == 32  # 1024 channels of 4 x 4, doubled five times to 128
    assert settings["paper"] == {"train": 42.43, "test": 34.44}


@pytest.mark.parametrize(("N", "J", "L"), [(32, 3, 8), (128, 4, 8), (28, 2, 6)])
@pytest.mark.parametrize("channels", [1, 3])
def test_coefficients(channels, N, J, L):
    assert (
        config.coefficients(channels=channels, N=N, J=J, L=L) == channels * len(paths(J, L)["order"]) * (N // 2**J) ** 2
    )


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("datsets", {}, "the configuration has no key 'datsets'; did you mean 'datasets'?"),
        ("datasets/polygon5/trian", 5, "datasets.polygon5 has no key 'trian'; did you mean 'train'?"),
        ("datasets/polygon5/generator", {"widht": 5}, "datasets.polygon5.generator has no key 'widht'; did you mean"),
        ("datasets/polygon5-32/train", -5, "(number of training images): got -5."),
        ("datasets/polygon5-32/test", 0, "datasets.polygon5-32.test must be at least 1 (number of test images): got 0"),
        ("datasets/polygon5-32/N", "32px", "must be of type integer (side of the square images, in pixels, a multiple"),
        ("defaults/training/learning_rate", "high", "must be of type number (Adam's, at its peak): got 'high'."),
        ("defaults/training/warmup", 2, "must be less than 1"),
        ("defaults/training/learning_rate", 0, "must be more than 0 (Adam's, at its peak): got 0"),
        ("datasets/polygon5/source", "polygon", "must be one of polygons, mnist, celeba, lsun, folder, hdf5 (where"),
        ("defaults/generator/kernel", 4, "must be one of 1, 3, 5, 7, 9"),
        ("datasets/my data", {}, "must be text that matches ^[A-Za-z0-9][A-Za-z0-9_-]*$ (the name of a data set, of"),
        ("datasets", {2024: {}}, "datasets must have names of text: got 2024; put the name in quotes."),
        ("datasets/mine", {"n": 5}, "datasets.mine has no key 'n'; did you mean 'N'?"),
        ("table1", ["polygon6"], "table1 must name data sets: got 'polygon6'; did you mean 'polygon5'?"),
        ("datasets/polygon5-32/N", 36, "N must be a multiple of 2**J: got N=36, J=3; use N=32 or J=2."),
        ("datasets/polygon5-32/N", 72, "got N=72; use N=64 or N=80, to which the images are resized."),
        ("datasets/polygon5-32/train", 4e3, "(number of training images): got 4000.0; write 4000."),
        (
            "datasets/polygon5-32/d",
            200,
            "d must be at most the rank of the PCA: got d=200, rank=128; ask for less, or set rank: 200.",
        ),
        ("datasets/polygon5-32/d", 5000, "less than the number of training images: got d=5000, rank=128, train=4096"),
        (
            "defaults/scattering/shard",
            100,
            "defaults.scattering.shard must be a multiple of 8 (images per shard of the",
        ),
        ("defaults/scattering/dtype", "float64", "defaults.scattering.dtype must be one of float16, float32 (float16"),
        (
            "defaults/whitening/scheduler",
            "dask",
            "defaults.whitening.scheduler must be threads, processes, slurm, or the address of a running dask",
        ),
        ("defaults/scattering/shard", None, "defaults.scattering.shard must be of type integer"),
        ("defaults/training", {}, "datasets.polygon5-32 must say training.warmup: found neither it nor a default"),
        ("datasets/polygon5-32/rank", 4096, "must be less than the number of training images: got d=128, rank=4096,"),
        ("datasets/polygon5-32/train", 100, "must be less than the number of training images: got d=128, rank=128"),
        ("datasets/polygon5/rank", 60000, "at most the number of coefficients and of pixel values, 49152"),
        ("datasets/mine", {"source": "folder", "N": 64}, "datasets.mine must say path: found neither it nor a default"),
        ("datasets/mine", {"source": "hdf5", "path": "x.h5", "N": 64}, "datasets.mine must say key: found neither"),
        ("datasets/celeba/splits", "sample", "must have splits: first_n or official, for celeba: got sample."),
        ("datasets/mnist/path", "DIR", "datasets.mnist must not say path, which is for folder and hdf5: its source is"),
        ("datasets/polygon5/polygon", {"points": 2}, "must be at least 3 (the polygon is the convex hull of so many"),
        ("datasets/polygon5/polygon", {"background": "red"}, "background must be random, or one value from 0 to 255"),
        ("datasets/polygon5/polygon", {"background": [1]}, "must give polygon.background 3 values, one for each"),
        ("datasets/polygon5/polygon", {"min_area": 0.9}, "must be at most 0.3 (least area of a polygon"),
        ("datasets/celeba/md5", "0" * 32, "must say md5 only of a zip at raw: found no raw"),
        ("datasets/celeba/md5", "123", "datasets.celeba.md5"),
        ("datasets/polygon5-32/training", {"batch": 5000}, "training.batch must be at most the number of training"),
    ],
)
def test_a_fault_is_one_sentence(path, value, sentence):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        checked(changed(path, value))
    message = str(error.value)
    assert sentence in message
    assert "\n" not in message


def test_a_data_set_has_to_say_its_numbers():
    own = {key: value for key, value in DEFAULT["datasets"]["polygon5"].items() if key != "train"}
    with pytest.raises(ValueError, match=r"datasets\.polygon5 must say train: found neither it nor a default; add it"):
        config.datasets(changed("datasets/polygon5", own), SCHEMA)


def test_four_lines_are_enough_for_one_s_own_images():
    settings = config.datasets(changed("datasets/mine", {"source": "folder", "path": "DIR", "N": 64}), SCHEMA)["mine"]
    assert settings == DEFAULT["defaults"] | {"source": "folder", "path": "DIR", "N": 64, "rank": 512}


def test_the_paper_s_psnr_stays_at_the_paper_s_sizes_only():
    assert "paper" in config.datasets(DEFAULT, SCHEMA)["polygon5"]
    assert "paper" not in config.datasets(changed("datasets/polygon5/train", 4096), SCHEMA)["polygon5"]


def test_numbers_may_come_as_text():
    """As YAML gives 4e-3, and Snakemake whatever stands behind --config."""
    read = config.datasets(changed("datasets/polygon5-32/training/learning_rate", "4e-3"), SCHEMA)["polygon5-32"]
    assert read["training"]["learning_rate"] == 0.004
    assert config.datasets(changed("datasets/polygon5-32/d", "64"), SCHEMA)["polygon5-32"]["d"] == 64


def test_rank_is_d_unless_given():
    own = {key: value for key, value in DEFAULT["datasets"]["polygon5"].items() if key != "rank"}
    assert config.datasets(changed("datasets/polygon5", own), SCHEMA)["polygon5"]["rank"] == 512


def test_own_settings_win_over_the_defaults_key_by_key():
    merged = config.datasets(changed("datasets/polygon5-32/training", {"epochs": 3}), SCHEMA)["polygon5-32"]["training"]
    assert merged == DEFAULT["defaults"]["training"] | {"epochs": 3}
