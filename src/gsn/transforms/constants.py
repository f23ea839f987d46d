"""Tensors that a transform computes once for each precision and device that asks for them."""

from collections.abc import Callable, Hashable
from typing import Any

import torch


class Constants:
    """What was computed once; a copy or a pickle begins without it.

    Example:
        >>> import torch
        >>> from gsn.transforms.constants import Constants
        >>> constants = Constants()
        >>> make = lambda double: torch.ones(2, dtype=torch.float64 if double else torch.float32)
        >>> first = constants("ones", torch.zeros(1), make)
        >>> constants("ones", torch.zeros(9), make) is first
        True
    """

    def __init__(self):
        self._known: dict = {}

    def __getstate__(self) -> dict:
        """Return the state of a new one."""
        return {"_known": {}}

    def __call__(self, key: Hashable, like: torch.Tensor, make: Callable[[bool], Any]) -> Any:
        """Return what a key stands for, for the precision and the device of a tensor.

        Args:
            key: Anything that tells the constants of an object apart.
            like: Tensor, real or complex.
            make: Function that computes it, given whether the precision is double.
        """
        double = like.dtype in (torch.float64, torch.complex128)
        known = (key, double, like.device)
        if known not in self._known:
            with torch.inference_mode(False):  # for gradients in later calls
                self._known[known] = make(double)
        return self._known[known]


def real(double: bool) -> torch.dtype:
    """Return the real type of a precision."""
    return torch.float64 if double else torch.float32
