"""Places where dask computes: this process, local processes, a running scheduler, or Slurm jobs."""

import logging
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import dask

if TYPE_CHECKING:  # slow to import
    import dask_jobqueue
    import distributed

log = logging.getLogger(__name__)

PLUGIN = "threads of torch"
CONNECT = 30  # seconds in which the scheduler must answer
WAIT = 600  # seconds in which its first worker must start


@contextmanager
def workers(scheduler: str, *, n: int, threads: int, memory: int) -> Iterator[int]:
    """Let dask compute on some workers while the block runs.

    Args:
        scheduler: `threads` for this process itself; `processes` for processes of this machine;
            `slurm` for one Slurm job per worker, with the queue and the account from the
            configuration of dask-jobqueue; or the address of a running scheduler.
        n: Number of processes or jobs to start.
        threads: Number of threads: those of this job, which the processes share, or those of each
            Slurm job.
        memory: Memory of each Slurm job, in MB.

    Yields:
        Number of workers, or of jobs requested from Slurm; 0 for this process alone.

    Raises:
        ValueError: No scheduler answers at the address, Slurm does not answer, no worker starts, or
            several workers die on the same task.

    Example:
        >>> with workers("threads", n=1, threads=1, memory=1000) as parts:
        ...     parts
        0
    """
    if scheduler == "threads":
        yield 0
        return
    import distributed  # here, because it takes a second to import and most jobs do not need it

    logging.getLogger("distributed").setLevel(logging.WARNING)
    with ExitStack() as stack:
        # tasks carry the basis, so that the loss of a worker loses no data; the graph is then large
        large = {"distributed.admin.large-graph-warning-threshold": "1TB"}
        stack.enter_context(dask.config.set(large))
        address = scheduler
        if scheduler == "processes":
            address = stack.enter_context(_processes(n, threads=threads))
        elif scheduler == "slurm":
            address = stack.enter_context(_slurm(n, threads=threads, memory=memory))
        client = stack.enter_context(_client(address, scheduler))
        _wait(client, n if scheduler == "processes" else 1, scheduler)
        client.register_plugin(_threads_of_its_own())
        stack.callback(client.unregister_worker_plugin, PLUGIN)
        parts = n if scheduler == "slurm" else len(client.nthreads())
        log.info("%d parts for the workers of %s", parts, scheduler)
        try:
            yield parts
        except distributed.KilledWorker as error:
            raise ValueError(
                f"the workers of {scheduler} must stay alive: several died on the same part "
                f"({error}), most likely for lack of memory; give them more, or set fewer "
                "whitening.workers or a smaller rank."
            ) from error


def _processes(n: int, *, threads: int) -> "distributed.LocalCluster":
    import distributed

    each = max(1, threads // n)
    return distributed.LocalCluster(
        n, processes=True, threads_per_worker=each, memory_limit=None, dashboard_address=":0"
    )


def _client(address: object, scheduler: str) -> "distributed.Client":
    import distributed

    try:
        return distributed.Client(address, timeout=CONNECT)
    except OSError as error:
        raise ValueError(
            "whitening.scheduler must be the address of a running dask scheduler: none answered at "
            f"{scheduler} within {CONNECT} s; start one with `dask scheduler`, or use threads."
        ) from error


def _wait(client: "distributed.Client", n: int, scheduler: str) -> None:
    """Wait until n workers have started."""
    log.info("waiting for a worker of %s, for %d s at most", scheduler, WAIT)
    try:
        client.wait_for_workers(n, timeout=WAIT)
    except TimeoutError as error:
        raise ValueError(
            f"whitening.scheduler: {scheduler} must have workers: none came within {WAIT} s; start "
            "some with `dask worker`, check the queue of Slurm and the configuration of "
            "dask-jobqueue, or use threads."
        ) from error


def _slurm(n: int, *, threads: int, memory: int) -> "dask_jobqueue.SLURMCluster":
    try:
        from dask_jobqueue import SLURMCluster
    except ImportError as error:
        raise ValueError(
            "whitening.scheduler: slurm needs dask-jobqueue: found none; run `make cluster`."
        ) from error
    try:
        subprocess.run(["sinfo"], check=True, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        found = getattr(error, "stderr", None) or error
        raise ValueError(
            f"whitening.scheduler: slurm needs a Slurm that answers: {str(found).strip()}; "
            "run where sinfo works, or use threads."
        ) from error
    return SLURMCluster(n_workers=n, cores=threads, processes=1, memory=f"{memory}MB")


def _threads_of_its_own() -> "distributed.WorkerPlugin":
    """Return a plugin that lets torch use all threads of a worker, even if it starts later."""
    import distributed

    class Threads(distributed.WorkerPlugin):
        name = PLUGIN

        def setup(self, worker):
            import torch

            torch.set_num_threads(worker.state.nthreads)

    return Threads()
