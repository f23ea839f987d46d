"""The pins: one version of each package, the same for pip and for conda."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONSTRAINTS = dict(
    re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "envs/constraints.txt").read_text(), flags=re.MULTILINE)
)
CONDA = yaml.safe_load((ROOT / "envs/gsn.yaml").read_text())["dependencies"][-1]["pip"]


def name(requirement):
    return re.match(r"[\w.-]+", requirement)[0]


def test_every_dependency_is_pinned():
    extras = PROJECT["optional-dependencies"]
    requirements = [*PROJECT["dependencies"], *extras["test"], *extras["cluster"]]
    assert {name(r) for r in requirements} <= CONSTRAINTS.keys()


def test_conda_has_the_same_packages_and_versions():
    assert sorted(map(name, CONDA)) == sorted(map(name, PROJECT["dependencies"]))
    for requirement in CONDA:
        assert requirement.split("==")[1] == CONSTRAINTS[name(requirement)]


def test_torch_is_pinned_everywhere():
    assert "torch==2.13.0" in PROJECT["dependencies"]
    assert CONSTRAINTS["torch"] == "2.13.0"
