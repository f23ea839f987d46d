"""Whether torch follows operations, to differentiate, record or replace them."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn
from torch.autograd import forward_ad
from torch.utils import _device, _python_dispatch

PLAIN = (torch.Tensor, nn.Parameter, nn.Buffer)


def follows(x: torch.Tensor) -> bool:
    """Return whether only torch's own operations may handle x.

    That is so if x carries a tangent, is of a subclass, has no values (`meta`) or is wrapped by
    torch.func, and under every tracer and mode: torch.jit.trace, make_fx, torch.export,
    torch.compile, fake tensors, dispatch and function modes. A default device is no such mode.
    """
    if torch.compiler.is_compiling():
        return True
    modes = torch.overrides._get_current_function_mode_stack()
    return (
        type(x) not in PLAIN
        or x.device.type not in ("cpu", "cuda")
        or torch._C._functorch.is_functorch_wrapped_tensor(x)
        or torch._C._functorch.is_legacy_batchedtensor(x)
        or forward_ad.unpack_dual(x).tangent is not None
        or torch.jit.is_tracing()
        or torch._C._len_torch_dispatch_stack() > 0
        or any(not isinstance(mode, _device.DeviceContext) for mode in modes)
    )


def records() -> bool:
    """Return whether a program is recorded, which may run on another number of images."""
    return (
        torch.compiler.is_compiling()
        or torch.jit.is_tracing()
        or torch._C._get_dispatch_mode(torch._C._TorchDispatchModeKey.PROXY) is not None
    )


def beside(constant: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Return a constant as the mode of a fake x takes it.

    Raises:
        ValueError: make_fx records operations of fake tensors, and would lose the values.
    """
    mode = getattr(x, "fake_mode", None)
    if mode is None or mode.allow_non_fake_inputs:
        return constant
    if torch._C._get_dispatch_mode(torch._C._TorchDispatchModeKey.PROXY) is not None:
        raise ValueError(
            "make_fx must see the filters of Scattering2D: got fake tensors; "
            "use tracing_mode='real' or _allow_non_fake_inputs=True."
        )
    return mode.from_tensor(constant)


def plain(x: torch.Tensor) -> np.ndarray:
    """Return a tensor of the CPU as a contiguous array."""
    return x.detach().resolve_neg().contiguous().numpy()


@contextmanager
def paused() -> Iterator[None]:
    """Compute tensors in the block that no transform, mode or trace wraps or records."""
    tracer = torch._C._get_tracing_state()
    set_tracer = torch._C._set_tracing_state  # type: ignore[attr-defined]
    set_tracer(None)
    try:
        with (
            torch.inference_mode(False),
            torch._C._DisableFuncTorch(),
            torch._C.DisableTorchFunction(),
            _python_dispatch._disable_current_modes(),
        ):
            yield
    finally:
        set_tracer(tracer)
