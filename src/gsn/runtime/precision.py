"""The precision of torch in a block, whatever its defaults and autocast say."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch


def without_autocast(device: torch.device | str) -> AbstractContextManager:
    """Return a context in which the operations keep the precision of their inputs."""
    kind = torch.device(device).type
    if torch.amp.is_autocast_available(kind):
        return torch.autocast(kind, enabled=False)
    return nullcontext()


@contextmanager
def single(device: torch.device | str | None = None) -> Iterator[None]:
    """Compute in float32 in the block, with new tensors on the device.

    Without a device they are on the CPU, but stay on `meta` in a block of that: there a network is
    built without memory.
    """
    default = torch.get_default_dtype()
    if device is None:
        device = "meta" if torch.get_default_device().type == "meta" else "cpu"
    torch.set_default_dtype(torch.float32)
    try:
        with without_autocast(device), torch.device(device):
            yield
    finally:
        torch.set_default_dtype(default)
