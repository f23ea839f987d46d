"""Files that are mixed up, full disks, odd places: the next run goes on, to the same table.

docs/reliability.md lists these faults, and those that other tests inject.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import faults
import project

TABLE = "results/table1.csv"
TINY = Path("results/tiny")
OWN = TINY / "J2_L4/d8"
SHARD = "results/tiny/J2_L4/scattering/train.zarr/S/c/1/0/0/0"
long_fault = pytest.mark.faults


# Files that changed


def flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@long_fault
def test_a_shard_that_changed_is_named_and_made_again_alone(disturbed, undisturbed):
    shard = disturbed / SHARD
    kept = shard.read_bytes()
    other = (shard.parents[3] / "0/0/0/0").read_bytes()
    for damaged, what in (
        (kept[: len(kept) // 2], "damaged"),
        (flipped(kept), "damaged"),
        (other, "of another run"),
    ):
        shard.write_bytes(damaged)
        said = faults.refused(disturbed, "results/tiny/J2_L4/d4/psnr.csv")
        assert f"{SHARD} must be as it was written: it is {what}; make it again" in said
        assert faults.remedies(said)[0] == ["--force", SHARD]
        faults.made(disturbed, *faults.remedies(said)[0])
        assert shard.read_bytes() == kept
    faults.made(disturbed, "--", TABLE)
    assert faults.table(disturbed) == faults.table(undisturbed)


@long_fault
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


def test_a_second_run_in_the_folder_is_refused_and_the_first_goes_on(disturbed, undisturbed):
    first = faults.started(disturbed, "--force", "--", TABLE, f"{OWN}/sparsity.csv")
    while not list((disturbed / ".snakemake/locks").glob("*")):
        assert first.poll() is None, first.communicate()[0]
        time.sleep(0.02)
    said = faults.refused(disturbed, "--force", "--", TABLE)
    assert "Directory cannot be locked." in said
    assert first.wait(timeout=120) == 0, first.communicate()[0]
    first.stdout.close()
    assert faults.table(disturbed) == faults.table(undisturbed)


# Places


# Each stage, and a target that asks for it.
STAGES = {
    "store_images": TINY / "images/train.zarr/zarr.json",
    "create_scattering_store": TINY / "J2_L4/scattering/train.zarr/zarr.json",
    "scatter_images": SHARD,
    "fit_pca": TINY / "J2_L4/pca.zarr/zarr.json",
    "fit_pixel_pca": TINY / "pixel_pca/pca.zarr/zarr.json",
    "whiten_scattering": OWN / "z/train.zarr/zarr.json",
    "train_generator": OWN / "generator.pt",
    "evaluate_ridge": OWN / "ridge_psnr.csv",
    "evaluate_pixel_pca": TINY / "pixel_pca/d8/psnr.csv",
    "evaluate_generator": OWN / "psnr.csv",
    "draw_figures": OWN / "figures/training.png",
    "table1": TABLE,
}


@long_fault
def test_a_full_disk_in_each_stage(undisturbed, tmp_path):
    house = faults.copy(tmp_path)
    with faults.mounted(house / "results", "-t", "tmpfs", "-o", "size=64m", "tmpfs") as results:
        for rule, target in STAGES.items():
            faults.made(house, "--omit-from", rule, "--", str(target))  # what comes before it
            with faults.filled(results):
                said = faults.refused(house, "--", str(target))
            assert set(re.findall(r"Error in rule (\w+)", said)) == {rule}, said
            assert "must have room" in said or "No space left on device" in said
        faults.made(house)
        assert faults.table(house) == faults.table(undisturbed)
        assert faults.leftovers(house) == []


@long_fault
def test_results_that_may_only_be_read(disturbed, undisturbed):
    source = shutil.move(disturbed / "results", disturbed / "original")
    with faults.mounted(disturbed / "results", "--bind", source) as results:
        remount = [shutil.which("mount"), "-o"]
        subprocess.run([*remount, "remount,ro,bind", results], check=True)
        said = faults.refused(disturbed, "--force", TABLE)
        assert "Write-protected output files for rule table1" in said
        subprocess.run([*remount, "remount,rw,bind", results], check=True)
        faults.made(disturbed, TABLE)
        assert faults.table(disturbed) == faults.table(undisturbed)


@long_fault
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
    with faults.mounted(checkout, "--bind", "-o", "ro", str(checkout)):
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


def test_a_checkout_in_a_path_with_a_space_is_refused(tmp_path):
    house = faults.copy(tmp_path / "my project")
    said = faults.refused(house, "--dry-run")
    assert "The paths of this folder and of Python must have no ' ': got " in said
    assert "move the folder, or rename it." in said
    assert "Traceback" not in said


def test_no_home(disturbed, undisturbed):
    environment = {key: value for key, value in os.environ.items() if key != "HOME"}
    result = project.snakemake(
        disturbed, faults.SMOKE, *faults.ONE_BY_ONE, "--force", TABLE, env=environment
    )
    assert result.returncode == 0, result.stderr
    assert faults.table(disturbed) == faults.table(undisturbed)


@long_fault
def test_gpus_that_the_machine_lacks(disturbed, undisturbed):
    """The training uses the CPU, which is no reason to train again."""
    asked = ("--config", "datasets={tiny: {training: {gpus: 4}}}")
    assert "Nothing to be done" in faults.made(disturbed, *asked)
    if shutil.which("nvidia-smi") is None:
        faults.made(disturbed, *asked, "--force", f"{OWN}/generator.pt")
        faults.made(disturbed, *asked)
        assert faults.table(disturbed) == faults.table(undisturbed)


def test_a_run_leaves_nothing_but_what_was_asked_for(undisturbed, tmp_path):
    """Nothing in the folder of temporary files, and nothing in the tree but results and logs."""
    before = {path.name for path in faults.copy(tmp_path).iterdir()}
    assert list((undisturbed.parent / "temporary").iterdir()) == []
    left = {path.name for path in undisturbed.iterdir()} - before
    assert left == {".snakemake", "logs", "results"}
    assert faults.leftovers(undisturbed) == []
