"""profiles/cluster-generic on a queue of PBS, for which three small scripts stand in."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import faults
from project import ROOT

QUEUE = Path(__file__).with_name("pbs")


@pytest.fixture
def house(tmp_path):
    pytest.importorskip("snakemake_executor_plugin_cluster_generic", reason="needs `make cluster`")
    (tmp_path / "jobs").mkdir()
    return faults.copy(tmp_path / "house")


def start(house, *arguments):
    """Start Snakemake with the profile on the queue."""
    jobs = {"PBS_JOBS": str(house.parent / "jobs"), "PATH": f"{QUEUE}:{os.environ['PATH']}"}
    command = [sys.executable, "-m", "snakemake", "--workflow-profile", "profiles/cluster-generic"]
    command += ["--configfile", faults.SMOKE, *faults.ONE_BY_ONE, "--jobs", "2"]
    command += ["--seconds-between-status-checks", "1", "--latency-wait", "5", *arguments]
    return subprocess.Popen(
        command,
        cwd=house,
        env=os.environ | jobs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize(
    ("said", "code", "status"),
    [
        ("    job_state = R", 0, "running"),
        ("    job_state = F\n    Exit_status = 0", 0, "success"),
        ("    job_state = F\n    Exit_status = 271", 0, "failed"),
        ("qstat: Unknown Job Id 1.here", 153, "failed"),
        ("qstat: cannot connect to server here", 1, "running"),
        ("qstat: job_history_enable is set to false 1.here", 1, "failed"),
    ],
)
def test_what_the_queue_says_of_a_job_is_its_status(tmp_path, said, code, status):
    (tmp_path / "said").write_text(f"{said}\n")
    queue = tmp_path / "qstat"
    queue.write_text(f'#!/bin/sh\ncat "{tmp_path}/said" >&2\nexit {code}\n')
    queue.chmod(0o755)
    result = subprocess.run(
        [ROOT / "profiles/cluster-generic/status.sh", "1.here"],
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert result.stdout == f"{status}\n"
    assert ("job_history_enable" in result.stderr) == ("job_history_enable" in said)


def requests(house):
    """What was asked for, job after job: the rule, and the rest."""
    files = sorted((house.parent / "jobs").glob("*.request"), key=lambda file: int(file.stem))
    return [file.read_text().split(maxsplit=1) for file in files]


def test_a_job_that_was_killed_is_submitted_again_and_asks_for_more(house):
    jobs = house.parent / "jobs"
    process = start(house, "--", "results/tiny/images/test.zarr/zarr.json")
    while not (pids := list(jobs.glob("1.pid"))) or not pids[0].read_text():
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.05)
    os.killpg(int(pids[0].read_text()), signal.SIGKILL)
    (jobs / "1.exit").write_text("265")  # as PBS notes it
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 0, said
    assert [
        (rule, re.findall(r"mem=(\d+)mb|walltime=(\d+)", rest)) for rule, rest in requests(house)
    ] == [
        ("gsn-store_images", [("1500", ""), ("", "14400")]),
        ("gsn-store_images", [("3000", ""), ("", "28800")]),
    ]


def test_an_interruption_ends_the_jobs(house):
    process = start(house, "--", "results/tiny/images/test.zarr/zarr.json")
    jobs = house.parent / "jobs"
    while not list(jobs.glob("1.pid")):
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.05)
    time.sleep(1)  # Snakemake notes the number that qsub prints
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert (jobs / "1.exit").read_text().strip() == "271"


@pytest.mark.slow
def test_the_table_is_that_of_a_run_on_this_machine(house, tmp_path):
    process = start(house, "--", "results/table1.csv")
    said = process.communicate()[0]
    assert process.returncode == 0, said
    asked = dict(requests(house))
    assert "ncpus=1:mem=4000mb:ngpus=1" in asked["gsn-scatter_images"]
    assert "ngpus" not in asked["gsn-whiten_scattering"]
    here = faults.copy(tmp_path / "here")
    faults.made(here, "--", "results/table1.csv")
    assert faults.table(house) == faults.table(here)
