"""The machine that a stage runs on: its devices, its processes, its memory, its name in words."""

import contextlib
import ctypes
import logging
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gsn.runtime import gpus

if TYPE_CHECKING:  # slow to import
    import torch

log = logging.getLogger(__name__)


def device() -> "torch.device":
    """Return the torch device to compute on: a GPU, or the CPU if there is none.

    Of several GPUs it is the first one that no other process of gsn computes on.
    """
    import torch

    if not torch.cuda.is_available():
        return torch.device("cpu")
    if (n := torch.cuda.device_count()) == 1:
        return torch.device("cuda")
    own = torch.device("cuda", gpus.first_free(n))
    torch.cuda.set_device(own)
    return own


def chosen(name: "torch.device | str | int | None") -> "torch.device":
    """Return a device that was asked for, or the first GPU or the CPU for None.

    Raises:
        ValueError: torch does not know it, or does not find it on this machine.
    """
    import torch

    if name is None:
        return device()
    try:
        found = torch.device(name)
    except (RuntimeError, TypeError) as error:
        raise ValueError(
            f"device must be one of torch's, such as 'cpu' or 'cuda:0': got {name!r}; "
            "use one of them."
        ) from error
    if found.type == "meta":
        raise ValueError("device must hold numbers: got 'meta'; use 'cpu'.")
    there, gpus = True, torch.cuda.device_count()
    if found.type == "cuda":
        there = (found.index or 0) < gpus
    else:
        try:
            torch.zeros(1, device=found)
        except (RuntimeError, AssertionError, ImportError):  # each kind has its own
            there = False
    if not there:
        raise ValueError(
            f"device={str(name)!r} must be one that torch finds: found {gpus} GPUs; use 'cpu'."
        )
    return found


@contextmanager
def processes() -> Iterator["torch.device"]:
    """Yield the device of this process.

    If torchrun started several processes, they form a group first.

    Raises:
        ValueError: There are GPUs, but fewer than processes.
    """
    import torch
    import torch.distributed as dist

    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield device()
        return
    wanted, found = int(os.environ["LOCAL_WORLD_SIZE"]), torch.cuda.device_count()
    own = torch.device("cpu")
    if torch.cuda.is_available():
        if wanted > found:
            raise ValueError(
                f"each process needs a GPU of its own: found {found} for {wanted}; start {found}."
            )
        own = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(own)
        gpus.hold(own.index)
    else:
        log.warning("%d processes share the CPU: torch found no GPU.", wanted)
    dist.init_process_group("nccl" if own.type == "cuda" else "gloo")
    try:
        yield own
    finally:
        dist.destroy_process_group()


def keep_memory() -> None:
    """Make glibc keep freed memory for the next step: the system has to zero new pages."""
    with contextlib.suppress(OSError, AttributeError):  # another C library
        libc = ctypes.CDLL(None)
        for parameter in (-3, -1):  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD
            libc.mallopt(parameter, 2**31 - 1)


def description() -> str:
    """Return the hardware and the versions of Python and torch in one line."""
    import torch

    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    hardware = f"{os.cpu_count()} cores of {names[0] if names else platform.machine()}"
    if torch.cuda.is_available():
        hardware = f"{torch.cuda.get_device_name()}, {hardware}"
    return f"{hardware}; Python {platform.python_version()}, torch {torch.__version__}"
