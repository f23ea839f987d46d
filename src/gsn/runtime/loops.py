"""Compiled loops, kept on the disk where that is possible."""

from collections.abc import Callable

import numba

FAST = {"reassoc", "contract", "arcp", "nsz"}  # reorders sums; NaN is preserved


def compiled(**options) -> Callable[[Callable], Callable]:
    """Return a decorator that compiles a function by numba.

    The machine code is kept beside the module or in the user's cache. Where neither can be written,
    it is compiled again in each process.

    Args:
        options: Options of numba.njit.
    """

    def decorate(function: Callable) -> Callable:
        try:
            return numba.njit(cache=True, **options)(function)
        except RuntimeError:  # no folder for the cache
            return numba.njit(**options)(function)

    return decorate
