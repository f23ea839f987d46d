"""Random subsets of training images, the same share of each class, and what an error is worth."""

import numpy as np
from scipy import stats


def drawn(labels: np.ndarray, n: int, *, seed: int) -> np.ndarray:
    """Return the rows of a random subset in which each class has its share.

    The share is right up to one row. Small classes have two rows, which cross-validation needs, if
    they have them and n is at least twice the number of classes.

    Args:
        labels: Labels of all rows, (N,).
        n: Number of rows to draw, at least the number of classes.
        seed: Seed of the draw.

    Returns:
        Rows in increasing order, (n,). All of them if n is N.

    Raises:
        ValueError: n is less than the number of classes, or more than N.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.classification import subsets
        >>> labels = np.repeat([0, 1], [30, 70])
        >>> np.bincount(labels[subsets.drawn(labels, 10, seed=0)]).tolist()
        [3, 7]
    """
    classes = np.unique(labels)
    if not len(classes) <= n <= len(labels):
        raise ValueError(
            f"a subset must have from {len(classes)} rows, one a class, to {len(labels)}, all: "
            f"got {n}; use a size between."
        )
    order = np.random.default_rng(seed).permutation(len(labels))
    quantile = np.empty(len(labels))  # of a row within its class, in the random order
    for k in classes:
        own = order[labels[order] == k]
        quantile[own] = (np.arange(len(own)) + 0.5) / len(own)
        quantile[own[:2]] = range(-2, min(len(own), 2) - 2)  # before all others
    return np.sort(np.argsort(quantile, kind="stable")[:n])


def each(labels: np.ndarray, n: int, *, seed: int) -> np.ndarray:
    """Return n random rows of each class, in increasing order.

    Args:
        labels: Labels of all rows, (N,).
        n: Number of rows of each class.
        seed: Seed of the draw.

    Raises:
        ValueError: A class has fewer rows.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.classification import subsets
        >>> labels = np.repeat([0, 1], [30, 70])
        >>> np.bincount(labels[subsets.each(labels, 5, seed=0)]).tolist()
        [5, 5]
    """
    classes, counts = np.unique(labels, return_counts=True)
    if counts.min() < n:
        raise ValueError(
            f"each class must have {n} images: class {classes[np.argmin(counts)]} has "
            f"{counts.min()}; ask for fewer."
        )
    rng = np.random.default_rng(seed)
    chosen = [rng.permutation(np.flatnonzero(labels == k))[:n] for k in classes]
    return np.sort(np.concatenate(chosen))


def interval(wrong: int, n: int) -> tuple[float, float]:
    """Return Wilson's interval of 95 % of an error rate.

    Args:
        wrong: Number of wrong answers.
        n: Number of answers.

    Example:
        >>> from gsn.systems.classification import subsets
        >>> [round(100 * bound, 2) for bound in subsets.interval(43, 10_000)]
        [0.32, 0.58]
    """
    found = stats.binomtest(int(wrong), int(n)).proportion_ci(0.95, method="wilson")
    return float(found.low), float(found.high)
