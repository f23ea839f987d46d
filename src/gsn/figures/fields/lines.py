"""Lines of the example and of models: colours, dashes, and bands over realisations."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

# Those of Okabe and Ito, which the colour-blind can tell apart, and dashes, which print in grey.
COLOURS = ("black", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
DASHES = ("-", (0, (6, 1.5)), (0, (4, 1.2, 1, 1.2)), (0, (1.5, 1)), (0, (8, 2, 2, 2)))
DASHES += ((0, (3, 1.5)), (0, (4, 1.2, 1, 1.2, 1, 1.2)))
BAND = (2.5, 97.5)  # percentiles over the realisations of the example
NEARLY_0 = 1e-300  # which a logarithmic axis takes


def style(i: int) -> dict:
    """Return the style of the line of the example, i = 0, or of model i.

    Example:
        >>> from gsn.figures.fields.lines import style
        >>> style(0)["color"]
        'black'
    """
    k = i % len(COLOURS)
    # Models are drawn over the example, which is wider, so that equal lines show.
    width, order = (2.2, 2.5) if i == 0 else (1.5, 3)
    return {"color": COLOURS[k], "linestyle": DASHES[k], "linewidth": width, "zorder": order}


def band(values: np.ndarray) -> np.ndarray:
    """Return the central 95 % over realisations, (n, k) -> (2, k)."""
    return np.percentile(values, BAND, axis=0)


def draw(
    axes: Axes,
    x: np.ndarray,
    curves: dict[str, np.ndarray],
    *,
    marker: str = "",
    linear: bool = False,
) -> None:
    """Draw the mean of each curve over its realisations, and the band of the first one.

    Args:
        axes: Axes to draw into.
        x: Abscissae, (k,).
        curves: Values by name, (n, k) each, the example first.
        marker: Marker of the points.
        linear: Whether values may be negative, which no logarithmic axis takes.
    """
    for i, (name, values) in enumerate(curves.items()):
        if i == 0 and len(values) > 1:
            low, high = band(values) if linear else np.maximum(band(values), NEARLY_0)
            axes.fill_between(x, low, high, color="0.8", linewidth=0)
        axes.plot(x, values.mean(axis=0), marker=marker, markersize=3.5, label=name, **style(i))


def plain_ticks(axes: Axes) -> None:
    """Write 0.5, 1, 2 and such on a logarithmic axis of up to two decades, else the decades."""
    low, high = axes.get_ylim()
    if high <= 101 * low:
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def ratio_ticks(axes: Axes, *, most: float) -> None:
    """Let the logarithmic axis of a ratio show 1/2 to 2 at least, and 1/most to most at most."""
    low, high = axes.get_ylim()
    axes.set_ylim(max(min(low, 0.5), 1 / most), min(max(high, 2), most))
    plain_ticks(axes)


def legend(figure: Figure, axes: Axes) -> None:
    """Write the names above the panels of a figure, where they cover no data."""
    handles, names = axes.get_legend_handles_labels()
    room = 15 * figure.get_size_inches()[0]  # letters in a row
    lengths = [len(name) + 12 for name in names]  # with the line before it and the gap behind it

    def width(across: int) -> int:
        return sum(max(column) for column in np.array_split(lengths, across))

    most = next((k for k in range(len(names), 1, -1) if width(k) <= room), 1)
    rows = -(-len(names) // most)
    figure.legend(
        handles,
        names,
        frameon=False,
        loc="outside upper center",
        ncols=-(-len(names) // rows),
        handlelength=3.2,
        fontsize=9,
    )
