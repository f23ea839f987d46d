"""The machine a stage runs on: device, threads, logging, progress, files that appear whole."""

import logging
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tqdm

log = logging.getLogger(__name__)


def start(log_file: str | None, threads: int) -> int:
    """Log to the file, and keep the numerical libraries to some threads.

    Call it before numpy and torch are imported: OpenMP and BLAS read their number of threads once.

    Args:
        log_file: where the log goes, if anywhere.
        threads: as many as the job was given.

    Returns:
        The number of threads to use: `threads`, or the number of processors if that is smaller.
    """
    threads = min(threads, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)
    logging.basicConfig(
        level=logging.INFO,
        handlers=[logging.FileHandler(log_file, mode="w") if log_file else logging.StreamHandler()],
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        force=True,
    )
    sys.excepthook = _log_exception
    return threads


def _log_exception(kind, error, trace) -> None:
    """What gsn itself refuses is one sentence in the log; anything else keeps its traceback."""
    refused = Path(__file__).parent in Path(traceback.extract_tb(trace)[-1].filename).parents
    log.error("%s", error, exc_info=None if refused else (kind, error, trace))


def device():
    """The torch device to compute on: the first GPU where there is one."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def progress(*, total: int, unit: str, label: str, done: int = 0) -> tqdm.tqdm:
    """A live line with rate and time left on a terminal; nothing elsewhere. Call update(k) on it, then close()."""
    return tqdm.tqdm(total=total, initial=done, unit=unit, desc=label, disable=None, dynamic_ncols=True)


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """A path to write to, which becomes `path` by a rename when the block ends well."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.writing{path.suffix}")
    yield partial
    os.replace(partial, path)
