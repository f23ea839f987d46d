"""Sets of features: what they must be, and the distances between two of them in blocks.

A set of features has one row for each image: z, its pixels, or the outputs of a network.
"""

from collections.abc import Iterator

import numpy as np

ENTRIES = 2**24  # distances in memory at once: 128 MiB
ROUNDING = 1e-13  # of the squared norms: a squared distance below it is that of equal rows


def checked(name: str, rows: np.ndarray, *, least: int) -> np.ndarray:
    """Return a set of features as a matrix, if it can be measured.

    Makes one pass. Images are flattened. Memory holds nothing beside the rows.

    Args:
        name: Name of the set, for the messages.
        rows: Features, (n, ...) real.
        least: Smallest number of rows, at least 1.

    Returns:
        Features, (n, d), in the dtype of the rows and without a copy where that is possible.

    Raises:
        ValueError: The rows are no matrix, are too few, or have a NaN or an infinity.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.features import checked
        >>> checked("x", np.zeros((5, 3, 4, 4)), least=2).shape
        (5, 48)
    """
    rows = np.asarray(rows)
    if rows.ndim < 2 or 0 in rows.shape[1:]:
        raise ValueError(
            f"{name} must have rows of at least one number, (n, d): got the shape {rows.shape}; "
            "reshape it."
        )
    if len(rows) < least:
        raise ValueError(f"{name} must have at least {least} rows: got {len(rows)}; use more.")
    rows = rows.reshape(len(rows), -1)
    sums = np.sum(rows, axis=1, dtype=np.float64)  # of a NaN or an infinity: not finite
    if not np.isfinite(sums).all():
        raise ValueError(
            f"{name} must be finite: row {np.argmin(np.isfinite(sums))} has a NaN or an infinity; "
            "leave it out."
        )
    return rows


def varying(name: str, rows: np.ndarray, *, least: int) -> np.ndarray:
    """Return a set of features as a matrix, if each component varies over its rows.

    Args:
        name: Name of the set, for the messages.
        rows: Features, (n, ...) real.
        least: Smallest number of rows, at least 2.

    Returns:
        Features, (n, d).

    Raises:
        ValueError: As for `checked`, or a component is constant.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.features import varying
        >>> varying("z", np.eye(3), least=2).shape
        (3, 3)
    """
    rows = checked(name, rows, least=least)
    constant = rows.min(axis=0) == rows.max(axis=0)
    if constant.any():
        raise ValueError(
            f"each component of {name} must vary: component {np.argmax(constant)} is constant; "
            "leave it out."
        )
    return rows


def pair(
    names: tuple[str, str], a: np.ndarray, b: np.ndarray, *, least: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return two sets of features as matrices, if they can be compared.

    Args:
        names: Names of the sets, for the messages.
        a: Features, (n, ...) real.
        b: Other features, (m, ...) real.
        least: Smallest number of rows of each, at least 1.

    Returns:
        Features, (n, d) and (m, d).

    Raises:
        ValueError: As for `checked`, or the numbers of components differ.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.features import pair
        >>> [x.shape for x in pair(("a", "b"), np.eye(3), np.zeros((2, 3)), least=2)]
        [(3, 3), (2, 3)]
    """
    a, b = (checked(name, x, least=least) for name, x in zip(names, (a, b), strict=True))
    if a.shape[1] != b.shape[1]:
        raise ValueError(
            f"{names[0]} and {names[1]} must have the same number of components: "
            f"got {a.shape[1]} and {b.shape[1]}; use the same features for both."
        )
    return a, b


def spread(n: int, most: int) -> np.ndarray:
    """Return the numbers of at most `most` of n rows, evenly spaced from the first to the last.

    Args:
        n: Number of rows.
        most: Largest number of rows to take, at least 1.

    Returns:
        Numbers of rows, (min(n, most),) int64.

    Example:
        >>> from gsn.metrics.features import spread
        >>> spread(9, 3).tolist(), spread(2, 3).tolist()
        ([0, 4, 8], [0, 1])
    """
    return np.linspace(0, n - 1, min(n, most)).astype(np.int64)


def squared_distances(
    a: np.ndarray, b: np.ndarray, *, entries: int = ENTRIES
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield the squared distances of some rows of a to all rows of b, block by block.

        ||a_i - b_j||^2 = ||a_i||^2 + ||b_j||^2 - 2 a_i.b_j

    The rows are first moved by the mean of b, so that little is lost to cancellation. What is below
    the rounding of the norms is 0, as between equal rows. Takes 2 n m d operations. Memory holds b
    in float64, and a block.

    Args:
        a: Features, (n, d) finite.
        b: Features, (m, d) finite.
        entries: Largest number of distances in a block. A block has at least one row.

    Yields:
        The rows of a in the block, and their squared distances, (rows, m) float64.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.features import squared_distances
        >>> a, b = np.array([[0.0, 0.0], [3.0, 4.0]]), np.zeros((1, 2))
        >>> [(rows.start, block.tolist()) for rows, block in squared_distances(a, b, entries=1)]
        [(0, [[0.0]]), (1, [[25.0]])]
    """
    centre = b.mean(axis=0, dtype=np.float64)
    b = b - centre
    b_norms = np.einsum("ij,ij->i", b, b)
    count = max(1, entries // len(b))
    for start in range(0, len(a), count):
        x = a[start : start + count] - centre
        norms = np.einsum("ij,ij->i", x, x)[:, None] + b_norms
        block = x @ b.T
        block *= -2
        block += norms
        block[block < ROUNDING * norms] = 0
        yield slice(start, start + len(x)), block
