"""The workflow on a real Slurm of one node: through profiles/slurm, with killed jobs, with dask."""

import contextlib
import re
import subprocess
import sys
import time

import numpy as np
import one_node
import pytest
import xarray

import faults
import project

pytestmark = [
    pytest.mark.slurm,
    pytest.mark.skipif(
        bool(one_node.missing()),
        reason=f"needs Slurm and munge (tests/slurm/install.sh): no {one_node.missing()}",
    ),
]
TABLE = "results/table1.csv"
PCA = "results/tiny/J2_L4/pca.zarr"
CONFIG = (
    "--configfile",
    "tests/smoke.yaml",
    "--config",
    "datasets={tiny: {training: {epochs: 100}}}",
)
# What a cluster with an accounting database and long queues has otherwise.
QUICK = "--slurm-no-account --slurm-status-command squeue --latency-wait 5 --max-threads 1"
QUICK += " --slurm-init-seconds-before-status-checks 3 --seconds-between-status-checks 3"


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    pytest.importorskip("snakemake_executor_plugin_slurm", reason="needs `make cluster`")
    with one_node.running(tmp_path_factory.mktemp("slurm")) as environment:
        yield environment


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the project, with profiles/slurm filled in for this cluster."""
    house = project.copy(tmp_path_factory.mktemp("house"), "tests/smoke.yaml")
    profile = house / "profiles/slurm/config.yaml"
    text = profile.read_text()
    for name, value in {"partition": "main", "gpu_model": "fake"}.items():
        text, n = re.subn(rf"(?m)^  {name}: null", f"  {name}: {value}", text)
        assert n == 1
    profile.write_text(text)
    return house


@contextlib.contextmanager
def started(house, environment, *arguments):
    """Run Snakemake with the profile while the block runs; yield its process and what it says."""
    command = [sys.executable, "-m", "snakemake", "--workflow-profile", "profiles/slurm"]
    said = house.parent / "said"
    with open(said, "w") as output:
        process = subprocess.Popen(
            [*command, *QUICK.split(), *arguments],
            cwd=house,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process, said
        finally:
            process.terminate()
            process.wait()


def queue(environment, states="all"):
    """The jobs of Slurm: number, state and requests of each, by what it computes."""
    listed = one_node.said(
        environment, "squeue", "-h", f"--states={states}", "-o", "%k|%i|%T|%b|%j"
    )
    rows = [line.split("|") for line in listed.splitlines()]
    return {
        (comment if comment != "(null)" else name, number): (state, gres)
        for comment, number, state, gres, name in rows
    }


def number_of(environment, rule):
    """The number of the running job of a rule, or None."""
    running = queue(environment, "running")
    return next((number for comment, number in running if f"rule_{rule}" in comment), None)


@pytest.fixture(scope="module")
def ran(house, slurm):
    """A run in which a shard was killed, and the training reached its time limit: both jobs."""
    killed = stopped = None
    log = house / "logs/tiny/train_generator_J2_L4_d8.log"
    with started(house, slurm, *CONFIG, "--", TABLE) as (process, said):
        while process.poll() is None:
            if not killed and (killed := number_of(slurm, "scatter_images")):
                one_node.said(slurm, "scancel", "--full", "--signal=KILL", killed)
            trains = log.exists() and "epoch 3 of" in log.read_text()
            if not stopped and trains and (stopped := number_of(slurm, "train_generator")):
                one_node.said(slurm, "scancel", "--signal=TERM", stopped)  # as at the time limit
            time.sleep(0.5)
        assert process.returncode == 0, said.read_text()
    return killed, stopped


def test_the_table_is_that_of_an_undisturbed_run(ran, house, tmp_path):
    """Though a job was killed, and one was stopped: both were submitted again."""
    killed, stopped = ran
    assert killed
    assert stopped
    assert "resumed at step" in (house / "logs/tiny/train_generator_J2_L4_d8.log").read_text()
    undisturbed = project.copy(tmp_path, "tests/smoke.yaml")
    result = project.snakemake(undisturbed, *CONFIG[1:], "--max-threads", "1", "--", TABLE)
    assert result.returncode == 0, result.stderr
    assert faults.table(house) == faults.table(undisturbed)


def test_each_shard_is_a_job_and_the_small_rules_share_one(ran, slurm):
    jobs = queue(slurm)
    shards = [number for comment, number in jobs if "rule_scatter_images" in comment]
    assert len(shards) == 3 + 1  # of 40 + 12 images, by 24; one was killed
    assert not [comment for comment, _ in jobs if "rule_whiten_scattering" in comment]
    assert not [comment for comment, _ in jobs if "rule_table1" in comment]  # where Snakemake runs


def test_a_job_that_is_submitted_again_asks_for_more(ran, slurm, house):
    jobs = queue(slurm)
    shards = [number for comment, number in jobs if "rule_scatter_images" in comment]
    asked = {}
    for number in shards:
        shown = one_node.said(slurm, "scontrol", "show", "job", number)
        memory = int(re.search(r"MinMemoryNode=(\d+)M", shown)[1])
        asked.setdefault((memory, re.search(r"TimeLimit=(\S+)", shown)[1]), []).append(number)
        assert "gpu:fake:1" in shown
    assert asked.keys() == {(4000, "01:00:00"), (8000, "02:00:00")}
    assert len(asked[8000, "02:00:00"]) == 1


def test_whitening_on_a_dask_cluster_of_slurm_jobs(ran, slurm, house):
    pytest.importorskip("dask_jobqueue", reason="needs `make cluster`")
    before = xarray.open_zarr(house / PCA).load()
    elsewhere = "defaults={whitening: {scheduler: slurm, workers: 2}}"
    config = (*CONFIG, elsewhere, "--force", "--", f"{PCA}/zarr.json")
    with started(house, slurm, *config) as (process, said):
        assert process.wait() == 0, said.read_text()
    workers = [number for name, number in queue(slurm) if name == "dask-worker"]
    assert len(workers) == 2
    log = (house / "logs/tiny/fit_pca_J2_L4.log").read_text()
    assert "2 parts for the workers of slurm" in log
    after = xarray.open_zarr(house / PCA).load()
    for name in ("mu", "components", "eigenvalues"):
        # Float32 in another order.
        np.testing.assert_allclose(after[name], before[name], rtol=1e-3, atol=1e-4)
