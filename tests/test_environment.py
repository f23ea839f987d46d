"""The pins, the extras and the conda environment agree on one version of each package."""

import json
import re
import shutil
import subprocess
import tomllib
import venv
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
CONSTRAINTS = dict(
    re.findall(
        r"^([\w.-]+)==([^\s;]+)", (ROOT / "envs/constraints.txt").read_text(), flags=re.MULTILINE
    )
)
PYTHON, _, PIP = yaml.safe_load((ROOT / "envs/gsn.yaml").read_text())["dependencies"]
CONDA = PIP["pip"]
ITSELF = {"generative-scattering"}


def names(requirements):
    return {re.match(r"[\w.-]+", requirement)[0] for requirement in requirements} - ITSELF


def test_every_dependency_is_pinned():
    requirements = [PROJECT["dependencies"], *EXTRAS.values()]
    assert set().union(*map(names, requirements)) <= CONSTRAINTS.keys()


def test_conda_has_the_packages_and_versions_of_the_pipeline():
    needed = names(PROJECT["dependencies"]) | names(EXTRAS["sources"]) | names(EXTRAS["workflow"])
    assert names(CONDA) == needed
    for requirement in CONDA:
        assert requirement.split("==")[1] == CONSTRAINTS[names([requirement]).pop()]


def test_torch_is_pinned_for_the_pipeline_and_has_a_range_for_the_package():
    assert "torch>=2.6,<3" in PROJECT["dependencies"]
    assert CONSTRAINTS["torch"] == "2.13.0"


def test_the_containers_hold_the_project_with_its_pins():
    """Nothing builds them here: their files, their Python and the way to the pins are compared."""
    needed = {"pyproject.toml", "README.md", "LICENSE", "Snakefile", "config.yaml"}
    needed |= {"envs", "workflow", "profiles", "src"}
    docker = (ROOT / "containers/Dockerfile").read_text()
    copied = re.findall(r"^COPY (.*) \S+$", docker, flags=re.MULTILINE)
    apptainer = (ROOT / "containers/apptainer.def").read_text()
    files = apptainer.split("%files\n")[1].split("\n\n")[0]
    ignored = (ROOT / ".dockerignore").read_text()
    assert {name for line in copied for name in line.split()} - {
        "src/gsn/runtime/version.py"
    } == needed
    assert set(re.findall(r"^ +(\S+) /gsn", files, flags=re.MULTILINE)) == needed
    assert set(re.findall(r"^!(\S+)$", ignored, flags=re.MULTILINE)) == needed
    for text in (docker, apptainer):
        assert f"python:{PYTHON.removeprefix('python=')}-slim" in text
        assert "-c envs/constraints.txt '.[workflow]'" in text


PROGRAM = """
import torch
from gsn.transforms import Scattering2D
from gsn.training import train
from gsn.systems.generation import fitting
import gsn
assert Scattering2D(3, (32, 32))(torch.rand(2, 3, 32, 32)).shape == (2, 3, 217, 4, 4)
try:
    gsn.load("nowhere")
except FileNotFoundError as error:
    print(torch.__version__, error)
"""


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """The Python of a fresh environment, and a function that installs packages into it."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv/bin/python"

    def pip(*arguments):
        command = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
        subprocess.run(command, check=True, cwd=folder)

    return python, pip


@pytest.mark.install
def test_a_torch_in_the_range_is_kept(fresh, tmp_path):
    """The resolver sees a torch other than the pinned one. Nothing is installed."""
    python, pip = fresh
    site = next(python.parent.parent.glob("lib/python*/site-packages"))
    metadata = site / "torch-2.7.1.dist-info/METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: torch\nVersion: 2.7.1\n")
    pip("install", "--dry-run", "--report", tmp_path / "report.json", ROOT)
    shutil.rmtree(metadata.parent)
    report = json.loads((tmp_path / "report.json").read_text())
    packages = {package["metadata"]["name"].lower() for package in report["install"]}
    assert {"generative-scattering", "zarr", "numba"} <= packages
    assert not packages & {
        "torch",
        "snakemake",
        "kymatio",
        "xarray",
        "gdown",
        "huggingface-hub",
        "lmdb",
    }


@pytest.mark.install
def test_pip_install_gives_transforms_load_and_training(fresh, tmp_path):
    python, pip = fresh
    pip("install", f"torch=={CONSTRAINTS['torch']}")
    pip("install", ROOT)
    ran = subprocess.run([python, "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(CONSTRAINTS["torch"])
    assert "nowhere must be the folder of one experiment" in ran.stdout
