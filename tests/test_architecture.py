"""The dependency rule: stages meet in arrays, not in imports."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "src/gsn"
MODULES = sorted(PACKAGE.rglob("*.py"))
PLUMBING = {"store", "runtime"}  # what a stage may import
COMPOSED = {"scattering", "whitening", "generator", "samplers"}  # the stages that `experiment`, above them, may
ALLOWED = {"store": {"runtime"}, "experiment": PLUMBING | COMPOSED, "__init__": {"experiment"}}


def imported(path):
    """The modules of gsn that a module imports, by their name below gsn."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively: write it out"
            names = [node.module] + [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            below = PACKAGE.joinpath(*parts[1:])
            if parts[0] == "gsn" and len(parts) > 1 and (below.is_dir() or below.with_suffix(".py").exists()):
                yield ".".join(parts[1:])


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_import_only_plumbing(path):
    own = path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".")
    allowed = ALLOWED.get(own, set() if own in {"runtime", "config", "cluster"} else PLUMBING)
    siblings = {own.split(".")[0]} & {"images", "scattering", "generator", "training", "samplers"}
    assert {name for name in imported(path) if name.split(".")[0] not in allowed | siblings} == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_are_short(path):
    assert len(path.read_text().splitlines()) <= 250


def test_only_the_workflow_reads_the_configuration():
    assert not [path for path in MODULES if "config" in set(imported(path))]
