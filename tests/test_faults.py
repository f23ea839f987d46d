"""Whatever is killed, truncated, filled or mixed up: the next run goes on, to the same table.

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

import faults
import project

TABLE = "results/table1.csv"
TINY = Path("results/tiny")
OWN = TINY / "J2_L4/d8"
SHARD = "results/tiny/J2_L4/scattering/train.zarr/S/c/1/0/0/0"
LOG = "logs/tiny/train_generator_J2_L4_d8.log"
LONG = ("--config", "datasets={tiny: {training: {epochs: 200}}}")
slow = pytest.mark.slow


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A copy of the project, in which all ran without a fault."""
    house = faults.copy(tmp_path_factory.mktemp("undisturbed"))
    faults.made(house)
    return house


@pytest.fixture
def house(undisturbed, tmp_path):
    """A copy of it, to be disturbed."""
    return shutil.copytree(undisturbed, tmp_path / "house", symlinks=True)


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


@slow
def test_kill_9_in_each_stage(undisturbed, tmp_path):
    """Of Snakemake and its jobs, when an output is complete and has no name yet."""
    house = faults.copy(tmp_path)
    for script, part, target in STAGES:
        faults.killed(house, script, part, target)
        assert not (house / target).exists()
    faults.made(house)
    assert faults.table(house) == faults.table(undisturbed)
    assert faults.leftovers(house) == []


@slow
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
    faults.made(house, *LONG, "--", TABLE)
    assert ("resumed at step" in (house / LOG).read_text()) == (signals != [signal.SIGINT] * 2)
    assert faults.table(house) == faults.table(long)
    assert faults.leftovers(house) == []


@slow
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


# Files that changed


def flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        pytest.param(lambda b: b[: len(b) // 2], "damaged", id="truncated", marks=slow),
        pytest.param(flipped, "damaged", id="flipped", marks=slow),
        pytest.param(None, "of another run", id="of another run"),
    ],
)
def test_a_shard_that_changed_is_named_and_made_again_alone(house, undisturbed, damage, what):
    kept, shard = (house / SHARD).read_bytes(), house / SHARD
    if damage is None:
        shutil.copy(shard.parents[3] / "0/0/0/0", shard)
    else:
        shard.write_bytes(damage(kept))
    said = faults.refused(house, "results/tiny/J2_L4/d4/psnr.csv")
    assert f"{SHARD} must be as it was written: it is {what}; make it again" in said
    assert faults.remedies(said)[0] == ["--force", SHARD]
    faults.made(house, *faults.remedies(said)[0])
    assert shard.read_bytes() == kept
    faults.made(house, "--", TABLE)
    assert faults.table(house) == faults.table(undisturbed)


@slow
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


@slow
def test_a_configuration_that_changes_while_a_run_uses_it(undisturbed, tmp_path):
    """Jobs that start later may see the change; the next run makes all of them again."""
    changed = shutil.copytree(undisturbed, tmp_path / "changed", symlinks=True)
    house = faults.copy(tmp_path / "house")
    process = faults.started(house, "--", TABLE)
    while not (house / "logs/tiny/fit_pca_J2_L4.log").exists():
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.05)
    for place in (house, changed):
        text = (place / faults.SMOKE).read_text()
        (place / faults.SMOKE).write_text(text.replace("epochs: 2", "epochs: 3"))
    process.communicate(timeout=300)
    assert process.returncode == 0
    for place in (house, changed):
        faults.made(place, TABLE)
    assert faults.table(house) == faults.table(changed) != faults.table(undisturbed)


# Two at once


def test_a_second_run_in_the_folder_is_refused_and_the_first_goes_on(house, undisturbed):
    first = faults.started(house, "--force", "--", TABLE, f"{OWN}/sparsity.csv")
    while not list((house / ".snakemake/locks").glob("*")):
        assert first.poll() is None, first.communicate()[0]
        time.sleep(0.02)
    said = faults.refused(house, "--force", "--", TABLE)
    assert "Directory cannot be locked." in said
    assert first.wait(timeout=120) == 0, first.communicate()[0]
    first.stdout.close()
    assert faults.table(house) == faults.table(undisturbed)


# Places


@slow
def test_a_full_disk_in_each_stage(undisturbed, tmp_path):
    house = faults.copy(tmp_path)
    tiny = "results/tiny"
    stages = [f"{tiny}/images/{split}.zarr/zarr.json" for split in ("train", "test")]
    stages += [f"{tiny}/J2_L4/scattering/train.zarr/zarr.json", SHARD]
    stages += [f"{tiny}/J2_L4/pca.zarr/zarr.json", f"{tiny}/pixel_pca/pca.zarr/zarr.json"]
    stages += [f"{OWN}/z/train.zarr/zarr.json", f"{OWN}/generator.pt", f"{OWN}/psnr.csv"]
    with faults.mounted(house / "results", "-t", "tmpfs", "-o", "size=64m", "tmpfs") as results:
        for target in [*stages, TABLE]:
            with faults.filled(results):
                said = faults.refused(house, "--", target)
            assert "must have room" in said or "No space left on device" in said
            faults.made(house, "--", target)
        assert faults.table(house) == faults.table(undisturbed)
        assert faults.leftovers(house) == []


@slow
def test_results_that_may_only_be_read(house, undisturbed):
    source = shutil.move(house / "results", house / "original")
    with faults.mounted(house / "results", "--bind", source) as results:
        remount = [shutil.which("mount"), "-o"]
        subprocess.run([*remount, "remount,ro,bind", results], check=True)
        said = faults.refused(house, "--force", TABLE)
        assert "Write-protected output files for rule table1" in said
        subprocess.run([*remount, "remount,rw,bind", results], check=True)
        faults.made(house, TABLE)
        assert faults.table(house) == faults.table(undisturbed)


@slow
def test_an_odd_place(undisturbed, tmp_path):
    """A checkout that may only be read, no home, letters beyond ASCII, spaces in the results' path.

    Nothing is left in the folder of temporary files, and nothing lies beside what was asked for.
    """
    checkout = faults.copy(tmp_path / "Entwürfe_日本")
    work, temporary = tmp_path / "Läufe", tmp_path / "temporary"
    work.mkdir()
    temporary.mkdir()
    results = work / "my results"
    command = [sys.executable, "-m", "snakemake", "--snakefile", checkout / "Snakefile"]
    command += ["--workflow-profile", checkout / "profiles/default", "--directory", work]
    command += ["--configfile", checkout / faults.SMOKE, "--cores", "2", *faults.ONE_BY_ONE]
    command += ["--config", f"pathvars={{results: {results}}}", "--", f"{results}/table1.csv"]
    # Snakemake needs a folder for its own cache.
    home = {"HOME": "/dev/null/nowhere", "XDG_CACHE_HOME": str(tmp_path / "cache")}
    with read_only(checkout):
        result = subprocess.run(
            command,
            cwd=work,
            env=os.environ | home | {"TMPDIR": str(temporary)},
            capture_output=True,
            text=True,
        )
    assert result.returncode == 0, result.stdout + result.stderr
    shutil.move(results, work / "results")
    assert faults.table(work) == faults.table(undisturbed)
    assert sorted(path.name for path in work.iterdir()) == [".snakemake", "logs", "results"]
    assert list(temporary.iterdir()) == []


def read_only(folder):
    """Let nobody write to a folder, not even root, while the block runs."""
    if os.getuid() == 0:
        return faults.mounted(folder, "--bind", "-o", "ro", str(folder))
    raise NotImplementedError


def test_a_checkout_in_a_path_with_a_space_is_refused(tmp_path):
    house = faults.copy(tmp_path / "my project")
    said = faults.refused(house, "--dry-run")
    assert "The paths of this folder and of Python must have no ' ': got " in said
    assert "move the folder, or rename it." in said
    assert "Traceback" not in said


def test_no_home(house, undisturbed):
    environment = {key: value for key, value in os.environ.items() if key != "HOME"}
    result = project.snakemake(
        house, faults.SMOKE, *faults.ONE_BY_ONE, "--force", TABLE, env=environment
    )
    assert result.returncode == 0, result.stderr
    assert faults.table(house) == faults.table(undisturbed)


def test_gpus_that_the_machine_lacks(house, undisturbed):
    """The training uses the CPU, which is no reason to train again."""
    asked = ("--config", "datasets={tiny: {training: {gpus: 4}}}")
    assert "Nothing to be done" in faults.made(house, *asked)
    if shutil.which("nvidia-smi") is None:
        faults.made(house, *asked, "--force", f"{OWN}/generator.pt")
        faults.made(house, *asked)
        assert faults.table(house) == faults.table(undisturbed)


def test_a_run_leaves_nothing_but_what_was_asked_for(undisturbed, tmp_path):
    """Nothing in the folder of temporary files, and nothing in the tree but results and logs."""
    before = {path.name for path in faults.copy(tmp_path / "fresh").iterdir()}
    house = shutil.copytree(undisturbed, tmp_path / "house", symlinks=True)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    faults.made(house, "--force", "--", SHARD, f"{OWN}/sparsity.csv", TMPDIR=str(temporary))
    assert list(temporary.iterdir()) == []
    assert {path.name for path in house.iterdir()} - before == {".snakemake", "logs", "results"}
    assert faults.leftovers(house) == []
