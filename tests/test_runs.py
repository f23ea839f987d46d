"""runs/: Snakemake in slices, at the smallest size."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import project

LONG = [
    "--max-threads",
    "1",
    "--configfile",
    "tests/smoke.yaml",
    "--config",
    "datasets={tiny: {training: {epochs: 200}}}",
]
OWN = Path("results/tiny/J2_L4/d8")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the project, with a Snakemake that runs in this environment."""
    house = project.copy(tmp_path_factory.mktemp("house"), "runs", "tests/smoke.yaml")
    program = house / "snakemake"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m snakemake "$@"\n')
    program.chmod(0o755)
    return house


def start(house, *arguments, **settings):
    environment = {"SNAKEMAKE": str(house / "snakemake"), "TARGET": f"{OWN.as_posix()}/README.md"}
    return subprocess.Popen(
        [house / "runs/polygon5.sh", *arguments],
        env=os.environ | environment | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # a process group, as a terminal and `timeout` make it
    )


def log_of_training(house):
    path = house / "logs/tiny/train_generator_J2_L4_d8.log"
    return path.read_text() if path.exists() else ""


def test_a_slice_that_ends_is_no_failure(house):
    process = start(house, *LONG, SLICE="2")
    assert process.communicate()[0].endswith("the slice is over: run it again to continue\n")
    assert process.returncode == 0


def test_an_interrupted_training_is_continued_by_the_next_slice(house):
    process = start(house, *LONG, "--until", "train_generator")
    while "epoch 3 of" not in log_of_training(house):
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert (house / OWN / "generator.partial.pt").exists()
    assert not (house / OWN / "generator.pt").exists()

    process = start(house, *LONG)
    said = process.communicate()[0]
    assert process.returncode == 0, said
    assert said.endswith(f"all is done: {OWN.as_posix()}/README.md\n")
    assert "resumed at step" in log_of_training(house)
    assert not (house / OWN / "generator.partial.pt").exists()
    page = (house / OWN / "README.md").read_text()
    assert page.startswith("# tiny: 40 + 12 images of 16 x 16\n")
    assert "| train | 40 | " in page
    assert "| train_generator | " in page
    assert "42.43" not in page  # the paper's figure is for another size
    for name in ("training", "figure2_train", "figure5_interpolation"):
        assert f"(figures/{name}.png)" in page
    again = start(house, *LONG)
    assert "Nothing to be done" in again.communicate()[0]
