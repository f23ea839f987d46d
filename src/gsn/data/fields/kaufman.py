"""The exact partition function of the Ising model on a torus, and what follows from it.

With K = 1 / T on the N x M torus (`gsn.data.fields.ising` has the model),

    Z = 1/2 (2 sinh 2K)^{NM/2} [ prod_l 2 cosh(M g_{2l+1} / 2) + prod_l 2 sinh(M g_{2l+1} / 2)
                               + prod_l 2 cosh(M g_{2l} / 2)   + prod_l 2 sinh(M g_{2l} / 2) ]

over l = 0..N-1, with cosh g_l = cosh^2 2K / sinh 2K - cos(pi l / N), g_l > 0 for l > 0, and
g_0 = 2K + log tanh K, which is negative above the critical temperature. From

    log p(x) = K sum_{u ~ v} x(u) x(v) - log Z(K)

follow the energy -d log Z / dK, the entropy log Z - K d log Z / dK, and the variance of log p(x)
over the realisations, K^2 d^2 log Z / dK^2. The derivatives are those of the formula, in closed
form. The products are sums of logarithms. Quantities per site are exact to about 1e-12, absolutely.

References:
    B. Kaufman, Crystal statistics II. Partition function evaluated by spinor analysis, Physical
    Review 76, 1949.
"""

import math

import numpy as np

from gsn.runtime import arguments

# A function of K with its two derivatives: value, first, second.
Jet = tuple[np.ndarray, np.ndarray, np.ndarray]


def log_partition(N: int, M: int, T: float) -> float:
    """Return log Z.

    Args:
        N: Number of rows, at least 2; a torus of two rows has each bond between them twice.
        M: Number of columns, at least 2.
        T: Temperature, at least 0.01.

    Raises:
        ValueError: An argument is out of range.

    Example:
        >>> from gsn.data.fields import kaufman
        >>> round(kaufman.log_partition(3, 3, 4), 12)
        6.957484746822
    """
    return _log_partition(N, M, T)[0]


def energy(N: int, M: int, T: float) -> float:
    """Return the mean energy per site, -E sum_{u ~ v} x(u) x(v) / (N M).

    The arguments are those of `log_partition`.

    Example:
        >>> from gsn.data.fields import kaufman
        >>> round(kaufman.energy(64, 64, 3), 6)
        -0.81731
    """
    return -_log_partition(N, M, T)[1] / (N * M)


def entropy(N: int, M: int, T: float) -> float:
    """Return the entropy per site, -E log p(x) / (N M), in nats.

    The arguments are those of `log_partition`.

    Example:
        >>> from gsn.data.fields import kaufman
        >>> round(kaufman.entropy(64, 64, 3), 6)
        0.543446
    """
    value, first, _ = _log_partition(N, M, T)
    return (value - first / T) / (N * M)


def variance(N: int, M: int, T: float) -> float:
    """Return the variance of log p(x) over the realisations x, in nats squared.

    The arguments are those of `log_partition`.
    """
    return _log_partition(N, M, T)[2] / T**2


def relative_variance(N: int, M: int, T: float) -> float:
    """Return Var(log p(x)) / (E log p(x))^2: how little log p(x) varies.

    The arguments are those of `log_partition`.

    Example:
        >>> from gsn.data.fields import kaufman
        >>> print(f"{kaufman.relative_variance(128, 128, 3):.1e}")
        8.3e-05
    """
    return variance(N, M, T) / (N * M * entropy(N, M, T)) ** 2


def log_probability(x: np.ndarray, T: float) -> np.ndarray:
    """Return log p(x) of spins, (n, N, M) -> (n,) float64, in nats.

    Args:
        x: Spins, (n, N, M), -1 or 1.
        T: Temperature, at least 0.01.

    Raises:
        ValueError: A value of x is neither -1 nor 1, or T is out of range.

    Example:
        >>> import numpy as np
        >>> from gsn.data.fields import kaufman
        >>> p = np.exp(kaufman.log_probability(np.ones((1, 8, 8)), 0.5))
        >>> round(float(p[0]), 6)  # of the two ground states, which have nearly all of the mass
        0.499996
    """
    x = np.asarray(arguments.array("x", x), dtype=np.float64)
    if x.ndim != 3 or 0 in x.shape:
        raise ValueError(f"x must have the shape (n, N, M): got {x.shape}; use x[None] for one.")
    if not (np.abs(x) == 1).all():
        odd = x[np.abs(x) != 1][0]
        raise ValueError(f"x must be -1 or 1: got {odd:.4g}; round it by np.sign first.")
    bonds = sum((x * np.roll(x, 1, axis)).sum(axis=(1, 2)) for axis in (1, 2))
    _, N, M = x.shape
    return bonds / T - log_partition(N, M, T)


def _log_partition(N: int, M: int, T: float) -> tuple[float, float, float]:
    """Return log Z and its first two derivatives in K."""
    N, M = (arguments.integer(name, side, least=2) for name, side in (("N", N), ("M", M)))
    K = 1 / arguments.real("T", T, least=0.01, such_as=2.4)
    s, c = math.sinh(2 * K), math.cosh(2 * K)
    a = _angles(N, M, s, c)
    odd, even = (tuple(d[start::2] for d in a) for start in (0, 1))
    zeroth = (M / 2 * (2 * K + math.log(math.tanh(K))), M * (1 + 1 / s), -2 * M * c / s**2)
    logs = [
        _total(_log_cosh(odd)),
        _total(_log_sinh(odd)),
        _total(_log_cosh(even), _log_cosh(zeroth)),
    ]
    factor, rest = _signed_sinh(zeroth)
    logs.append(_total(_log_sinh(even), rest))
    value, first, second = _log_sum([(1.0, 0.0, 0.0)] * 3 + [factor], logs)
    d = N * M
    return (
        value - math.log(2) + d / 2 * math.log(2 * s),
        first + d * c / s,
        second - 2 * d / s**2,
    )


def _angles(N: int, M: int, s: float, c: float) -> Jet:
    """Return M g_l / 2 for l = 1..2N-1, given s = sinh 2K and c = cosh 2K."""
    # u = cosh g - 1, without the cancellation near the critical point, where s = 1
    u = (1 - s) ** 2 / s + 2 * np.sin(np.pi * np.arange(1, 2 * N) / (2 * N)) ** 2
    first, second = 2 * c * (1 - 1 / s**2), 4 * s * (1 - 1 / s**2) + 8 * c**2 / s**3
    sinh = np.sqrt(u * (u + 2))
    return (
        M / 2 * np.log1p(u + sinh),
        M / 2 * first / sinh,
        M / 2 * (second / sinh - first**2 * (1 + u) / sinh**3),
    )


def _log_cosh(a: Jet) -> Jet:
    """Return log(2 cosh a)."""
    value, first, second = a
    e = np.exp(-2 * np.abs(value))
    slope = np.sign(value) * (1 - e) / (1 + e)
    return (
        np.abs(value) + np.log1p(e),
        first * slope,
        second * slope + first**2 * 4 * e / (1 + e) ** 2,
    )


def _log_sinh(a: Jet) -> Jet:
    """Return log(2 sinh a) of a > 0."""
    value, first, second = a
    e = np.exp(-2 * value)
    slope = (1 + e) / (1 - e)
    return (
        value + np.log(-np.expm1(-2 * value)),
        first * slope,
        second * slope - first**2 * 4 * e / (1 - e) ** 2,
    )


def _signed_sinh(a: Jet) -> tuple[Jet, Jet]:
    """Return f and b with 2 sinh a = f exp(b), of any sign, and f finite for any a."""
    value, first, second = a
    sign = 1.0 if value >= 0 else -1.0
    e = math.exp(-2 * sign * value)
    factor = (
        -sign * math.expm1(-2 * sign * value),
        2 * first * e,
        (2 * second - 4 * sign * first**2) * e,
    )
    return factor, (sign * value, sign * first, sign * second)


def _total(*parts: Jet) -> Jet:
    """Return the sum of jets over their elements."""
    return tuple(sum(np.sum(part[order]) for part in parts) for order in range(3))


def _log_sum(factors: list[Jet], logs: list[Jet]) -> Jet:
    """Return log sum_i f_i exp(L_i)."""
    f, f1, f2 = np.array(factors).T
    L, L1, L2 = np.array(logs).T
    high, slope = L.max(), L1[0]  # both taken out, against overflow and cancellation
    weight, L1 = np.exp(L - high), L1 - slope
    total = np.sum(weight * f)
    first = np.sum(weight * (f1 + f * L1)) / total
    second = np.sum(weight * (f2 + 2 * f1 * L1 + f * (L1**2 + L2))) / total
    return float(high + np.log(total)), float(slope + first), float(second - first**2)
