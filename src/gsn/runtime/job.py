"""The life of a job: its threads and its log at the start, and requests to stop it."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gsn.runtime import log


def start(log_file: str | None, threads: int, *, append: bool = False) -> int:
    """Set the number of threads of the numerical libraries and open the log.

    Call it before numpy and torch are imported: OpenMP and BLAS read their number of threads once.

    Args:
        log_file: Path of the log; None for the terminal.
        threads: Number of threads that the job was given.
        append: Whether to continue an existing log, as a resumed job does.

    Returns:
        Number of threads to use: `threads`, or the number of available processors if that is
        smaller.
    """
    threads = min(
        threads,
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
    )
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)
    log.to_file(log_file, append=append)
    return threads


@contextmanager
def stop_requests() -> Iterator[Callable[[], bool]]:
    """Yield a function that returns whether SIGTERM, SIGINT or SIGHUP has arrived.

    The block can then end in order. SIGHUP is a closed terminal; nohup, which ignores it, is kept.
    A second SIGINT ends the process at once. A second SIGTERM does not: torchrun and Slurm send
    several.
    """
    arrived = []

    def note(number, _):
        arrived.append(number)
        if number == signal.SIGINT:
            signal.signal(number, before[number])

    # No other thread may handle signals.
    main = threading.current_thread() is threading.main_thread()
    numbers = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, note) for number in numbers} if main else {}
    try:
        yield lambda: bool(arrived)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
