"""Tests of z as a whole: its law against another, and the dependence of its components.

The components of z are uncorrelated over the training set, by the whitening. They need not be
independent, and normal components together need not be N(0, I). Two tests have exact p-values, by
permutations:

    energy        any difference of two laws in d dimensions; here, from N(0, I)
    dependence    what pairs of components have in common, whatever the law of each component

The energy distance compares distances of rows. In hundreds of dimensions it sees a shift, a wrong
scale, or a scale that all components share. It does not see the shape of the components, nor pairs
of them: at d = 512, 2000 rows of independent Laplace components pass for N(0, I). So a large
p-value is no proof. The dependence averages over all pairs, and shows which part of it is of signs
and which of sizes. The shapes are for `gsn.metrics.normality`.
"""

import numpy as np
from scipy import stats

from gsn.metrics.features import pair, spread, squared_distances, varying

MOST_OF_DISTANCES = 2000  # rows of each set whose pairwise distances are taken
MOST_OF_RANKS = 10_000  # rows whose ranks are taken


def energy(a: np.ndarray, b: np.ndarray, *, permutations: int = 999, seed: int) -> dict[str, float]:
    """Return the energy distance of two samples, and its p-value if both have the same law.

        E = 2 mean ||a_i - b_j|| - mean ||a_i - a_j|| - mean ||b_i - b_j||  >= 0

    Its limit for large samples is 0 only for equal laws (Szekely & Rizzo 2004). With the matrix D
    of the distances of all rows, and weights w of 1/n for those of a and -1/m for those of b, it is
    -w.Dw. So D is computed once, and all permutations of w are one product of matrices. The means
    have the diagonal of D in them, so E is positive for equal laws too: `expected` says how much.

    At most MOST_OF_DISTANCES rows of each sample are taken, evenly spaced. Memory holds D and a
    block of it, 128 MB each at most, and the permutations, 64 MB at 999.

    Args:
        a: Rows, (n, d) real, n at least 2.
        b: Other rows, (m, d) real, m at least 2.
        permutations: Number of random permutations of the rows of both, at least 1.
        seed: Seed of the permutations.

    Returns:
        `energy`, E in the units of the rows; `expected` and `sd`, the mean and the standard
        deviation of E over the permutations; `p`, the share of permutations, the given order
        among them, with an E at least as large; `n` and `m`, the rows that were taken.

    Raises:
        ValueError: A sample has fewer than 2 rows or a NaN, or the numbers of components differ.

    References:
        G. J. Szekely and M. L. Rizzo, Testing for equal distributions in high dimension,
        InterStat 5, 2004.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.joint import energy
        >>> found = energy(np.zeros((20, 1)), np.ones((20, 1)), seed=0)
        >>> round(found["energy"], 6), found["p"]
        (2.0, 0.001)
    """
    a, b = pair(("a", "b"), a, b, least=2)
    a, b = a[spread(len(a), MOST_OF_DISTANCES)], b[spread(len(b), MOST_OF_DISTANCES)]
    rows = np.concatenate([a, b])
    D = np.empty((len(rows), len(rows)))
    for part, block in squared_distances(rows, rows):
        np.sqrt(block, out=D[part])
    weights = np.repeat([1 / len(a), -1 / len(b)], [len(a), len(b)])
    w = np.tile(weights, (permutations, 1))
    np.random.default_rng(seed).permuted(w, axis=1, out=w)
    found = float(-weights @ (D @ weights))
    others = -np.einsum("ij,ij->i", w @ D, w)
    return {
        "energy": found,
        "expected": float(others.mean()),
        "sd": float(others.std()),
        "p": _p(found, others),
        "n": len(a),
        "m": len(b),
    }


def _p(found: float, others: np.ndarray) -> float:
    """Return the p-value of a permutation test; what differs by rounding only is equal."""
    return float((1 + np.sum(others >= found - 1e-6 * abs(found))) / (1 + len(others)))


def energy_from_normal(z: np.ndarray, *, seed: int) -> dict[str, float]:
    """Return the energy distance of z from as many draws of N(0, I), and its p-value.

    It is `energy` against draws. The mean and the covariance of the z of the training set are 0
    and I exactly, unlike those of draws, so their p-value is a little too large. The z of held-out
    images have no such fault.

    Args:
        z: Rows, (n, d) real, n at least 2. At most MOST_OF_DISTANCES are taken, evenly spaced.
        seed: Seed of the draws and of the permutations.

    Returns:
        As `energy`.

    Raises:
        ValueError: There are fewer than 2 rows, or a NaN.

    References:
        G. J. Szekely and M. L. Rizzo, A new test for multivariate normality, Journal of
        Multivariate Analysis 93, 2005.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.joint import energy_from_normal
        >>> z = np.random.default_rng(0).exponential(size=(500, 4)) - 1
        >>> energy_from_normal(z, seed=1)["p"]
        0.001
    """
    z, _ = pair(("z", "z"), z, z, least=2)
    z = z[spread(len(z), MOST_OF_DISTANCES)]
    draws, permutations = np.random.SeedSequence(seed).spawn(2)
    normal = np.random.default_rng(draws).standard_normal(z.shape)
    return energy(z, normal, seed=permutations)


def dependence(z: np.ndarray, *, permutations: int = 99, seed: int) -> dict[str, float]:
    """Return how dependent the components of z are, and p-values if all are independent.

        phi2_ij = sum_{k, l = 1, 2} corr(P_k(u_i), P_l(u_j))^2,   u = (2 rank - 1) / n - 1

    P_1 and P_2 are the polynomials of Legendre, orthogonal for the uniform law. phi2 is the start
    of the expansion of the mean square contingency of the copula of a pair, the smooth test of
    Kallenberg & Ledwina (1999). Ranks make it blind to the law of each component. P_2 is a rank of
    |z|: it sees sizes that vary together, which covariances and Spearman's correlation do not, such
    as z_2 = s z_1 with a random sign s. Higher polynomials are left out. That keeps all pairs in
    one product of matrices, where distance correlation would take hours.

    If the components are independent, phi2 has the mean 4 / (n - 1) exactly, which is subtracted.
    The permutations shuffle each component on its own. At most MOST_OF_RANKS rows are taken, evenly
    spaced. Takes 8 n d^2 operations for each permutation. Memory holds some 8 n d numbers of 4
    bytes.

    Args:
        z: Rows, (n, d) real, n at least 3, d at least 2.
        permutations: Number of random permutations, at least 1.
        seed: Seed of the permutations.

    Returns:
        `dependence`, the mean over all pairs of phi2 less its mean under independence, with `p`,
        the share of permutations, the given order among them, in which it is at least as large,
        and `sd`, its standard deviation over them. Its parts `signs`, from P_1 with P_1, `sizes`,
        from P_2 with P_2, and `mixed`. `largest`, the largest phi2 of a pair, with `largest_p`,
        and the pair, `i` < `j`. `n`, the rows that were taken.

    Raises:
        ValueError: There are fewer than 3 rows or 2 components, a NaN, or a constant component.

    References:
        W. C. M. Kallenberg and T. Ledwina, Data-driven rank tests for independence, Journal of
        the American Statistical Association 94, 1999.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.joint import dependence
        >>> z = np.random.default_rng(0).standard_normal((1000, 3))
        >>> z[:, 2] = z[:, 0] * np.random.default_rng(1).choice([-1, 1], 1000)
        >>> found = dependence(z, seed=2)
        >>> found["p"], found["i"], found["j"], round(found["sizes"], 1)
        (0.01, 0, 2, 0.3)
    """
    z = varying("z", z, least=3)
    if z.shape[1] < 2:
        raise ValueError("z must have at least 2 components: got 1; use a larger d.")
    z = z[spread(len(z), MOST_OF_RANKS)]
    n = len(z)
    u = np.stack([(2 * stats.rankdata(column) - 1) / n - 1 for column in z.T]).astype(np.float32)
    parts, phi2 = _contingency(u)
    i, j = np.unravel_index(np.argmax(phi2), phi2.shape)
    rng = np.random.default_rng(seed)
    totals, largest = np.empty((2, permutations))
    for k in range(permutations):
        rng.permuted(u, axis=1, out=u)
        others, shuffled = _contingency(u)
        totals[k], largest[k] = sum(others), shuffled.max()
    signs, sizes, mixed = (
        part - count / (n - 1) for part, count in zip(parts, (1, 1, 2), strict=True)
    )
    return {
        "dependence": signs + sizes + mixed,
        "p": _p(sum(parts), totals),
        "sd": float(totals.std()),
        "signs": signs,
        "sizes": sizes,
        "mixed": mixed,
        "largest": float(phi2[i, j]),
        "largest_p": _p(float(phi2[i, j]), largest),
        "i": int(i),
        "j": int(j),
        "n": n,
    }


def _contingency(u: np.ndarray) -> tuple[tuple[float, float, float], np.ndarray]:
    """Return the means of the parts of phi2 over the pairs, and phi2, (d, d), 0 unless i < j."""
    d = len(u)
    scores = np.concatenate([u, 1.5 * u * u - 0.5])
    scores -= scores.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(scores, axis=1, keepdims=True)
    scores /= np.where(norms > 0, norms, 1)  # P_2 of two values with equal counts is constant
    squares = np.square(scores @ scores.T)
    signs, sizes, mixed = squares[:d, :d], squares[d:, d:], squares[:d, d:]
    phi2 = np.triu(signs + sizes + mixed + mixed.T, 1)
    above = np.triu_indices(d, 1)
    return tuple(
        float(np.mean(part[above], dtype=np.float64)) for part in (signs, sizes, mixed + mixed.T)
    ), phi2
