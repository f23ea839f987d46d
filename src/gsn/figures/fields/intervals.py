"""Figures of concentration: values with intervals, beside the exact floor."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

Interval = tuple[float, float, float]


def concentration(
    panels: dict[str, dict[str, Interval]], *, floors: dict[str, dict[str, float]] | None = None
) -> Figure:
    """Draw relative variances as dots with intervals, a panel for each, and their floors as lines.

    Args:
        panels: For each quantity, by its name, the value, the low and the high end of each row by
            its name, such as "Ising, T = 3, 64 x 64". The rows are those of the first panel, from
            top to bottom, and others of the later ones below them.
        floors: For each quantity and row, the value that true realisations have exactly, where it
            is known.

    Example:
        >>> from gsn.figures.fields import concentration
        >>> rows = {"Ising, T = 4": (1e-4, 8e-5, 1.2e-4), "Ising, Tc": (6e-3, 4e-3, 8e-3)}
        >>> figure = concentration({"log p": rows}, floors={"log p": {"Ising, T = 4": 1.1e-4}})
        >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
        ['Ising, T = 4', 'Ising, Tc']
    """
    names = list(dict.fromkeys(name for values in panels.values() for name in values))
    figure = Figure(
        figsize=(3.3 * len(panels) + 2, 0.34 * len(names) + 1.4), dpi=150, layout="constrained"
    )
    places = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (quantity, values) in zip(places, panels.items(), strict=True):
        rows = np.array([names.index(name) for name in values])
        middle, low, high = np.array(list(values.values())).T
        axes.hlines(rows, low, high, color="#0072B2", linewidth=2.5, alpha=0.5)
        axes.plot(middle, rows, "o", color="#0072B2", markersize=4.5)
        for name, floor in (floors or {}).get(quantity, {}).items():
            row = names.index(name)
            axes.vlines(floor, row - 0.35, row + 0.35, color="#D55E00", linewidth=2)
        axes.set_xscale("log")
        axes.set_xlabel(quantity)
        axes.grid(alpha=0.3)
        axes.set_yticks(range(len(names)), names)
    places[0].set_ylim(len(names) - 0.5, -0.5)
    dot = {"color": "#0072B2", "marker": "o", "markersize": 4.5, "linewidth": 2.5, "alpha": 0.7}
    marks, labels = [Line2D([], [], **dot)], ["measured, with 95 % interval"]
    if floors:
        line = {"color": "#D55E00", "marker": "|", "markersize": 9, "markeredgewidth": 2}
        marks.append(Line2D([], [], linestyle="none", **line))
        labels.append("exact, of true realisations")
    figure.legend(marks, labels, frameon=False, loc="outside upper center", ncols=2, fontsize=9)
    return figure
