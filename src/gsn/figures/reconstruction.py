"""Figures of reconstructions from scattering coefficients: PSNR, and the recovery diagram."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

Rows = list[dict[str, Any]]
MARKERS = {1: "o", 2: "s"}  # by order


def curves(rows: Rows) -> Figure:
    """Draw the PSNR of each image against J, and against the number of coefficients per pixel.

    Colours are images, circles and dashed lines order 1, squares and full lines order 2. Each set
    of pictures has a column.

    Args:
        rows: Row for each image, J and order, with pictures, image, J, order, per_pixel and
            psnr_db.

    Example:
        >>> from gsn.figures.reconstruction import curves
        >>> same = {"pictures": "shapes", "image": "a", "order": 2, "per_pixel": 0.5}
        >>> figure = curves([same | {"J": J, "psnr_db": 30.0 - J} for J in (3, 4)])
        >>> [axes.get_xlabel() for axes in figure.axes]
        ['J', 'coefficients per pixel']
    """
    sets = list(dict.fromkeys(row["pictures"] for row in rows))
    figure = Figure(figsize=(4.2 * len(sets) + 0.8, 6.4), dpi=150, layout="constrained")
    panels = figure.subplots(2, len(sets), squeeze=False, sharey="col")
    for column, pictures in zip(panels.T, sets, strict=True):
        own = [row for row in rows if row["pictures"] == pictures]
        for axes, key in zip(column, ("J", "per_pixel"), strict=True):
            _draw(axes, own, key)
            axes.set_ylabel("PSNR after alignment, dB")
            axes.grid(alpha=0.3)
        column[0].set_title(pictures, fontsize=10)
        column[0].set_xlabel("J")
        column[0].xaxis.set_major_locator(MaxNLocator(integer=True))
        column[1].set_xlabel("coefficients per pixel")
        column[1].set_xscale("log")
        column[1].legend(frameon=False, fontsize=7)
    return figure


def _draw(axes, rows: Rows, key: str) -> None:
    """Draw a curve for each image and order."""
    for i, image in enumerate(dict.fromkeys(row["image"] for row in rows)):
        for order, marker in MARKERS.items():
            own = [row for row in rows if (row["image"], row["order"]) == (image, order)]
            if not own:
                continue
            line = "-" if order == 2 else "--"
            places, values = zip(*sorted((row[key], row["psnr_db"]) for row in own), strict=True)
            style = {"color": f"C{i % 10}", "marker": marker, "linestyle": line}
            axes.plot(places, values, markersize=4, label=f"{image}, order {order}", **style)


def recovery(rows: Rows) -> Figure:
    """Draw the probability of recovery over the number of Diracs and J, a panel for each order.

    Args:
        rows: Row for each J, order and number of Diracs, with J, order, coefficients, diracs and
            probability.

    Example:
        >>> from gsn.figures.reconstruction import recovery
        >>> rows = [{"J": 4, "order": 2, "coefficients": 417, "diracs": 1, "probability": 1.0}]
        >>> recovery(rows).axes[0].get_title()
        'order 2'
    """
    orders = sorted({row["order"] for row in rows})
    numbers, scales = (sorted({row[key] for row in rows}) for key in ("diracs", "J"))
    width = len(orders) * (0.5 * len(numbers) + 1.4) + 1.2
    figure = Figure(figsize=(width, 0.45 * len(scales) + 1.6), dpi=150, layout="constrained")
    panels = figure.subplots(1, len(orders), squeeze=False)[0]
    for axes, order in zip(panels, orders, strict=True):
        own = [row for row in rows if row["order"] == order]
        grid = np.full((len(scales), len(numbers)), np.nan)
        labels = {row["J"]: f"{row['J']} ({row['coefficients']})" for row in own}
        for row in own:
            i, j = scales.index(row["J"]), numbers.index(row["diracs"])
            grid[i, j] = row["probability"]
            colour = "white" if row["probability"] < 0.5 else "black"
            text = {"ha": "center", "va": "center", "fontsize": 7, "color": colour}
            axes.text(j, i, f"{row['probability']:.2g}", **text)
        drawn = axes.imshow(grid, cmap="gray", vmin=0, vmax=1, aspect="auto", origin="lower")
        axes.set_xticks(range(len(numbers)), numbers)
        axes.set_yticks(range(len(scales)), [labels.get(J, str(J)) for J in scales])
        axes.set_xlabel("Diracs")
        axes.set_ylabel("J (coefficients)")
        axes.set_title(f"order {order}", fontsize=10)
    figure.colorbar(drawn, ax=list(panels), label="share recovered")
    return figure
