"""Arguments of the whitening, checked: rows in blocks, counts, and operands of the equations."""

from typing import Any

import dask.array as da
import numpy as np

from gsn.runtime import arguments

SOLVERS = ("subspace", "incremental")


def rows(array: Any) -> da.Array:
    """Return an array in blocks of whole rows, once its shape and its kind are right.

    Raises:
        ValueError: It does not have the shape (n, p), or is not of real numbers in plain arrays.
    """
    if hasattr(array, "detach") or isinstance(array, list | tuple | str | bytes):
        array = arguments.array("the coefficients", array)
    elif hasattr(array, "to_numpy") and not hasattr(array, "dims"):  # a table, but not of xarray
        array = arguments.of_table(array)
    if getattr(getattr(array, "dtype", None), "kind", "") == "O":
        raise ValueError("the coefficients must be real numbers: got Python objects; use astype.")
    array = da.asarray(array)
    if array.ndim != 2 or np.isnan(array.shape).any():
        raise ValueError(
            f"the array must be (n, p), both known: got {array.shape}; reshape it or call "
            "compute_chunk_sizes()."
        )
    if array.dtype.kind not in "biuf" or type(array._meta) is not np.ndarray:
        kind = type(array._meta).__name__
        raise ValueError(
            f"the coefficients must be real numbers in plain arrays: got {array.dtype}, {kind}; "
            "put real and imaginary parts side by side, fill masked values, or use astype."
        )
    return array.rechunk({1: -1})


def of_fit(
    array: da.Array, rank: int, *, solver: str, parts: int, tolerance: float, seed: int
) -> tuple[int, int, float, int]:
    """Return rank, parts, tolerance and seed as plain numbers.

    Raises:
        ValueError: One of them is none or out of its range, or the solver is unknown.
    """
    n, p = array.shape
    if not isinstance(rank, int) or isinstance(rank, bool):
        rank = arguments.integer("rank", rank, least=1)
    if not 1 <= rank <= min(n - 1, p):
        raise ValueError(
            f"the rank must be from 1 to min(n - 1, p): got rank={rank}, n={n} images, p={p} "
            f"coefficients; ask for d and rank of {min(n - 1, p)} or less, or use more training "
            "images (those that on_error: skip left out do not count)."
        )
    if solver not in SOLVERS:
        raise ValueError(f"the solver must be {' or '.join(SOLVERS)}: got {solver!r}.")
    return (
        rank,
        arguments.integer("parts", parts, least=0),
        arguments.real("tolerance", tolerance, above=0, such_as=1e-4),
        arguments.integer("seed", seed, least=0),
    )


def operands(**given: Any) -> tuple[np.ndarray, ...]:
    """Return the rows S or z, and mu, components and eigenvalues, as arrays that fit together.

    Rows of numpy, one row or several, and arrays of dask remain as they are.

    Raises:
        ValueError: One of them is not of real numbers, or has another length than the others.
    """
    plain = [_plain(name, values) for name, values in given.items()]
    (first, *_), (rows, mu, components, eigenvalues) = given, plain
    d, p = components.shape if components.ndim == 2 else (-1, -1)
    length = p if first == "S" else d
    if rows.shape[-1:] != (length,) or mu.shape != (p,) or eigenvalues.shape != (d,):
        shapes = ", ".join(f"{n} {a.shape}" for n, a in zip(given, plain, strict=True))
        raise ValueError(
            f"{first}, mu, components and eigenvalues must be (n, {'p' if first == 'S' else 'd'}), "
            f"(p,), (d, p) and (d,): got {shapes}; take all of one fit."
        )
    return (rows, mu, components, eigenvalues)


def _plain(name: str, values: Any) -> np.ndarray:
    """Return an array of real numbers, one of dask as it is."""
    if not isinstance(values, da.Array):
        return arguments.array(name, values)
    if values.dtype.kind not in "biuf":
        raise ValueError(
            f"{name} must be real: got {values.dtype}; put the two parts side by side."
        )
    return values
