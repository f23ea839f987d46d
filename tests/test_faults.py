"""Whatever is killed, stopped or interrupted: the next run goes on, to the same table.

docs/reliability.md lists these faults, and those that other tests inject.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

import faults
from gsn.runtime import weights

TABLE = "results/table1.csv"
TINY = Path("results/tiny")
OWN = TINY / "J2_L4/d8"
SHARD = "results/tiny/J2_L4/scattering/train.zarr/S/c/1/0/0/0"
LOG = "logs/tiny/train_generator_J2_L4_d8.log"
LONG = ("--config", "datasets={tiny: {training: {epochs: 200}}}")
long_fault = pytest.mark.faults


@pytest.fixture(scope="module")
def long(undisturbed, tmp_path_factory):
    """The same, with a training that lasts some seconds."""
    house = tmp_path_factory.mktemp("long") / "house"
    shutil.copytree(undisturbed, house, symlinks=True)
    faults.made(house, *LONG, "--", TABLE)
    return house


def trains(house, process, epoch=3):
    """Wait until the training is at an epoch."""
    log = house / LOG
    while not log.exists() or f"epoch {epoch} of" not in log.read_text():
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.05)


def without_generator(house):
    """Forget the training and what follows it."""
    for path in (*house.glob(f"{OWN}/generator*"), house / OWN / "psnr.csv", house / TABLE):
        path.unlink()
    (house / LOG).unlink()
    return house


# Killed, stopped

# The script of each stage, what it makes, and a target that asks for that.
STAGES = [
    ("store_images.py", "images/train.zarr", TINY / "images/train.zarr/zarr.json"),
    (
        "create_scattering_store.py",
        "scattering/train.zarr",
        TINY / "J2_L4/scattering/train.zarr/zarr.json",
    ),
    ("scatter_images.py", "S/c/1/0/0/0", SHARD),
    ("fit_pca.py", "pca.zarr", TINY / "J2_L4/pca.zarr/zarr.json"),
    ("fit_pca.py", "pca.zarr", TINY / "pixel_pca/pca.zarr/zarr.json"),
    ("whiten_scattering.py", "z/train.zarr", OWN / "z/train.zarr/zarr.json"),
    ("train.py", "generator.partial.pt", OWN / "generator.pt"),
    ("train.py", "generator.pt", OWN / "generator.pt"),
    ("evaluate_ridge.py", "ridge_psnr.csv", OWN / "ridge_psnr.csv"),
    ("evaluate_pixel_pca.py", "psnr.csv", TINY / "pixel_pca/d8/psnr.csv"),
    ("evaluate_generator.py", "psnr.csv", OWN / "psnr.csv"),
    ("draw_figures.py", "training.png", OWN / "figures/training.png"),
    ("table1.py", "table1.csv", TABLE),
]


@long_fault
def test_kill_9_in_each_stage(undisturbed, tmp_path):
    """Of Snakemake and its jobs, when an output is complete and has no name yet."""
    house = faults.copy(tmp_path)
    for script, part, target in STAGES:
        faults.killed(house, script, part, target)
        assert not (house / target).exists()
    faults.made(house)
    assert faults.table(house) == faults.table(undisturbed)
    assert faults.leftovers(house) == []


@long_fault
@pytest.mark.parametrize(
    "signals",
    [[signal.SIGTERM], [signal.SIGINT], [signal.SIGTERM] * 2, [signal.SIGINT] * 2],
    ids=lambda signals: " ".join(s.name for s in signals),
)
def test_signals_during_the_training(long, tmp_path, signals):
    house = without_generator(shutil.copytree(long, tmp_path / "house", symlinks=True))
    process = faults.started(house, *LONG, "--", TABLE)
    trains(house, process)
    for number in signals:
        os.killpg(process.pid, number)
        time.sleep(0.2)
    said = process.communicate(timeout=120)[0]
    assert process.returncode != 0, said
    assert not (house / OWN / "generator.pt").exists()
    faults.made(house, *LONG, "--", str(OWN / "generator.pt"))
    if signals != [signal.SIGINT] * 2:  # the second one may come before the state is saved
        assert "resumed at step" in (house / LOG).read_text()
    if signals == [signal.SIGTERM]:
        faults.made(house, *LONG, "--", TABLE)
        assert faults.table(house) == faults.table(long)
    G, same = (
        weights.load(place / OWN / "generator.pt", "G")["weights"] for place in (house, long)
    )
    assert all(torch.equal(G[name], same[name]) for name in same)


@long_fault
def test_one_of_the_processes_of_torchrun_is_killed(undisturbed, tmp_path):
    """The others end, and the next run continues, or begins again if no state was saved yet."""
    training = {"epochs": 100, "batch": 8, "learning_rate": 0.01, "warmup": 0.1}
    settings = {"generator": {"width": 2, "kernel": 3}, "training": training, "seed": 0}
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    program = undisturbed / "workflow/scripts/generation/train.py"
    histories = []
    for name in ("killed", "whole"):
        folder = tmp_path / name / "J2_L4/d8"
        shutil.copytree(undisturbed / "results/tiny", tmp_path / name, symlinks=True)
        (folder / "generator.pt").unlink()
        log = tmp_path / f"{name}.log"
        command = [*launcher, program, folder, f"--settings={json.dumps(settings)}"]
        command += [f"--log-file={log}", "--threads=1"]
        if name == "killed":
            process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
            while not log.exists() or "epoch 3 of" not in log.read_text():
                assert process.poll() is None, process.communicate()[1]
                time.sleep(0.05)
            os.kill(number_of_second(process.pid), signal.SIGKILL)
            assert process.wait(timeout=120) != 0
            process.stderr.close()
            assert not (folder / "generator.pt").exists()
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        table = np.genfromtxt(folder / "training.csv", delimiter=",", names=True)
        histories.append(table[["epoch", "step", "loss", "psnr_train_db"]].tolist())
    np.testing.assert_allclose(*histories, rtol=1e-3)


def number_of_second(launcher):
    """The number of the second process that torchrun started."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            second = b"LOCAL_RANK=1" in (place / "environ").read_bytes()
        except (OSError, ValueError):
            continue
        if parent == launcher and second:
            return int(place.name)
    raise ProcessLookupError("torchrun must have two processes")


@long_fault
def test_a_truncated_checkpoint_is_named_and_can_be_deleted(long, tmp_path):
    house = without_generator(shutil.copytree(long, tmp_path / "house", symlinks=True))
    process = faults.started(house, *LONG, "--", TABLE)
    trains(house, process)
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=120)
    state = house / OWN / "generator.partial.pt"
    state.write_bytes(state.read_bytes()[:1000])
    said = faults.refused(house, *LONG, "--", TABLE)
    assert f"{state.relative_to(house)} must be the state of a training: it cannot be read" in said
    state.unlink()
    faults.made(house, *LONG, "--", TABLE)
    assert faults.table(house) == faults.table(long)
