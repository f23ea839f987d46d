"""What a training works on, checked before it starts: numbers, network, functions, arrays."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch
from torch import nn

from gsn.runtime import arguments


def counts(**given: int) -> Iterator[int]:
    """Yield epochs, batch and seed as integers; the seed may be 0.

    Raises:
        ValueError: One of them is none, or too small.
    """
    for name, value in given.items():
        yield arguments.integer(name, value, least=0 if name == "seed" else 1)


def sizes(learning_rate: float, ema: float, noise: float) -> tuple[float, float, float]:
    """Return the three as finite numbers.

    Raises:
        ValueError: One of them is none, or out of its range.
    """
    return (
        arguments.real("learning_rate", learning_rate, above=0, such_as=0.002),
        arguments.real("ema", ema, least=0, below=1, such_as=0.999),
        arguments.real("noise", noise, least=0, such_as=0.1),
    )


def callables(network: nn.Module, **functions: Callable | None) -> None:
    """Check the network and the functions.

    Raises:
        ValueError: The network is none of torch, or has nothing to train; a function is none.
    """
    if not isinstance(network, nn.Module) or not any(True for _ in network.parameters()):
        raise ValueError(
            "network must be a torch.nn.Module with parameters: got "
            f"{type(network).__name__}; use one, such as gsn.networks.generator.Generator."
        )
    for name, function in functions.items():
        left_out = function is None and name in ("measure", "finish")
        if not left_out and not callable(function):
            raise ValueError(
                f"{name} must be a function: got {arguments.shown(function)}; use one, as the "
                "docstring of gsn.training.train says."
            )


def rows(arrays: Iterable) -> list[np.ndarray]:
    """Return the arrays of a training as arrays of numpy that torch takes.

    Raises:
        ValueError: They are one array instead of several, or one of them is no array of numbers.
    """
    if hasattr(arrays, "shape") or isinstance(arrays, dict | str | bytes):
        raise ValueError(
            "arrays must be a sequence of arrays: got a single "
            f"{type(arrays).__name__}; use (x,) for one array."
        )
    found = []
    for i, values in enumerate(arrays):
        array = arguments.array(f"arrays[{i}]", values, kinds="biufc")
        if isinstance(values, list | tuple) and array.dtype == np.float64:
            array = array.astype(np.float32)  # as torch reads lists
        if array.ndim == 0:
            raise ValueError(
                f"arrays[{i}] must have rows: got {arguments.shown(values)}; use one row for each "
                "example."
            )
        try:
            torch.from_numpy(np.empty(0, array.dtype))
        except TypeError as error:
            raise ValueError(
                f"arrays[{i}] must be of a type that torch has: got {array.dtype}; "
                "use x.astype('float32')."
            ) from error
        if any(stride < 0 for stride in array.strides):  # torch has none
            array = np.ascontiguousarray(array)
        found.append(array)
    return found
