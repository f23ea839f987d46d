"""Retrieval from a memory: the nearest stored address of each query."""

import numpy as np

from gsn.metrics import features
from gsn.runtime import arguments


def recall(
    addresses: np.ndarray, queries: np.ndarray, *, n: int | None = None, rows: int = 512
) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest stored address of each query, and how far it is.

        i* = argmin_i ||q - a_i||

    Of equal distances the first address is taken. Makes one pass over the addresses. Memory holds
    some rows of both in float64, whatever their numbers.

    Args:
        addresses: Addresses, (n, ...) real, or an array of a store.
        queries: Addresses of the queries, (m, ...) real, of the same shape of a row.
        n: Number of the first addresses that are searched; all by default.
        rows: Number of rows of addresses, and of queries, that are compared at once.

    Returns:
        Numbers of the nearest rows, (m,) int64, and distances in the units of the addresses, (m,)
        float64.

    Raises:
        ValueError: There is no address or no query, one is not finite, or their sizes differ.

    References:
        T. Angles and S. Mallat, Generative networks as inverse problems with scattering
        transforms, ICLR, 2018, section 2.1.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.memory import recall
        >>> addresses = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])
        >>> numbers, distances = recall(addresses, np.array([[3.0, 0.0], [0.0, 4.0]]))
        >>> numbers.tolist(), distances.round(6).tolist()
        ([1, 2], [1.0, 0.0])
    """
    n = arguments.integer("n", len(addresses) if n is None else n, least=0)
    rows, n = arguments.integer("rows", rows, least=1), min(n, len(addresses))
    nearest = np.zeros(len(queries), dtype=np.int64)
    least = np.full(len(queries), np.inf)
    names = ("the addresses", "the queries")
    if not n:
        features.checked(names[0], addresses[:0], least=1)
    for start in range(0, n, rows):
        stored = addresses[start : min(start + rows, n)]
        stored, asked = features.pair(names, stored, queries, least=1)
        entries = rows * len(stored)
        for part, squares in features.squared_distances(asked, stored, entries=entries):
            found = squares.argmin(axis=1)
            distance = squares[np.arange(len(found)), found]
            better = distance < least[part]
            nearest[part] = np.where(better, start + found, nearest[part])
            least[part] = np.where(better, distance, least[part])
    return nearest, np.sqrt(least)
