"""The machine a stage runs on: device, threads, logging, progress, files that appear whole."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tqdm

log = logging.getLogger(__name__)


def start(log_file: str | None, threads: int) -> None:
    """Log to the file (and the warnings to the terminal too), and keep every numerical library to `threads` threads.

    Call it before numpy and torch are imported: OpenMP and BLAS read their number of threads once.
    """
    threads = min(threads, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)
    terminal = logging.StreamHandler()
    terminal.setLevel(logging.WARNING)
    handlers = [terminal]
    if log_file:
        handlers.append(logging.FileHandler(log_file, mode="w"))
    logging.basicConfig(
        level=logging.INFO, handlers=handlers, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    sys.excepthook = _log_exception


def _log_exception(kind, error, trace) -> None:
    """A fault in the input is one sentence; anything else keeps its traceback, in the log and on the terminal."""
    expected = isinstance(error, ValueError | FileNotFoundError | FloatingPointError)
    log.error("%s", error, exc_info=None if expected else (kind, error, trace))


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
