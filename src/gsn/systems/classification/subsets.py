"""Random subsets of training images, the same share of each class, and what an error is worth."""

import numpy as np
from scipy import stats
from sklearn.model_selection import train_test_split


def drawn(labels: np.ndarray, n: int, *, seed: int) -> np.ndarray:
    """Return the rows of a random subset in which each class has its share.

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
    classes = len(np.unique(labels))
    if not classes <= n <= len(labels):
        raise ValueError(
            f"a subset must have from {classes} rows, one a class, to {len(labels)}, all: "
            f"got {n}; use a size between."
        )
    if n > len(labels) - classes:  # scikit-learn leaves out at least one row a class
        return np.sort(np.random.default_rng(seed).permutation(len(labels))[:n])
    kept, _ = train_test_split(
        np.arange(len(labels)), train_size=n, stratify=labels, random_state=seed
    )
    return np.sort(kept)


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
