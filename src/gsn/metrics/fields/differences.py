"""Laws of the values of periodic fields and of their increments, and structure functions.

d_tau x(u) = x(u + tau) - x(u)
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gsn.metrics.fields import arguments as checks
from gsn.runtime import arguments, loops


def marginal(x: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the law of the values of each field as densities in bins.

    Args:
        x: Fields, (n, H, W) real.
        edges: Edges of the bins in units of x, increasing, (bins + 1,). A value on an edge belongs
            to the bin above it, one on the last edge to the last bin.

    Returns:
        Densities per unit of x, (n, bins) float64. They integrate to the share of the values within
        the edges.

    Raises:
        ValueError: x is no batch of fields or not finite, or the edges do not increase.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.fields import marginal
        >>> marginal(np.array([[[0, 1], [1, 3]]]), [0, 0.5, 2]).tolist()
        [[0.5, 0.3333333333333333]]
    """
    x, edges = checks.fields("x", x), checks.edges("edges", edges)
    return np.stack([_density(field, edges) for field in x])


def increments(x: np.ndarray, lags: Sequence[int], edges: np.ndarray) -> dict[str, np.ndarray]:
    """Return the law of the increments of each field, by lag.

        d_tau x(u) = x(u + tau) - x(u),        F = mean (d_tau x)^4 / (mean (d_tau x)^2)^2

    Those along rows and along columns count alike. Their mean is 0. Takes two passes over a field
    for each lag.

    Args:
        x: Fields, (n, H, W) real, periodic.
        lags: Lengths of tau in pixels, from 1 to half of the smaller side, (lags,).
        edges: Edges of the bins in units of the standard deviation of the increments at each lag,
            increasing, (bins + 1,).

    Returns:
        `density`, per unit of that deviation, (n, lags, bins); `deviation`, in units of x,
        (n, lags); `flatness` F, which is 3 for a Gaussian field, (n, lags). Density and flatness
        are NaN where all increments are 0.

    Raises:
        ValueError: x is no batch of fields or not finite, the edges do not increase, or a lag is
            too long.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.fields import increments
        >>> x = np.random.default_rng(0).standard_normal((1, 64, 64))
        >>> found = increments(x, [1, 4], np.linspace(-4, 4, 17))
        >>> found["density"].shape, found["flatness"].round(1).tolist()
        ((1, 2, 16), [[3.0, 2.9]])
    """
    x, edges = checks.fields("x", x), checks.edges("edges", edges)
    lags = [arguments.integer("a lag", lag, least=1) for lag in lags]
    longest = min(x.shape[1:]) // 2
    if not lags or max(lags) > longest:
        raise ValueError(
            f"lags must be some of at most half of the smaller side, {longest}: got {lags}; "
            "use shorter ones."
        )
    shape = (len(x), len(lags))
    density, flatness = np.full((*shape, len(edges) - 1), np.nan), np.full(shape, np.nan)
    deviation = np.zeros(shape)
    for i, field in enumerate(x):
        for t, lag in enumerate(lags):
            change = np.stack([np.roll(field, -lag, axis) - field for axis in (0, 1)])
            deviation[i, t] = np.sqrt(np.square(change).mean())
            if deviation[i, t] > 0:
                change /= deviation[i, t]
                density[i, t] = _density(change, edges)
                flatness[i, t] = np.square(np.square(change)).mean()
    return {"density": density, "deviation": deviation, "flatness": flatness}


def structure_functions(
    x: np.ndarray, q: Sequence[int] = (1, 2, 3, 4, 5), *, J: int | None = None
) -> np.ndarray:
    """Return the structure functions of each field, by scale and order.

        S(j, q) = max over 2^{j-1} <= |tau| < 2^{j-1} + 1 of mean_u |x(u) - x(u - tau)|^q

    The maximum is over all directions tau of the plane, as Zhang & Mallat evaluate their models of
    turbulence. Takes some 3 2^J passes over each field.

    Args:
        x: Fields, (n, H, W) real, periodic.
        q: Orders, integers of at least 1, (orders,).
        J: Number of scales j = 1..J. By default all with 2^{j-1} + 1 <= min(H, W) / 2.

    Returns:
        S, in units of x to the power of q, (n, J, orders) float64.

    Raises:
        ValueError: x is no batch of fields or not finite, an order is no positive integer, or J
            is too large for the fields.

    References:
        S. Zhang and S. Mallat, Maximum entropy models from phase harmonic covariances, Applied and
        Computational Harmonic Analysis 53, 2021.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.fields import structure_functions
        >>> stripes = np.tile([0.0, 2.0], (8, 4))  # columns that alternate
        >>> structure_functions(stripes[None], [1, 2], J=2).tolist()
        [[[2.0, 4.0], [2.0, 4.0]]]
    """
    x = checks.fields("x", x)
    q = [arguments.integer("an order q", order, least=1) for order in q]
    half = min(x.shape[1:]) / 2
    most = int(np.log2(max(half - 1, 0.5))) + 1  # 0 below a side of 4
    J = most if J is None else arguments.integer("J", J, least=1)
    if not 1 <= J <= most or not q:
        raise ValueError(
            f"structure functions need an order, and lags up to 2^(J-1) + 1 of at most half of the "
            f"smaller side: got J={J}, q={q} and {x.shape[1]}x{x.shape[2]} points; "
            f"use J of at most {most}, or larger fields."
        )
    found = np.empty((len(x), J, len(q)))
    for j in range(1, J + 1):
        lags = annulus(2 ** (j - 1))
        for i, field in enumerate(x):
            found[i, j - 1] = _moments(field, lags, max(q)).max(axis=0)[np.array(q) - 1]
    return found


def structure_errors(model: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Return the relative error of a model's structure functions, by scale and order.

        |mean S_model(j, q) - mean S_test(j, q)| / mean S_test(j, q)

    Args:
        model: Structure functions of syntheses, (n, J, orders), as of `structure_functions`.
        test: Structure functions of true realisations, (m, J, orders).

    Returns:
        Errors, (J, orders) float64.

    Raises:
        ValueError: The scales or the orders of the two differ, or a field of the test is constant.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.fields import structure_errors
        >>> structure_errors(np.full((4, 1, 2), 3.0), np.full((9, 1, 2), 2.0)).tolist()
        [[0.5, 0.5]]
    """
    model, test = np.asarray(model), np.asarray(test)
    if model.ndim != 3 or test.ndim != 3 or model.shape[1:] != test.shape[1:]:
        raise ValueError(
            f"the two must have the same scales and orders, (n, J, orders): got {model.shape} and "
            f"{test.shape}; use the same q and J."
        )
    expected = test.mean(axis=0)
    if not (expected > 0).all():
        raise ValueError("a test field must not be constant: got S = 0; leave it out.")
    return np.abs(model.mean(axis=0) - expected) / expected


def annulus(radius: int) -> np.ndarray:
    """Return the lags tau with radius <= |tau| < radius + 1, one of each pair tau and -tau.

    Returns:
        Rows and columns, (lags, 2) int64.

    Example:
        >>> from gsn.metrics.fields.differences import annulus
        >>> annulus(1).tolist()
        [[0, 1], [1, -1], [1, 0], [1, 1]]
    """
    rows, columns = np.mgrid[: radius + 1, -radius - 1 : radius + 2]
    squares = rows**2 + columns**2
    kept = (squares >= radius**2) & (squares < (radius + 1) ** 2) & ((rows > 0) | (columns > 0))
    return np.stack([rows[kept], columns[kept]], axis=1)


def _density(values: Any, edges: np.ndarray) -> np.ndarray:
    """Return the density of all values in bins, (bins,)."""
    return np.histogram(values, edges)[0] / (values.size * np.diff(edges))


@loops.compiled(nogil=True, fastmath={"reassoc"})
def _moments(x, lags, top):
    """Return mean_u |x(u + tau) - x(u)|^q for q = 1..top of each lag, (lags, top)."""
    H, W = x.shape
    sums = np.zeros((len(lags), top))
    size, power = np.empty(W), np.empty(W)
    for t in range(len(lags)):
        k = lags[t, 1] % W
        for i in range(H):
            row, moved = x[i], x[(i + lags[t, 0]) % H]
            size[: W - k] = np.abs(moved[k:] - row[: W - k])
            size[W - k :] = np.abs(moved[:k] - row[W - k :])
            power[:] = size
            for q in range(top):
                total = 0.0
                for j in range(W):
                    total += power[j]
                    power[j] *= size[j]
                sums[t, q] += total
    return sums / (H * W)
