"""What the documentation shows is what the project does: commands, programs, settings, names.

A block `console` has commands, one a line; `python` and `yaml` blocks are run and read. A comment
on the line before a block, such as <!-- needs: a GPU -->, excuses what this machine cannot do.
A `yaml` block that begins with `# NAME.yaml` is that file for the commands of its page.
"""

import functools
import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from snakemake.utils import update_config

import settings

ROOT = Path(__file__).parent.parent
GENERATED = {"configuration.md", "targets.md"}
PAGES = sorted(
    page
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    if "_build" not in page.parts and page.name not in GENERATED
)
SNAKEMAKE = ".venv/bin/snakemake"
HOUSE = ["Snakefile", "config.yaml", "workflow", "profiles", "envs", "src"]
NEEDS = {"", "a GPU", "Slurm", "PBS", "the network", "minutes", "conda", "Docker", "Apptainer"}
BLOCK = re.compile(r"(?:^<!-- needs: (.*?) -->\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VALUED = {"--cores", "--configfile", "--forcerun", "--resources", "--workflow-profile"}
TINY = {
    "train": 160,
    "test": 66,
    "scattering": {"shard": 160},
    "generator": {"width": 2},
    "training": {"epochs": 1},
    "latent_laws": {"flow_matching": {"epochs": 1}},
}
MADE = ["images/test.zarr/zarr.json"]
MADE += [
    f"J3_L8/d128/{name}" for name in ("generator.pt", "bundle.h5", "latent_laws/flow_matching.pt")
]
OLD = re.compile(
    r"gsn\.(scattering|store|images|whitening|embedding|experiment|evaluation|generator|config)\b"
    r"|training_study|data_study|scattering_dtype|paper_polygon5|workflow/schemas|\btabulate\b"
)

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def blocks(page, language):
    """Return what each block of a language needs, and its text."""
    found = BLOCK.findall(page.read_text())
    return [(needs, text) for needs, kind, text in found if kind == language]


def commands(page):
    """Return the words of each command that this machine can check, without variables in front."""
    for needs, text in blocks(page, "console"):
        for line in text.splitlines() if not needs else ():
            words = shlex.split(line, comments=True)
            while words and re.match(r"[A-Z_]+=", words[0]):
                words.pop(0)
            if words:
                yield words


def plans(page):
    """Return the targets of the snakemake commands of a page, by their options."""
    found = {}
    for words in commands(page):
        if words[0] == SNAKEMAKE:
            options, targets = split(words[1:])
            found.setdefault(options, set()).update(targets)
    return found


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the project, in which what the python blocks need of a tiny polygon5-32 is made."""
    house = tmp_path_factory.mktemp("house")
    for name in HOUSE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, house / name)
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    update_config(config, {"datasets": {"polygon5-32": TINY}})
    (house / "config.yaml").write_text(yaml.safe_dump(config))
    (house / "pictures").mkdir()
    shutil.copy2(ROOT / "docs/interpolation.png", house / "pictures/000.png")
    for i in range(1, 700):  # more training images than d
        os.link(house / "pictures/000.png", house / f"pictures/{i:03d}.png")
    np.save(house / "cells.npy", np.zeros((700, 64, 64), np.uint16))
    np.save(house / "kinds.npy", np.arange(700) % 4)
    made = snakemake(house, "--max-threads", "1", *(f"results/polygon5-32/{name}" for name in MADE))
    assert made.returncode == 0, made.stdout + made.stderr
    return house


def snakemake(house, *arguments):
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
    return subprocess.run(command, cwd=house, capture_output=True, text=True)


@functools.cache
def planned(house):
    """Return the targets of all pages that need no options, if one dry run accepts them all."""
    targets = sorted(set().union(*(plans(page).get((), set()) for page in PAGES)))
    return targets if snakemake(house, "--dry-run", *targets).returncode == 0 else []


def split(words):
    """Return the options of Snakemake that matter for a plan, and the targets."""
    options, targets, words = [], [], iter(words)
    for word in words:
        if word == "--":
            targets += words
        elif word.startswith("-"):
            pair = [word, *([next(words)] if word in VALUED else [])]
            options += pair if word not in ("--cores", "--dry-run") else []
        else:
            targets.append(word)
    return tuple(options), targets or ["all"]


@functools.cache
def helped(program):
    command = [sys.executable, ROOT / program, "--help"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def check_program(program, arguments):
    assert (ROOT / program).exists(), program
    for option in (word.split("=")[0] for word in arguments if word.startswith("--")):
        assert re.search(rf"{option}\b", helped(program)), f"{program} has no {option}"


def check_make(arguments):
    rules = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {word for word in arguments if "=" not in word} <= set(rules)


@each_page
def test_commands_are_accepted_or_say_what_they_need(page, house):
    assert {needs for needs, _ in blocks(page, "console") + blocks(page, "python")} <= NEEDS
    for words in commands(page):
        match words:
            case [".venv/bin/python", program, *arguments]:
                check_program(program, arguments)
            case ["make", *arguments]:
                check_make(arguments)
            case _:
                assert words[0] == SNAKEMAKE, f"{words} cannot be checked: say what they need"
    for _, text in blocks(page, "yaml"):
        if name := re.match(r"# ([\w-]+\.yaml)\n", text):
            (house / name[1]).write_text(text)
    for options, targets in plans(page).items():
        if options or not targets <= set(planned(house)):
            plan = snakemake(house, "--dry-run", *options, "--", *sorted(targets))
            assert plan.returncode == 0, plan.stdout + plan.stderr


@each_page
def test_python_blocks_run(page, house, monkeypatch):
    monkeypatch.chdir(house)
    names = {}
    for needs, text in blocks(page, "python"):
        if not needs:
            exec(compile(text, str(page), "exec"), names)


@each_page
def test_configurations_are_accepted(page):
    for _, text in blocks(page, "yaml"):
        given = yaml.safe_load(text)
        if given.keys() & {"datasets", "defaults"}:
            config = yaml.safe_load((ROOT / "config.yaml").read_text())
            update_config(config, given)
            settings.datasets(config)


@each_page
def test_modules_and_files_exist(page):
    text = page.read_text()
    assert not OLD.search(text)
    for name in re.findall(r"`(gsn(?:\.\w+)+)[`(]", text):
        module, _, member = name.rpartition(".")
        known = hasattr(importlib.import_module(module), member)
        assert known or importlib.import_module(name), name
    tops = "src|workflow|studies|benchmarks|tests|profiles|runs|examples|envs|docs"
    for name in re.findall(rf"`((?:{tops})/[\w./-]*)`", text):
        assert "NAME" in name or (ROOT / name).exists(), name


def test_messages_are_in_the_code():
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "workflow").rglob("*.[ps][ym]*")]
    code = "\n".join(file.read_text() for file in files if file.suffix in (".py", ".smk"))
    code = re.sub(r'"\s*\n\s*f?"', "", code).replace("{{", "{").replace("}}", "}")
    ours = (ROOT / "docs/errors.md").read_text().split("## Snakemake")[0]
    for message in re.findall(r"^\| `(.+?)` \|", ours, re.MULTILINE):
        parts = (part.strip(" :;,.()") for part in message.split("…"))
        assert [part for part in parts if len(part) >= 10 and part not in code] == [], message


def test_the_generated_pages_are_those_of_the_code():
    """`make docs` writes them again."""
    sys.path.insert(0, str(ROOT / "docs/_ext"))
    import targets

    from settings import reference

    pages = {"configuration": reference.page(), "targets": targets.page(ROOT)}
    for name, text in pages.items():
        assert (ROOT / f"docs/reference/{name}.md").read_text() == text, f"{name}: run make docs"


def test_the_tests_that_the_page_on_reliability_names_exist():
    text = (ROOT / "docs/reliability.md").read_text()
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", text))
    assert len(named) > 40
    assert {name for name in named if f"def {name}(" not in tests} == set()
