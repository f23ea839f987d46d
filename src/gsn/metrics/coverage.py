"""Fidelity, variety and memory of samples, by nearest neighbours in a space of features.

Precision and density ask whether samples lie where real images are. Recall and coverage ask
whether there are samples wherever real images are. Samples that are much nearer to the training
images than held-out images are have been copied from them.

References:
    T. Kynkaanniemi, T. Karras, S. Laine, J. Lehtinen and T. Aila, Improved precision and recall
    metric for assessing generative models, NeurIPS, 2019.

    M. F. Naeem, S. J. Oh, Y. Uh, Y. Choi and J. Yoo, Reliable fidelity and diversity metrics for
    generative models, ICML, 2020.

    C. Meehan, K. Chaudhuri and S. Dasgupta, A non-parametric test to detect data-copying in
    generative models, AISTATS, 2020.
"""

import numpy as np
from scipy import stats

from gsn.metrics.features import ENTRIES, checked, pair, squared_distances


def coverage(
    real: np.ndarray, samples: np.ndarray, *, k: int = 5, entries: int = ENTRIES
) -> dict[str, float]:
    """Return the precision, recall, density and coverage of samples.

        precision = mean_j 1[some i: y_j in B_i]      recall = mean_i 1[some j: x_i in B'_j]
        density = sum_ij 1[y_j in B_i] / (k m)        coverage = mean_i 1[some j: y_j in B_i]

    B_i is the closed ball about the real image x_i that reaches to its k-th nearest real image, not
    counting x_i. B'_j is that of the sample y_j among the m samples. Precision and recall are those
    of Kynkaanniemi et al. (2019), density and coverage those of Naeem et al. (2020).

    For equal laws and n = m, density is about 1, and coverage about 1 - 2^-k. Precision and recall
    of equal laws decrease with d: they are about 0.5 for N(0, I) at d = 512, n = m = 10,000. All
    four depend on n and m. So compare values of the same numbers only, and with those of held-out
    images.

    Takes 2 d (n^2 + n m + m^2) operations. Memory holds a set in float64, and a block of distances.

    Args:
        real: Features of real images, (n, d) real, n at least k + 1.
        samples: Features of samples, (m, d) real, m at least k + 1.
        k: Number of neighbours, at least 1.
        entries: Largest number of distances in a block. A block has at least one row.

    Returns:
        `precision`, `recall` and `coverage`, in [0, 1], and `density`, at least 0.

    Raises:
        ValueError: A set has fewer than k + 1 rows or a NaN, the numbers of features differ, or k
            is less than 1.

    References:
        T. Kynkaanniemi, T. Karras, S. Laine, J. Lehtinen and T. Aila, Improved precision and recall
        metric for assessing generative models, NeurIPS, 2019.

        M. F. Naeem, S. J. Oh, Y. Uh, Y. Choi and J. Yoo, Reliable fidelity and diversity metrics
        for generative models, ICML, 2020.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.coverage import coverage
        >>> real = np.arange(8.0)[:, None]
        >>> coverage(real, np.full((8, 1), 3.2), k=1)  # all samples are at one place
        {'precision': 1.0, 'recall': 0.0, 'density': 2.0, 'coverage': 0.25}
    """
    if k < 1:
        raise ValueError(f"k must be at least 1: got {k}; use more neighbours.")
    real, samples = pair(("the real images", "the samples"), real, samples, least=k + 1)
    radii, radii_of_samples = (_squared_radii(x, k, entries) for x in (real, samples))
    inside = np.zeros(len(samples), dtype=np.int64)  # balls about real images that hold a sample
    recalled, covered = np.zeros((2, len(real)), dtype=bool)
    for rows, block in squared_distances(real, samples, entries=entries):
        held = block <= radii[rows, None]
        inside += np.count_nonzero(held, axis=0)
        covered[rows] = held.any(axis=1)
        recalled[rows] = (block <= radii_of_samples).any(axis=1)
    return {
        "precision": float(np.mean(inside > 0)),
        "recall": float(recalled.mean()),
        "density": float(inside.sum() / (k * len(samples))),
        "coverage": float(covered.mean()),
    }


def _squared_radii(x: np.ndarray, k: int, entries: int) -> np.ndarray:
    """Return the squared distance of each row to the k-th nearest other row, (n,) float64."""
    radii = np.empty(len(x))
    for rows, block in squared_distances(x, x, entries=entries):
        np.fill_diagonal(block[:, rows], -1)  # the row itself comes first
        block.partition(k, axis=1)
        radii[rows] = block[:, k]
    return radii


def nearest(
    a: np.ndarray, b: np.ndarray, *, entries: int = ENTRIES
) -> tuple[np.ndarray, np.ndarray]:
    """Return the distance of each row of a to the nearest row of b, and the number of that row.

    Takes 2 n m d operations. Memory holds b in float64, and a block of distances.

    Args:
        a: Features or images, (n, ...) real, such as those of samples.
        b: Features or images, (m, ...) real, such as those of the training set.
        entries: Largest number of distances in a block. A block has at least one row.

    Returns:
        Distances in the units of the features, (n,) float64, and numbers of rows of b, (n,) int64.

    Raises:
        ValueError: A set has no row or a NaN, or the numbers of features differ.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.coverage import nearest
        >>> distances, rows = nearest(np.array([[1.0], [6.0]]), np.array([[0.0], [4.0], [6.0]]))
        >>> distances.tolist(), rows.tolist()
        ([1.0, 0.0], [0, 2])
    """
    a, b = pair(("a", "b"), a, b, least=1)
    distances, numbers = np.empty(len(a)), np.empty(len(a), dtype=np.int64)
    for rows, block in squared_distances(a, b, entries=entries):
        numbers[rows] = block.argmin(axis=1)
        difference = np.subtract(a[rows], b[numbers[rows]], dtype=np.float64)  # without rounding
        distances[rows] = np.linalg.norm(difference, axis=1)
    return distances, numbers


def copying(samples: np.ndarray, held_out: np.ndarray) -> dict[str, float]:
    """Return whether samples are nearer to the training images than held-out images are.

        closer = P(distance of a sample < distance of a held-out image)

    Equal distances count half. It is 1/2 if the law was learnt and nothing copied, and 1 if all was
    copied. It is small for samples that are far from all images. The test is that of Mann &
    Whitney, as in Meehan et al. (2020), without their division of the space into cells.

    Args:
        samples: Distance of each sample to the nearest training image, from `nearest`, (n,).
        held_out: Distance of each held-out image to the nearest training image, (m,).

    Returns:
        `closer`, in [0, 1]; `p`, the p-value of a share this large if nothing was copied; and
        `median_ratio`, the median distance of samples over that of held-out images.

    Raises:
        ValueError: There is no distance, or one is not finite.

    References:
        C. Meehan, K. Chaudhuri and S. Dasgupta, A non-parametric test to detect data-copying in
        generative models, AISTATS, 2020.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.coverage import copying
        >>> found = copying(np.array([0.0, 0.0, 2.0]), np.array([1.0, 2.0, 3.0]))
        >>> round(found["closer"], 3), found["median_ratio"]
        (0.833, 0.0)
    """
    samples, held_out = (
        checked(f"the distances of {name}", np.asarray(x)[:, None], least=1)[:, 0]
        for name, x in (("samples", samples), ("held-out images", held_out))
    )
    U, p = stats.mannwhitneyu(held_out, samples, alternative="greater")
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.median(samples) / np.median(held_out)
    return {
        "closer": float(U / (len(samples) * len(held_out))),
        "p": float(p),
        "median_ratio": float(ratio),
    }
