"""Curves of an example and its models: spectra, structure functions, domains, descents."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from gsn.figures.fields.lines import band, draw, legend, plain_ticks, ratio_ticks, style


def spectra(
    frequency: np.ndarray, powers: dict[str, np.ndarray], *, limits: np.ndarray | None = None
) -> Figure:
    """Draw power spectra, and below them their ratio to that of the example, from 1/10 to 10.

    Frequencies above 1/2 are left out: only the corners of the plane have them.

    Args:
        frequency: Frequency of each ring in cycles per pixel, (rings,).
        powers: Power by name, the example first, (n, rings) each.
        limits: Lower and upper limit of the power of one realisation of the example, (2, rings). By
            default the central 95 % of its realisations, if there are several.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.fields import spectra
        >>> f = np.array([0.1, 0.2])
        >>> figure = spectra(f, {"example": np.ones((1, 2)), "Gaussian": np.ones((4, 2))})
        >>> [axes.get_ylabel() for axes in figure.axes]
        ['power', 'ratio']
    """
    figure = Figure(figsize=(6, 5), dpi=150, layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    shown = frequency <= 0.5
    frequency = frequency[shown]
    means = {name: power.mean(axis=0)[shown] for name, power in powers.items()}
    first, expected = next(iter(powers.values())), next(iter(means.values()))
    if limits is None and len(first) > 1:
        limits = band(first)
    if limits is not None:
        for axes, scale in ((above, 1), (below, expected)):
            axes.fill_between(frequency, *(limits[:, shown] / scale), color="0.8", linewidth=0)
    for i, (name, mean) in enumerate(means.items()):
        above.plot(frequency, mean, label=name, **style(i))
        below.plot(frequency, mean / expected, **style(i))
    for axes, label in ((above, "power"), (below, "ratio")):
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_ylabel(label)
        axes.grid(alpha=0.3)
    plain_ticks(above)
    ratio_ticks(below, most=10)
    below.set_xlabel("frequency, cycles / pixel")
    legend(figure, above)
    return figure


def structure(q: Sequence[int], functions: dict[str, np.ndarray]) -> Figure:
    """Draw structure functions against the lag, and below them their ratio to the example's.

    Args:
        q: Orders, (orders,).
        functions: S(j, q) by name, the example first, (n, J, orders) each, j = 1..J.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.fields import structure
        >>> S = np.ones((3, 5, 2))
        >>> figure = structure([1, 2], {"example": S, "Gaussian": 2 * S})
        >>> [axes.get_title() for axes in figure.axes]
        ['q = 1', 'q = 2', '', '']
    """
    figure = Figure(figsize=(2.2 * len(q) + 1, 4.8), dpi=150, layout="constrained")
    rows = figure.subplots(2, len(q), sharex=True, squeeze=False, height_ratios=(3, 2))
    first, *_ = functions.values()
    lags = 2.0 ** np.arange(first.shape[1])
    for k, order in enumerate(q):
        above, below = rows[:, k]
        curves = {name: S[:, :, k] for name, S in functions.items()}
        expected = first[:, :, k].mean(axis=0)
        draw(above, lags, curves, marker="o")
        ratios = {name: values / expected for name, values in curves.items()}
        draw(below, lags, ratios, marker="o")
        above.set_title(f"q = {order}", fontsize=10)
        below.set_xlabel("lag, pixels", fontsize=9)
    for axes in rows.ravel():
        axes.set_xscale("log", base=2)
        axes.set_xticks(lags, [f"{lag:g}" for lag in lags])
        axes.set_yscale("log")
        axes.tick_params(labelsize=8)
        axes.grid(alpha=0.3)
    for above, below in rows.T:
        plain_ticks(above)
        ratio_ticks(below, most=1e3)
    rows[0, 0].set_ylabel("S(j, q)")
    rows[1, 0].set_ylabel("ratio")
    legend(figure, rows[0, 0])
    return figure


def clusters(laws: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Draw how many domains of equal sign there are of each size, and the points in large ones.

    Args:
        laws: Law by name, the example first, with `low` and `size`, (octaves,), and `number` and
            `share`, (n, octaves), as of `gsn.metrics.fields.cluster_law`. The octaves are the same.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.fields import clusters
        >>> law = {"low": np.array([1, 2]), "size": np.array([1, 2.4])}
        >>> law |= {"number": np.array([[0.1, 0.01]]), "share": np.array([[1, 0.9]])}
        >>> clusters({"example": law}).axes[1].get_xlabel()
        'size s, pixels'
    """
    figure = Figure(figsize=(8.4, 3.9), dpi=150, layout="constrained")
    left, right = figure.subplots(1, 2)
    first, *_ = laws.values()
    counts = {name: law["number"] for name, law in laws.items()}
    left.set_yscale("log", nonpositive="mask")  # a gap where there is no domain
    draw(left, first["size"], counts, marker="o")
    shares = {name: 100 * law["share"] for name, law in laws.items()}
    draw(right, first["low"], shares, marker="o")
    means = np.concatenate([number.mean(axis=0) for number in counts.values()])
    left.set_ylim(means[means > 0].min() / 2, 2 * means.max())
    left.set_ylabel("domains of size s / point / unit of s")
    right.set_ylabel("points in domains of at least s, %")
    right.set_ylim(bottom=0)
    for axes in (left, right):
        axes.set_xscale("log")
        axes.set_xlabel("size s, pixels")
        axes.grid(alpha=0.3)
    legend(figure, left)
    return figure


def excursions(thresholds: np.ndarray, functionals: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Draw area, perimeter and Euler number of the sets {x >= t} against the threshold t.

    Args:
        thresholds: Thresholds, increasing, (thresholds,).
        functionals: For each name, the example first, `area`, `perimeter` and `euler`, as of
            `gsn.metrics.fields.minkowski`, (n, thresholds) each.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.fields import excursions
        >>> found = {name: np.zeros((2, 3)) for name in ("area", "perimeter", "euler")}
        >>> len(excursions(np.array([-1, 0, 1]), {"example": found}).axes)
        3
    """
    figure = Figure(figsize=(9.6, 3.5), dpi=150, layout="constrained")
    units = {"area": "share of the points", "perimeter": "1 / pixel", "euler": "1 / pixel²"}
    titles = {"euler": "Euler number"}
    panels = figure.subplots(1, 3)
    for axes, (quantity, unit) in zip(panels, units.items(), strict=True):
        curves = {name: found[quantity] for name, found in functionals.items()}
        draw(axes, thresholds, curves, linear=True)
        axes.set_title(titles.get(quantity, quantity), fontsize=10)
        axes.set_xlabel("threshold t")
        axes.set_ylabel(unit)
        axes.tick_params(labelsize=8)
        axes.grid(alpha=0.3)
    legend(figure, panels[0])
    return figure


def losses(curves: dict[str, np.ndarray], *, tolerance: float | None = None) -> Figure:
    """Draw the relative errors of descents against the step: all runs, and their median.

    Args:
        curves: Relative errors |Phi(x) - y| / |y| by name, (steps + 1, n) each. Runs that have
            ended may have NaN.
        tolerance: Error at which the descents stop.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.fields import losses
        >>> figure = losses({"scattering": np.array([[1.0], [0.1], [0.01]])}, tolerance=1e-2)
        >>> figure.axes[0].get_xlabel()
        'step'
    """
    figure = Figure(figsize=(6, 4), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    for i, (name, errors) in enumerate(curves.items(), start=1):  # black is the example's
        steps, line = np.arange(len(errors)), style(i)
        axes.plot(steps, errors, color=line["color"], linewidth=0.6, alpha=0.35)
        alive = np.isfinite(errors).any(axis=1)
        axes.plot(steps[alive], np.nanmedian(errors[alive], axis=1), label=name, **line)
    if tolerance is not None:
        axes.axhline(tolerance, color="grey", linewidth=1, linestyle=":", label="tolerance")
    axes.set_yscale("log")
    axes.set_xlabel("step")
    axes.set_ylabel("|Φ(x) - y| / |y|")
    axes.grid(alpha=0.3)
    legend(figure, axes)
    return figure
