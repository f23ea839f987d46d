"""Figures of laws of z: their quantiles, their samples, and their distances from the data."""

import numpy as np
from matplotlib.figure import Figure

from gsn.figures.images import grid, image_rows

MOST_POINTS = 2000  # points of a QQ plot


def qq(columns: list[tuple[str, np.ndarray, np.ndarray]]) -> Figure:
    """Draw observed quantiles against theoretical ones, a panel for each component.

    On the theoretical law the points lie on the grey diagonal. A row has four panels, which share
    an axis. Some MOST_POINTS points of each are drawn, among them the 50 smallest and largest.

    Args:
        columns: For each panel, its title, the theoretical quantiles, increasing, (n,), and the
            observed ones, increasing, (n,). At least one.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.laws import qq
        >>> x = np.array([-1.0, 0.0, 1.0])
        >>> [axes.get_title() for axes in qq([("best", x, x), ("worst", x, x**3)]).axes]
        ['best', 'worst']
    """
    across = min(len(columns), 4)
    down = -(-len(columns) // across)
    figure = Figure(figsize=(2.3 * across + 0.4, 2.4 * down + 0.3), dpi=150, layout="constrained")
    panels = figure.subplots(down, across, sharex=True, sharey="row", squeeze=False).ravel()
    for axes, (title, theoretical, observed) in zip(panels, columns, strict=False):
        n = len(theoretical)
        shown = np.linspace(0, n - 1, min(n, MOST_POINTS)).astype(int)
        shown = np.union1d(shown, np.r_[: min(n, 50), max(0, n - 50) : n])  # the tails in full
        axes.axline((0, 0), slope=1, color="grey", linewidth=1)
        axes.plot(
            theoretical[shown], observed[shown], ".", color="C0", markersize=3, rasterized=True
        )
        axes.set_title(title, fontsize=9)
        axes.grid(alpha=0.3)
    for axes in panels[len(columns) :]:
        axes.remove()
    for axes in panels[max(0, len(columns) - across) : len(columns)]:  # the lowest of each column
        axes.tick_params(labelbottom=True)
    figure.supxlabel("quantile of N(0, 1)", fontsize=10)
    figure.supylabel("quantile of the component", fontsize=10)
    return figure


def sample_rows(rows: dict[str, np.ndarray], *, title: str) -> Figure:
    """Draw samples of several laws of z, a labelled row for each law.

    If the laws have different numbers of images, the first ones are drawn of each.

    Args:
        rows: Images by the name of the law, (n, c, N, N) uint8, c = 1 or 3. At least one law, with
            at least one image, and the same c and N for all.
        title: Title above the rows.

    Raises:
        ValueError: The shapes of the images differ.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.laws import sample_rows
        >>> x = np.zeros((3, 1, 8, 8), dtype=np.uint8)
        >>> figure = sample_rows({"N(0, I)": x, "training z": x[:2]}, title="G(z)")
        >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
        ['N(0, I)', 'training z']
    """
    shapes = {images.shape[1:] for images in rows.values()}
    if len(shapes) != 1:
        raise ValueError(
            f"the images of all laws must have the same shape: got {sorted(shapes)}; "
            "use images of one data set."
        )
    few = min(len(images) for images in rows.values())
    return image_rows(np.stack([x[:few] for x in rows.values()]), list(rows), title=title)


def curves(x: np.ndarray, panels: dict[str, dict[str, np.ndarray]], *, xlabel: str) -> Figure:
    """Draw measures of several laws against a number, such as that of the training images.

    Args:
        x: Numbers, increasing, (k,), on a logarithmic axis. The ticks are at these.
        panels: For each measure, by its name with its unit, the values of each law by its name,
            (k,) each. NaN where it was not measured. The laws of all panels are the same.
        xlabel: Name of the number.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.laws import curves
        >>> y = {"N(0, I)": np.array([3.0, 2.0]), "mixture": np.array([2.0, 1.0])}
        >>> figure = curves(np.array([1, 10]), {"distance": y}, xlabel="training images")
        >>> [line.get_label() for line in figure.axes[0].lines]
        ['N(0, I)', 'mixture']
    """
    figure = Figure(figsize=(4.2 * len(panels) + 0.6, 3.7), dpi=150, layout="constrained")
    every = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, (ylabel, y) in zip(every, panels.items(), strict=True):
        for i, (name, values) in enumerate(y.items()):
            axes.plot(x, values, color=f"C{i}", marker="o", markersize=3, label=name)
        axes.set_xscale("log")
        axes.set_xticks(x, [f"{number:,g}" if number < 1e6 else f"{number:.0e}" for number in x])
        axes.set_xticks([], minor=True)
        axes.set_xlabel(xlabel)
        axes.set_ylabel(ylabel)
        axes.grid(alpha=0.3)
    handles = every[0].get_legend_handles_labels()
    figure.legend(*handles, frameon=False, loc="outside upper center", ncols=4)
    return figure


def matrix(
    images: np.ndarray,
    rows: np.ndarray,
    columns: np.ndarray,
    *,
    row_name: str,
    column_name: str,
) -> Figure:
    """Draw decoded images over the values of two coordinates, as Ziomek & Farrahi (2022) do.

    Args:
        images: Image at each pair of values, (rows, columns, c, N, N) uint8, c = 1 or 3.
        rows: Value of the one coordinate in each row, (rows,).
        columns: Value of the other coordinate in each column, (columns,).
        row_name: Name of the coordinate of the rows.
        column_name: Name of the coordinate of the columns.

    Raises:
        ValueError: The numbers of images and of values differ.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.laws import matrix
        >>> x, values = np.zeros((4, 4, 1, 8, 8), dtype=np.uint8), np.linspace(-2, 2, 4)
        >>> figure = matrix(x, values, values, row_name="z 1", column_name="z 2")
        >>> [label.get_text() for label in figure.axes[0].get_xticklabels()]
        ['-2', '-0.67', '0.67', '2']
    """
    if images.shape[:2] != (len(rows), len(columns)):
        raise ValueError(
            f"there must be an image for each pair of values, {(len(rows), len(columns))}: "
            f"got {images.shape[:2]}; draw as many."
        )
    N = images.shape[-1]
    pitch = N + max(1, N // 16)
    figure = Figure(
        figsize=(0.85 * len(columns) + 0.9, 0.85 * len(rows) + 0.6), dpi=150, layout="constrained"
    )
    axes = figure.add_subplot()
    axes.imshow(grid(images), interpolation="nearest")
    ticks = [[i * pitch + (N - 1) / 2 for i in range(len(values))] for values in (columns, rows)]
    axes.set_xticks(ticks[0], [f"{value:.2g}" for value in columns])
    axes.set_yticks(ticks[1], [f"{value:.2g}" for value in rows])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel(column_name)
    axes.set_ylabel(row_name)
    return figure
