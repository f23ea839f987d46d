"""The same numbers wherever dask computes."""

import os
import signal

import dask.array as da
import distributed
import numpy as np
import pytest

from gsn import cluster, whitening

RANK = 6


@pytest.fixture(scope="module")
def S():
    rng = np.random.default_rng(0)
    return (rng.standard_normal((200, 40)) * np.arange(1, 41) ** -1.0 + 3).astype(np.float32)


@pytest.fixture(scope="module")
def fitted(S):
    return whitening.fit(da.from_array(S, chunks=(20, 40)), RANK)


def agree(a, b):
    # float32 sums in another order, of numbers about 3
    for x, y in zip(a, b, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("scheduler", ["threads", "processes"])
def test_threads_and_processes(S, fitted, scheduler):
    with cluster.workers(scheduler, n=2, threads=2, memory=1000) as parts:
        assert parts == {"threads": 1, "processes": 2}[scheduler]
        agree(whitening.fit(da.from_array(S, chunks=(20, 40)), RANK, parts=parts), fitted)


def test_a_running_scheduler_and_a_worker_killed_on_the_way(S, fitted, tmp_path):
    flag = str(tmp_path / "killed")

    def dies_once(block):
        if not os.path.exists(flag):
            open(flag, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        return block

    with distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=None) as running:
        array = da.from_array(S, chunks=(20, 40)).map_blocks(dies_once, dtype=S.dtype, meta=S[:0])
        with cluster.workers(running.scheduler_address, n=1, threads=1, memory=1000) as parts:
            assert parts == 2
            agree(whitening.fit(array, RANK, parts=parts), fitted)
    assert os.path.exists(flag)


def test_an_address_where_nothing_is(monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT", 1)
    with (
        pytest.raises(
            ValueError, match=r"or the address of a dask scheduler with workers: tcp://127\.0\.0\.1:9 did not"
        ),
        cluster.workers("tcp://127.0.0.1:9", n=1, threads=1, memory=1000),
    ):
        pass
