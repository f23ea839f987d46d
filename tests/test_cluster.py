"""Whitening gives the same numbers wherever dask computes."""

import os
import signal

import dask.array as da
import distributed
import numpy as np
import pytest

from gsn.decomposition import whitening
from gsn.runtime import cluster, shards, store, view

RANK = 6


@pytest.fixture(scope="module")
def S():
    rng = np.random.default_rng(0)
    return (rng.standard_normal((200, 40)) * np.arange(1, 41) ** -1.0 + 3).astype(np.float32)


@pytest.fixture(scope="module")
def fitted(S):
    return whitening.fit(da.from_array(S, chunks=(20, 40)), RANK)


def agree(a, b):
    # tolerance: float32 sums in another order, of numbers near 3
    for x, y in zip(a, b, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("scheduler", ["threads", "processes"])
def test_threads_and_processes_give_the_same_numbers(S, fitted, scheduler):
    with cluster.workers(scheduler, n=2, threads=2, memory=1000) as parts:
        assert parts == {"threads": 0, "processes": 2}[scheduler]
        agree(whitening.fit(da.from_array(S, chunks=(20, 40)), RANK, parts=parts), fitted)


def test_a_running_scheduler_survives_the_death_of_a_worker(S, fitted, tmp_path):
    flag = str(tmp_path / "killed")

    here = os.getpid()

    def dies_once(block):
        assert os.getpid() != here
        if not os.path.exists(flag):
            open(flag, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        return block

    with distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=":0") as running:
        array = da.from_array(S, chunks=(20, 40)).map_blocks(dies_once, dtype=S.dtype, meta=S[:0])
        with cluster.workers(running.scheduler_address, n=1, threads=1, memory=1000) as parts:
            assert parts == 2
            agree(whitening.fit(array, RANK, parts=parts), fitted)
    assert os.path.exists(flag)


def test_an_address_without_a_scheduler_is_refused(monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT", 1)
    with (
        pytest.raises(
            ValueError,
            match=r"must be the address of a running dask scheduler: none answered at "
            r"tcp://127\.0\.0\.1:9 ",
        ),
        cluster.workers("tcp://127.0.0.1:9", n=1, threads=1, memory=1000),
    ):
        pass


def test_a_scheduler_without_workers_is_refused(monkeypatch):
    monkeypatch.setattr(cluster, "WAIT", 1)
    with (
        distributed.LocalCluster(n_workers=0, processes=True, dashboard_address=":0") as running,
        pytest.raises(
            ValueError,
            match="must have workers: none came within 1 s; start some with `dask worker`",
        ),
        cluster.workers(running.scheduler_address, n=1, threads=1, memory=1000),
    ):
        pass


def test_a_missing_slurm_is_refused(monkeypatch, tmp_path):
    pytest.importorskip("dask_jobqueue")
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        pytest.raises(
            ValueError, match=r"slurm needs a Slurm that answers: .*sinfo.*; run where sinfo works"
        ),
        cluster.workers("slurm", n=1, threads=1, memory=1000),
    ):
        pass


def test_a_store_that_a_worker_does_not_see_is_an_error(tmp_path, S):
    """Without the check, zarr would read zeros."""
    with store.whole(tmp_path / "a.zarr") as folder:
        store.create(
            folder,
            {
                "S": store.Variable(
                    ("image", "coefficient"), shape=S.shape, dtype="float32", shard=104
                )
            },
        )
    for i in range(2):
        shards.write_shard(tmp_path / "a.zarr", "S", i, [S[104 * i : 104 * (i + 1)]])
    rows = view.blocks(tmp_path / "a.zarr", "S", 50)
    (tmp_path / "a.zarr").rename(tmp_path / "b.zarr")
    with (
        cluster.workers("processes", n=1, threads=1, memory=1000) as parts,
        pytest.raises(FileNotFoundError, match=r"S/c/[01]/0 must exist: it is missing on "),
    ):
        whitening.fit(rows, RANK, parts=parts)
