"""Laws of values and of increments as densities on logarithmic axes."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gsn.figures.fields.lines import NEARLY_0, band, draw, legend, style

Densities = dict[str, np.ndarray]
NORMAL = {"color": "0.55", "linewidth": 1, "linestyle": ":", "label": "N(0, 1)"}


def histograms(panels: dict[str, tuple[np.ndarray, Densities]], *, xlabel: str = "value") -> Figure:
    """Draw densities of an example and its models on a logarithmic axis, a panel for each law.

    Args:
        panels: For each panel, by its title, the edges of the bins, (bins + 1,), and the densities
            by name, the example first, (n, bins) each. The names are those of the first panel.
        xlabel: Name of the value, with its unit.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.fields import histograms
        >>> density = {"example": np.array([[0.5, 0.5]]), "Gaussian": np.array([[0.4, 0.6]])}
        >>> figure = histograms({"Ising": (np.array([-1, 0, 1]), density)})
        >>> figure.axes[0].get_title(), figure.axes[0].get_ylabel()
        ('Ising', 'density')
    """
    across = min(len(panels), 3)
    down = -(-len(panels) // across)
    figure = Figure(figsize=(3.4 * across + 1, 2.9 * down + 0.6), dpi=150, layout="constrained")
    places = figure.subplots(down, across, squeeze=False).ravel()
    for axes, (title, (edges, densities)) in zip(places, panels.items(), strict=False):
        _draw(axes, edges, densities)
        axes.set_title(title, fontsize=10)
        axes.set_xlabel(xlabel)
    for axes in places[::across]:
        axes.set_ylabel("density")
    for axes in places[len(panels) :]:
        axes.remove()
    legend(figure, places[0])
    return figure


def increments(
    lags: Sequence[int],
    edges: np.ndarray,
    densities: Densities,
    flatness: dict[str, np.ndarray],
) -> Figure:
    """Draw the law of increments at each lag, a panel for each, and their flatness by lag.

    Dotted is the normal law, of flatness 3.

    Args:
        lags: Lags in pixels, increasing, (lags,).
        edges: Edges of the bins in units of the deviation at each lag, (bins + 1,).
        densities: Densities by name, the example first, (n, lags, bins) each.
        flatness: Flatness by name, (n, lags) each.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.fields import increments
        >>> density, F = {"example": np.full((1, 2, 4), 0.25)}, {"example": np.full((1, 2), 3.0)}
        >>> figure = increments([1, 4], np.linspace(-2, 2, 5), density, F)
        >>> [axes.get_title() for axes in figure.axes]
        ['lag 1', 'lag 4', 'flatness']
    """
    across = min(len(lags) + 1, 4)
    down = -(-(len(lags) + 1) // across)
    figure = Figure(figsize=(2.8 * across + 0.6, 2.8 * down + 0.5), dpi=150, layout="constrained")
    places = figure.subplots(down, across, squeeze=False).ravel()
    u = np.linspace(edges[0], edges[-1], 200)
    for t, (lag, axes) in enumerate(zip(lags, places, strict=False)):
        axes.plot(u, np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi), **NORMAL)
        _draw(axes, edges, {name: density[:, t] for name, density in densities.items()})
        axes.set_title(f"lag {lag}", fontsize=10)
        axes.set_xlabel("increment / its deviation", fontsize=9)
    limits = np.array([axes.get_ylim() for axes in places[: len(lags)]])
    for axes in places[: len(lags)]:
        axes.set_ylim(limits[:, 0].min(), limits[:, 1].max())
    for axes in places[: len(lags) : across]:
        axes.set_ylabel("density")
    last = places[len(lags)]
    last.axhline(3, **NORMAL)
    draw(last, np.asarray(lags), flatness, marker="o")
    last.set_xscale("log")
    last.set_xticks(lags, [f"{lag}" for lag in lags])
    last.set_xticks([], minor=True)
    last.tick_params(labelsize=8)
    last.set_title("flatness", fontsize=10)
    last.set_xlabel("lag, pixels", fontsize=9)
    last.grid(alpha=0.3)
    for axes in places[len(lags) + 1 :]:
        axes.remove()
    legend(figure, places[0])
    return figure


def _draw(axes: Axes, edges: np.ndarray, densities: Densities) -> None:
    """Draw densities as steps on a logarithmic axis, with gaps where they are 0."""
    shown = []
    for i, (name, density) in enumerate(densities.items()):
        mean = density.mean(axis=0)
        shown += mean[mean > 0].tolist()
        if i == 0 and len(density) > 1:
            low, high = np.maximum(band(density), NEARLY_0)
            axes.stairs(high, edges, baseline=low, fill=True, color="0.8")
        axes.stairs(np.where(mean > 0, mean, np.nan), edges, baseline=None, label=name, **style(i))
    axes.set_yscale("log")
    if shown:
        axes.set_ylim(min(shown) / 2, 2 * max(shown))
    axes.set_xlim(edges[0], edges[-1])
    axes.tick_params(labelsize=8)
    axes.grid(alpha=0.3)
