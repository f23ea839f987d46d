"""Figures of a comparison of methods: a measure of each, with its interval."""

import numpy as np
from matplotlib.figure import Figure


def intervals(panels: dict[str, dict[str, tuple[float, float, float]]], *, title: str) -> Figure:
    """Draw measures of several methods as dots with intervals, a panel for each measure.

    Args:
        panels: For each measure, named with its unit, the value, the low and the high end of each
            method by its name. A method with NaN has a line of its own and no dot. The methods are
            those of the first panel, from top to bottom, and others of the later ones below them.
        title: Title above the panels.

    Example:
        >>> from gsn.figures.comparison import intervals
        >>> psnr = {"G": (26.0, 25.5, 26.5), "VAE": (24.0, 23.5, 24.5)}
        >>> figure = intervals({"PSNR, dB": psnr}, title="test")
        >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
        ['G', 'VAE']
    """
    names = list(dict.fromkeys(name for values in panels.values() for name in values))
    figure = Figure(
        figsize=(3.1 * len(panels) + 2, 0.3 * len(names) + 1.2), dpi=150, layout="constrained"
    )
    for axes, (measure, values) in zip(
        figure.subplots(1, len(panels), sharey=True, squeeze=False)[0],
        panels.items(),
        strict=True,
    ):
        rows = np.array([names.index(name) for name in values])
        middle, low, high = np.array(list(values.values())).T
        axes.hlines(rows, low, high, color="C0", linewidth=2, alpha=0.5)
        axes.plot(middle, rows, "o", color="C0", markersize=4)
        axes.set_xlabel(measure)
        axes.grid(alpha=0.3)
        axes.set_yticks(range(len(names)), names)
    figure.axes[0].set_ylim(len(names) - 0.5, -0.5)
    figure.suptitle(title, fontsize=10)
    return figure
