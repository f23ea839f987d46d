"""Where dask computes: this process, processes of this machine, a running dask scheduler, or jobs of Slurm."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import dask

CONNECT, WAIT = 30, 600  # seconds for the scheduler to answer, and for its first worker to come


@contextmanager
def workers(scheduler: str, *, n: int, threads: int, memory: int) -> Iterator[int]:
    """Let dask compute on some workers while the block runs; gives their number.

    Args:
        scheduler: `threads`, which is this process itself; `processes`, of this machine; `slurm`, a job for each, with
            the queue and the account of dask-jobqueue's own configuration; or the address of a running scheduler.
        n: how many processes or jobs to start.
        threads: of this job, which processes share; of each job of Slurm.
        memory: of each job of Slurm, in MB.

    Raises:
        ValueError: if nothing answers at an address, or no worker comes.
    """
    if scheduler == "threads":
        with dask.config.set(scheduler="threads", num_workers=threads):
            yield 1
        return
    import distributed  # here, because they take a second, which most jobs need not spend

    logging.getLogger("distributed").setLevel(logging.WARNING)
    with ExitStack() as stack:
        # a basis travels with its tasks, so that a worker that is lost takes nothing away with it
        stack.enter_context(dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}))
        if scheduler == "processes":
            each = {"threads_per_worker": max(1, threads // n), "memory_limit": None, "dashboard_address": None}
            scheduler = stack.enter_context(distributed.LocalCluster(n, processes=True, **each))
        elif scheduler == "slurm":
            try:
                from dask_jobqueue import SLURMCluster
            except ImportError as error:
                raise ValueError("whitening.scheduler: slurm needs dask-jobqueue: found none; make cluster.") from error
            each = {"cores": threads, "processes": 1, "memory": f"{memory}MB"}
            scheduler = stack.enter_context(SLURMCluster(n_workers=n, **each))
        try:
            client = stack.enter_context(distributed.Client(scheduler, timeout=CONNECT))
            client.wait_for_workers(1 if isinstance(scheduler, str) else n, timeout=WAIT)
        except (OSError, TimeoutError) as error:
            raise ValueError(
                f"whitening.scheduler must be threads, processes, slurm or the address of a dask scheduler with "
                f"workers: {scheduler} did not give any ({error}); start some, or say threads."
            ) from error
        client.register_plugin(_threads_of_its_own())
        yield len(client.nthreads())


def _threads_of_its_own() -> "distributed.WorkerPlugin":  # noqa: F821
    """Lets the products on a worker use its threads; those of workers that come later too."""
    import distributed

    class Threads(distributed.WorkerPlugin):
        name = "threads of torch"

        def setup(self, worker):
            import torch

            torch.set_num_threads(worker.state.nthreads)

    return Threads()
