"""The house: floors, short modules and functions, one name in seven places, paths held once."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yte

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src/gsn"
MODULES = sorted([*PACKAGE.rglob("*.py"), *(ROOT / "workflow").rglob("*.py")])
RULES = sorted((ROOT / "workflow/rules").glob("*.smk"))
# What all systems of images share, and the further files of the rules of generation.
SHARED = {"common", "data", "embedding", "baselines", "claims", "paper"}
SYSTEMS = {place.stem for place in (PACKAGE / "systems").iterdir()} - {"__init__", "__pycache__"}

pytestmark = pytest.mark.filterwarnings("ignore")


def name(path):
    return path.relative_to(ROOT).as_posix()


def test_no_import_goes_against_the_floors():
    linter = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    result = subprocess.run(linter, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("path", [*MODULES, *RULES], ids=name)
def test_modules_are_short(path):
    assert len(path.read_text().splitlines()) <= 250


def body(function):
    """The number of lines of a function without its signature and its docstring."""
    statements = function.body
    if isinstance(statements[0], ast.Expr) and isinstance(statements[0].value, ast.Constant):
        statements = statements[1:]
    return statements[-1].end_lineno - statements[0].lineno + 1 if statements else 0


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_functions_are_short(path):
    tree = ast.parse(path.read_text())
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert {f.name: body(f) for f in functions if body(f) > 40} == {}


def test_a_system_has_its_name_in_seven_places():
    """systems, rules, scripts, settings, docs, tests, examples."""
    workflow = ROOT / "workflow"
    rules = {path.stem for path in RULES} - SHARED
    scripts = {path.name for path in (workflow / "scripts").iterdir()} - SHARED
    settings = {path.stem for path in (workflow / "settings").glob("*.py")}
    documented = {path.stem for path in (ROOT / "docs/systems").glob("*.md")} - {"index"}
    examples = {path.stem for path in (ROOT / "examples").glob("*.py")}
    assert rules == scripts - {"__pycache__"} == documented == examples == SYSTEMS
    assert settings >= SYSTEMS
    for system in SYSTEMS:
        assert (ROOT / f"tests/test_{system}.py").exists()


def test_every_rule_says_what_it_does():
    for path in RULES:
        rules = re.findall(r"^rule (\w+):\n +(.*)", path.read_text(), flags=re.MULTILINE)
        assert rules or path.stem == "common"
        for rule, line in rules:
            assert line.startswith('"""'), f"{rule} has no docstring"


def test_no_rule_writes_a_path_of_the_results_by_hand():
    for path in [*RULES, ROOT / "Snakefile"]:
        assert not re.findall(r"results/\{|\{\{", path.read_text()), path


def test_only_the_workflow_knows_the_settings_and_snakemake():
    for path in PACKAGE.rglob("*.py"):
        assert not re.search(r"^\s*(from|import) (settings|snakemake)\b", path.read_text(), re.M)


def rules_with(pattern):
    """The names of the rules in whose text there is a pattern."""
    text = "\n".join(path.read_text() for path in RULES)
    rules = re.split(r"^(?:use )?rule ", text, flags=re.M)[1:]
    return {re.match(r"\w+", rule)[0] for rule in rules if re.search(pattern, rule, re.M)}


def slurm_profile(**settings):
    """The profile for Slurm as Snakemake reads it, with some of its first lines filled in."""
    text = (ROOT / "profiles/slurm/config.yaml").read_text()
    for name, value in settings.items():
        text, n = re.subn(rf"(?m)^  {name}: \S+", f"  {name}: {value}", text)
        assert n == 1
    profile = yte.process_yaml(text, require_use_yte=True)
    profile["set-resources"] = {k: v for k, v in profile["set-resources"].items() if v}
    return profile


def test_the_slurm_profile_names_every_rule_that_asks_for_a_gpu():
    asking = rules_with(r"^        gpu=") | {"fit_pixel_pca"}  # which inherits it
    without = slurm_profile(gpus="false")["set-resources"]
    assert without == {rule: {"gpu": 0} for rule in asking}
    elsewhere = slurm_profile(gpu_partition="fast")["set-resources"]
    assert elsewhere == {rule: {"slurm_partition": "fast"} for rule in asking}
    # Without a GPU, for dask elsewhere, a model would be an error.
    chosen = asking - {"fit_pca", "fit_pixel_pca"}
    named = slurm_profile(gpu_model="a100")["set-resources"]
    assert named == {rule: {"gpu_model": "a100"} for rule in chosen}


def test_account_and_partition_are_named_once():
    plain = {"mem_mb": 2000, "runtime": 60}
    assert slurm_profile()["default-resources"] == plain
    assert slurm_profile()["set-resources"] == {}
    filled = slurm_profile(account="us", partition="main")["default-resources"]
    assert filled == plain | {"slurm_account": "us", "slurm_partition": "main"}


def test_what_a_job_asks_for_grows_when_it_is_submitted_again():
    """But for a day or more, of jobs that keep their state."""
    asking = rules_with(r"^        mem_mb=")
    assert asking == rules_with(r"^        mem_mb=grows\(")
    assert asking == rules_with(r"^        runtime=(grows\(\d+\)|\d{4,}),$")
