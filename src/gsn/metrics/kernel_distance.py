"""The kernel distance of two sets of features: MMD with a cubic kernel.

    MMD^2(a, b) = E k(a, a') + E k(b, b') - 2 E k(a, b),   k(x, y) = (x.y / p + 1)^3

With the features of an Inception network it is the KID of Binkowski et al. (2018). It compares the
first three moments of the laws. Unlike the Frechet distance, its estimate is unbiased for each
number of images, and more features than images are no fault.

References:
    A. Gretton, K. Borgwardt, M. Rasch, B. Schoelkopf and A. Smola, A kernel two-sample test,
    Journal of Machine Learning Research 13, 2012.

    M. Binkowski, D. J. Sutherland, M. Arbel and A. Gretton, Demystifying MMD GANs, ICLR, 2018.
"""

import numpy as np

from gsn.metrics.features import pair

ENTRIES = 2**23  # values of the kernel in memory at once: 64 MiB


def squared_mmd(a: np.ndarray, b: np.ndarray, *, entries: int = ENTRIES) -> float:
    """Return the unbiased estimate of MMD^2 with the kernel (x.y / p + 1)^3.

        sum_{i != j} k(a_i, a_j) / (n (n - 1)) + sum_{i != j} k(b_i, b_j) / (m (m - 1))
        - 2 sum_{i, j} k(a_i, b_j) / (n m)

    It is equation (4) of Binkowski et al. (2018). Its mean is 0 for equal laws, so it may be
    negative. Takes 2 p (n^2 + n m + m^2) operations. Memory holds both sets in float64, and a
    block of the kernel.

    Args:
        a: Features, (n, p) real, n at least 2.
        b: Other features, (m, p) real, m at least 2.
        entries: Largest number of values of the kernel in a block. A block has at least one row.

    Returns:
        MMD^2, in units of the kernel. The kernel depends on the scale of the features.

    Raises:
        ValueError: A set has fewer than 2 rows or a NaN, or the numbers of features differ.

    References:
        M. Binkowski, D. J. Sutherland, M. Arbel and A. Gretton, Demystifying MMD GANs, ICLR, 2018.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.kernel_distance import squared_mmd
        >>> squared_mmd(np.zeros((2, 1)), np.ones((2, 1)))  # 1 + (1 + 1)^3 - 2
        7.0
    """
    a, b = (x.astype(np.float64) for x in pair(("a", "b"), a, b, least=2))
    within = [
        (_sum(x, x, entries) - _cubes(np.einsum("ij,ij->i", x, x), x.shape[1]).sum())
        / (len(x) * (len(x) - 1))
        for x in (a, b)
    ]
    return float(sum(within) - 2 * _sum(a, b, entries) / (len(a) * len(b)))


def _cubes(products: np.ndarray, p: int) -> np.ndarray:
    products /= p
    products += 1
    return products * products * products


def _sum(x: np.ndarray, y: np.ndarray, entries: int) -> float:
    """Return the sum of k over all pairs of a row of x and a row of y."""
    rows = max(1, entries // len(y))
    blocks = (x[start : start + rows] @ y.T for start in range(0, len(x), rows))
    return sum(float(_cubes(block, x.shape[1]).sum()) for block in blocks)


def kernel_distance(
    a: np.ndarray, b: np.ndarray, *, subsets: int = 10, seed: int
) -> tuple[float, float]:
    """Return MMD^2 as the mean over subsets, and its standard error.

    Both sets are cut at random into `subsets` parts of n // subsets and m // subsets rows. The
    parts have no row in common. So their estimates by `squared_mmd` are independent, and the
    standard error is honest: the standard deviation of the estimates over the square root of their
    number. Subsets that are drawn with repetition, as is usual for the KID, share rows and give
    too small an error. Takes 1 / subsets of the operations of `squared_mmd`.

    Args:
        a: Features, (n, p) real, n at least 2 subsets.
        b: Other features, (m, p) real, m at least 2 subsets.
        subsets: Number of subsets, at least 2.
        seed: Seed of the cut.

    Returns:
        MMD^2 and its standard error. For equal laws, MMD^2 is within 2 errors of 0 in most cases.

    Raises:
        ValueError: A set has fewer than 2 rows for each subset or a NaN, the numbers of features
            differ, or there are fewer than 2 subsets.

    References:
        M. Binkowski, D. J. Sutherland, M. Arbel and A. Gretton, Demystifying MMD GANs, ICLR, 2018.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.kernel_distance import kernel_distance
        >>> a, b = np.random.default_rng(0).standard_normal((2, 500, 8))
        >>> distance, error = kernel_distance(a, b + 1, seed=0)
        >>> distance > 10 * error
        True
    """
    if subsets < 2:
        raise ValueError(f"a standard error needs at least 2 subsets: got {subsets}; use more.")
    a, b = pair(("a", "b"), a, b, least=2 * subsets)
    rng = np.random.default_rng(seed)
    parts = [
        rng.permutation(len(x))[: len(x) // subsets * subsets].reshape(subsets, -1) for x in (a, b)
    ]
    values = [squared_mmd(a[i], b[j]) for i, j in zip(*parts, strict=True)]
    return float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(subsets))
