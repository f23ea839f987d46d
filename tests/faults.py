"""What the tests of faults share: a workflow to disturb, and the table that must not change."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import project
from gsn.runtime import files

SMOKE = "tests/smoke.yaml"
ONE_BY_ONE = ("--max-threads", "1")  # two jobs run at once, each with the same sums
INJECTED = Path(__file__).with_name("injected")


def copy(folder):
    """A copy of the project with the smallest configuration."""
    return project.copy(folder, SMOKE)


def run(house, *arguments, **environment):
    """Run Snakemake to its end with the smallest configuration."""
    result = project.snakemake(house, SMOKE, *ONE_BY_ONE, *arguments, env=os.environ | environment)
    result.said = result.stdout + result.stderr
    return result


def made(house, *arguments, **environment):
    """Run Snakemake, which must succeed; return what it says."""
    result = run(house, *arguments, **environment)
    assert result.returncode == 0, result.said
    return result.said


def refused(house, *arguments, **environment):
    """Run Snakemake, which must fail; return what it says."""
    result = run(house, *arguments, **environment)
    assert result.returncode != 0, result.said
    return result.said


def started(house, *arguments, **environment):
    """Start Snakemake in a process group of its own, as a terminal does."""
    command = [sys.executable, "-m", "snakemake", "--configfile", SMOKE, "--cores", "2"]
    return subprocess.Popen(
        [*command, *ONE_BY_ONE, *arguments],
        cwd=house,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def killed(house, script, part, target):
    """Ask for a target; kill Snakemake and its jobs when a script gives an output its name."""
    path = os.pathsep.join([str(INJECTED), os.environ.get("PYTHONPATH", "")])
    process = started(house, "--", str(target), PYTHONPATH=path, KILL=f"{script}:{part}")
    said = process.communicate(timeout=300)[0]
    assert process.returncode == -signal.SIGKILL, said
    unlocked(house)


def unlocked(house):
    """Release the lock that a killed Snakemake leaves."""
    result = project.snakemake(house, SMOKE, "--unlock")
    assert result.returncode == 0, result.stderr


def table(house):
    """The rows of table1.csv without the seconds of the training."""
    rows = files.read_csv(house / "results/table1.csv")
    return [{key: row[key] for key in row if key != "train_seconds"} for row in rows]


def leftovers(house):
    """Files that are half written, or kept to continue."""
    return [
        path.relative_to(house).as_posix()
        for path in (house / "results").rglob("*")
        if re.search(r"\.partial|\.writing", path.name)
    ]


def remedies(said):
    """The commands that messages name, as the arguments of Snakemake."""
    return [found.split() for found in re.findall(r"with `snakemake --cores all (.*?)`", said)]


@contextlib.contextmanager
def mounted(folder, *options):
    """Mount something at a folder while the block runs; skip the test where that is not allowed."""
    folder.mkdir(exist_ok=True)
    mount = shutil.which("mount")
    result = mount and subprocess.run([mount, *options, folder], capture_output=True, text=True)
    if not result or result.returncode != 0:
        pytest.skip(f"needs the right to mount: {result and result.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run([shutil.which("umount"), folder], check=True)


@contextlib.contextmanager
def filled(folder):
    """Fill the disk of a folder while the block runs."""
    filler = folder / "filler"
    with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):  # until no page is left
            pass
    try:
        yield
    finally:
        filler.unlink()
