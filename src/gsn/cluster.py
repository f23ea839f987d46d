"""Where dask computes: this process, processes of this machine, a running dask scheduler, or jobs of Slurm."""

import logging
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import dask

log = logging.getLogger(__name__)

PLUGIN = "threads of torch"
CONNECT, WAIT = 30, 600  # seconds for the scheduler to answer, and for its first worker to come


@contextmanager
def workers(scheduler: str, *, n: int, threads: int, memory: int) -> Iterator[int]:
    """Let dask compute on some workers while the block runs; gives their number, which is 0 for this process alone.

    Args:
        scheduler: `threads`, which is this process itself; `processes`, of this machine; `slurm`, a job for each, with
            the queue and the account of dask-jobqueue's own configuration; or the address of a running scheduler.
        n: how many processes or jobs to start.
        threads: of this job, which processes share; of each job of Slurm.
        memory: of each job of Slurm, in MB.

    Raises:
        ValueError: if nothing answers at an address or no Slurm, or no worker comes.
    """
    if scheduler == "threads":
        yield 0
        return
    import distributed  # here, because they take a second, which most jobs need not spend

    logging.getLogger("distributed").setLevel(logging.WARNING)
    with ExitStack() as stack:
        # a basis travels with its tasks, so that a worker that is lost takes nothing away with it
        stack.enter_context(dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}))
        address = scheduler
        if scheduler == "processes":
            each = {"threads_per_worker": max(1, threads // n), "memory_limit": None, "dashboard_address": ":0"}
            address = stack.enter_context(distributed.LocalCluster(n, processes=True, **each))
        elif scheduler == "slurm":
            address = stack.enter_context(_slurm(n, threads=threads, memory=memory))
        try:
            client = stack.enter_context(distributed.Client(address, timeout=CONNECT))
        except OSError as error:
            raise ValueError(
                f"whitening.scheduler must be the address of a running dask scheduler: none answered at {scheduler} "
                f"within {CONNECT} s; start one with `dask scheduler`, or say threads."
            ) from error
        log.info("waiting for a worker of %s, for %d s at most", scheduler, WAIT)
        try:
            client.wait_for_workers(n if scheduler == "processes" else 1, timeout=WAIT)
        except TimeoutError as error:
            raise ValueError(
                f"whitening.scheduler: {scheduler} must have workers: none came within {WAIT} s; start some with "
                "`dask worker`, look at the queue of Slurm and the configuration of dask-jobqueue, or say threads."
            ) from error
        client.register_plugin(_threads_of_its_own())
        stack.callback(client.unregister_worker_plugin, PLUGIN)
        parts = n if scheduler == "slurm" else len(client.nthreads())
        log.info("%d parts for the workers of %s", parts, scheduler)
        try:
            yield parts
        except distributed.KilledWorker as error:
            raise ValueError(
                f"the workers of {scheduler} must live: several died over the same part ({error}), for want of "
                "memory most likely; give them more, say fewer whitening.workers, or a smaller rank."
            ) from error


def _slurm(n: int, *, threads: int, memory: int) -> "dask_jobqueue.SLURMCluster":  # noqa: F821
    try:
        from dask_jobqueue import SLURMCluster
    except ImportError as error:
        raise ValueError("whitening.scheduler: slurm needs dask-jobqueue: found none; make cluster.") from error
    try:
        subprocess.run(["sinfo"], check=True, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        found = getattr(error, "stderr", None) or error
        raise ValueError(
            f"whitening.scheduler: slurm needs a Slurm that answers: {str(found).strip()}; run where sinfo works, or "
            "say threads."
        ) from error
    return SLURMCluster(n_workers=n, cores=threads, processes=1, memory=f"{memory}MB")


def _threads_of_its_own() -> "distributed.WorkerPlugin":  # noqa: F821
    """Lets the products on a worker use its threads; those of workers that come later too."""
    import distributed

    class Threads(distributed.WorkerPlugin):
        name = PLUGIN

        def setup(self, worker):
            import torch

            torch.set_num_threads(worker.state.nthreads)

    return Threads()
