"""The kernel of a GPU, where it can be compiled."""

import functools
import logging
from collections.abc import Callable

import torch

from gsn.runtime import machine

log = logging.getLogger(__name__)


@functools.cache
def product_and_fold() -> Callable | None:
    """Return `fused.product_and_fold`, or None if Triton cannot compile it.

    Triton needs Linux and a C compiler.
    """
    try:
        from gsn.transforms.scattering2d.fused import product_and_fold as fused

        x_hat, f_hat = torch.zeros(1, 2, 2, dtype=torch.complex64), torch.zeros(1, 2, 2)
        fused(x_hat.to(machine.device()), f_hat.to(machine.device()), 1)
    except Exception as error:  # Triton raises many kinds
        log.warning("scattering runs without its kernel, which is slower: %s", error)
        return None
    return fused
