"""Arguments of public functions as plain Python and numpy, or one sentence about what is wrong."""

import math
import operator
import os
from pathlib import Path
from typing import Any

import numpy as np


def integer(name: str, value: int, *, least: int, such_as: int | None = None) -> int:
    """Return a number as a Python integer.

    Args:
        name: Name of the argument.
        value: Number.
        least: Smallest value.
        such_as: A good value, for the message, where the smallest one is none.

    Raises:
        ValueError: It is no integer, or less than `least`.

    Example:
        >>> from gsn.runtime import arguments
        >>> arguments.integer("batch", np.int64(8), least=1)
        8
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    # Not the numbers 0 and 1; those of torch pass for integers too.
    truth = isinstance(value, bool) or "bool" in str(getattr(value, "dtype", ""))
    if truth or number < least:
        near = _near(value, least)
        near = such_as if such_as is not None and near == least else near
        raise ValueError(
            f"{name} must be an integer of at least {least}: got {shown(value)}; use {near}."
        )
    return number


def _near(value: object, least: int) -> int:
    """Return an allowed integer near a value that is none."""
    try:
        return max(int(value), least)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        return least


def real(
    name: str,
    value: float,
    *,
    least: float = -math.inf,
    above: float = -math.inf,
    below: float = math.inf,
    such_as: float,
) -> float:
    """Return a number as a Python float.

    Args:
        name: Name of the argument.
        value: Number.
        least: Smallest value.
        above: Number that it must be above.
        below: Number that it must be below.
        such_as: A good value, for the message.

    Raises:
        ValueError: It is no number, not finite, or out of its range.

    Example:
        >>> from gsn.runtime import arguments
        >>> arguments.real("ema", 0.5, least=0, below=1, such_as=0.999)
        0.5
    """
    try:
        number = math.nan if isinstance(value, bool | str | bytes) else float(value)
    except (TypeError, ValueError, RuntimeError):
        number = math.nan
    if math.isfinite(number) and number >= least and above < number < below:
        return number
    bounds = {"of at least": least, "above": above, "below": below}
    words = [f"{word} {bound:g}" for word, bound in bounds.items() if math.isfinite(bound)]
    raise ValueError(
        f"{name} must be a finite number {' and '.join(words)}: got {shown(value)}; "
        f"use one such as {such_as:g}."
    )


def path(name: str, value: str | Path) -> Path:
    """Return the path of a file.

    Raises:
        ValueError: It is no path, or the path of a folder.
    """
    if not isinstance(value, str | os.PathLike):
        raise ValueError(f"{name} must be the path of a file: got {shown(value)}; name one.")
    if os.path.isdir(value):
        raise ValueError(f"{name} must be the path of a file: {value} is a folder; name another.")
    return Path(value)


def array(name: str, values: Any, *, kinds: str = "biuf") -> np.ndarray:
    """Return values as an array of numpy, which may share their memory.

    Tensors lose their gradient. bfloat16 becomes float32, which holds the same numbers. What is
    missing in a table of numbers becomes NaN.

    Args:
        name: Name of the argument.
        values: Array, tensor, table of pandas, or lists of numbers.
        kinds: Kinds of numpy's types that are accepted.

    Raises:
        ValueError: The values are sparse, ragged, masked, absent, or of another kind.

    Example:
        >>> import torch
        >>> from gsn.runtime import arguments
        >>> arguments.array("z", torch.ones(2, 3, dtype=torch.bfloat16)).dtype
        dtype('float32')
    """
    if hasattr(values, "detach"):
        found = _of_tensor(name, values)
    elif hasattr(values, "__fspath__") or isinstance(values, str | bytes):
        raise ValueError(
            f"{name} must be an array: got the text {shown(str(values))}; open the file first."
        )
    else:
        try:
            found = np.asanyarray(of_table(values) if hasattr(values, "to_numpy") else values)
        except (ValueError, TypeError) as error:  # ragged lists, for example
            raise ValueError(
                f"{name} must be an array: got a {type(values).__name__} that numpy does not take "
                f"({gist(error)}); make all rows of one length."
            ) from error
    if np.ma.is_masked(found):
        raise ValueError(f"{name} must have no masked values: got some; use x.filled(0).")
    if found.dtype.kind not in kinds:
        remedy = "put the two parts side by side" if found.dtype.kind == "c" else "use x.astype"
        raise ValueError(f"{name} must be real: got {found.dtype}; {remedy}.")
    return np.asarray(found, dtype=found.dtype.newbyteorder("="))


def of_table(values: Any) -> np.ndarray:
    """Return a table or a column of pandas, or what is like one, as an array of numpy."""
    types = np.atleast_1d(getattr(values, "dtypes", "O"))
    if all(getattr(kind, "kind", "O") in "biuf" for kind in types) and any(
        hasattr(kind, "na_value") for kind in types
    ):
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    return values.to_numpy()


def _of_tensor(name: str, values: Any) -> np.ndarray:
    """Return a tensor as an array of numpy."""
    dense = not values.is_nested and not values.is_meta and str(values.layout) == "torch.strided"
    if not dense or values.is_quantized:
        kind = "meta" if values.is_meta else str(values.layout).removeprefix("torch.")
        remedy = "give it values" if values.is_meta else "use x.to_dense()"
        raise ValueError(f"{name} must be a dense tensor: got a {kind} one; {remedy}.")
    values = values.detach().cpu().resolve_conj().resolve_neg()
    if "float8" in str(values.dtype) or "bfloat16" in str(values.dtype):
        values = values.float()
    return values.numpy()


def gist(error: BaseException) -> str:
    """Return the first sentence of an error of a library, in one line, for a sentence of ours."""
    text = " ".join(str(error).split()) or type(error).__name__
    text = text.split(". ")[0].rstrip(":. ")
    return text if len(text) <= 160 else f"{text[:159]}…"


def shown(value: object) -> str:
    """Return a value in one line of at most 80 characters."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:79]}…"
