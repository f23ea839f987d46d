"""The machine a stage runs on: device, threads, logging, progress, files that appear whole."""

import contextlib
import csv
import ctypes
import errno
import hashlib
import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import tqdm

log = logging.getLogger(__name__)
FULL = (errno.ENOSPC, errno.EDQUOT)  # what the system says of a full disk


def start(log_file: str | None, threads: int, *, append: bool = False) -> int:
    """Log to the file, and keep the numerical libraries to some threads.

    Call it before numpy and torch are imported: OpenMP and BLAS read their number of threads once.

    Args:
        log_file: where the log goes, if anywhere.
        threads: as many as the job was given.
        append: to the log that is there, of a job that goes on.

    Returns:
        The number of threads to use: `threads`, or the number of processors if that is smaller.
    """
    threads = min(threads, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)
    logging.basicConfig(
        level=logging.INFO,
        handlers=[logging.FileHandler(log_file, mode="a" if append else "w") if log_file else logging.StreamHandler()],
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        force=True,
    )
    sys.excepthook = _log_exception
    return threads


def _log_exception(kind, error, trace) -> None:
    """What gsn itself refuses is one sentence in the log; anything else keeps its traceback."""
    if kind is KeyboardInterrupt:
        log.error("interrupted")
        return
    ours = Path(__file__).parent in Path(traceback.extract_tb(trace)[-1].filename).parents
    refused = ours and issubclass(kind, (ValueError, FloatingPointError, OSError))
    if getattr(error, "errno", None) in FULL:
        error, refused = f"the disk must have room for what is written: {error}; free some and run again.", True
    log.error("%s", error, exc_info=None if refused else (kind, error, trace))


def announce(message: str) -> None:
    """Tell the user, on the terminal and in the log, what they should know and would not look for."""
    log.warning("%s", message)
    print(message, file=sys.stderr, flush=True)


def device():
    """The torch device to compute on: the first GPU where there is one."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@contextmanager
def processes() -> Iterator["torch.device"]:  # noqa: F821
    """The device of this process; in a group with the others if torchrun started several."""
    import torch
    import torch.distributed as dist

    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield device()
        return
    own, wanted, found = device(), int(os.environ["LOCAL_WORLD_SIZE"]), torch.cuda.device_count()
    if own.type == "cuda":
        if wanted > found:
            raise ValueError(f"each process needs a GPU of its own: found {found} for {wanted}; start {found}.")
        own = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(own)
    else:
        log.warning("%d processes share the CPU: torch found no GPU.", wanted)
    dist.init_process_group("nccl" if own.type == "cuda" else "gloo")
    try:
        yield own
    finally:
        dist.destroy_process_group()


def ahead(function: Callable, items: Iterable, *, threads: int = 1) -> Iterator:
    """function(item) of each item, in their order; threads compute some before they are asked for."""
    results: deque[Future] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for item in items:
                results.append(pool.submit(function, item))
                if len(results) > 2 * threads:
                    yield results.popleft().result()
            while results:
                yield results.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def to_host(tensors: Iterable["torch.Tensor"]) -> Iterator["numpy.ndarray"]:  # noqa: F821
    """Tensors as arrays; those of a GPU are copied while the next is computed."""
    import torch

    copies = torch.cuda.Stream() if torch.cuda.is_available() else None
    arriving = deque()  # at most two: an array in page-locked memory, and the event of its being filled
    for tensor in tensors:
        if not tensor.is_cuda:
            yield tensor.numpy()
            continue
        copies.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(copies):
            arriving.append((tensor.to("cpu", non_blocking=True), copies.record_event()))
        tensor.record_stream(copies)
        if len(arriving) > 1:
            yield _arrived(*arriving.popleft())
    while arriving:
        yield _arrived(*arriving.popleft())


def _arrived(host: "torch.Tensor", filled: "torch.cuda.Event") -> "numpy.ndarray":  # noqa: F821
    filled.synchronize()
    return host.numpy()


def keep_memory() -> None:
    """Have glibc keep what is freed for the arrays of the next step: the system's pages have to be zeroed first."""
    with contextlib.suppress(OSError, AttributeError):  # another C library
        libc = ctypes.CDLL(None)
        for parameter in (-3, -1):  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD
            libc.mallopt(parameter, 2**31 - 1)


@contextmanager
def signals() -> Iterator[Callable[[], bool]]:
    """A function that says whether SIGTERM or SIGINT came, so that the block can end in order; a second SIGINT ends it.

    Not a second SIGTERM, which torchrun and Slurm send for good measure.
    """
    came = []

    def note(number, _):
        came.append(number)
        if number == signal.SIGINT:
            signal.signal(number, before[number])

    main = threading.current_thread() is threading.main_thread()  # no other may handle signals
    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)} if main else {}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Progress:
    """A live line with rate and time left on a terminal, if shown; in the log a line a minute and one at the end."""

    def __init__(self, *, total: int | None, unit: str, label: str, done: int = 0, shown: bool = True):
        self.total, self.unit, self.label, self.done, self.first = total, unit, label, done, done
        self.begun = self.logged = time.monotonic()
        self.bar = tqdm.tqdm(
            total=total,
            initial=done,
            unit=unit,
            desc=label,
            disable=None if shown else True,
            dynamic_ncols=True,
            unit_scale=unit == "B",
        )

    def update(self, k: int, **notes) -> None:
        """k more are done; the notes are shown behind the live line."""
        self.done += k
        self.bar.set_postfix(notes, refresh=False)
        self.bar.update(k)
        if time.monotonic() - self.logged > 60:
            self._log()

    def over(self, batches: Iterable) -> Iterator:
        """The same batches, each counted when the next is asked for."""
        for batch in batches:
            yield batch
            self.update(len(batch))

    def reach(self, done: int, total: int | None) -> None:
        """So many are done, of a total that became known on the way."""
        self.total = self.bar.total = total
        self.update(done - self.done)

    def close(self) -> None:
        self.bar.close()
        self._log()

    def _log(self) -> None:
        self.logged = time.monotonic()
        rate = (self.done - self.first) / max(self.logged - self.begun, 1e-9)
        scale, unit = (1e6, "MB") if self.unit == "B" else (1, self.unit)
        total = f" of {self.total / scale:.10g}" if self.total else ""
        log.info("%s: %.10g%s, %.4g %s/s", self.label, self.done / scale, total, rate / scale, unit)


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """A path to write to, which becomes `path` by a rename when the block ends well and goes away otherwise."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.writing{path.suffix}")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def write_csv(path: str | Path, header: Iterable[str], rows: Iterable[Iterable]) -> None:
    """Write a table whole, in UTF-8; names of files that are not keep their bytes."""
    with (
        whole_file(path) as partial,
        open(partial, "w", newline="", encoding="utf-8", errors="surrogateescape") as file,
    ):
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def digest(paths: Iterable[str | Path]) -> str:
    """A checksum of the bytes of some files, in their order."""
    total = hashlib.blake2b(digest_size=16)
    for path in paths:
        with open(path, "rb") as file:
            total.update(hashlib.file_digest(file, "blake2b").digest())
    return total.hexdigest()
