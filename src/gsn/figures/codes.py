"""Figures of sparse codes: convergence to the lasso, sparsity, atoms."""

import numpy as np
from matplotlib.figure import Figure

from gsn.figures.images import grid, magnified


def panels(rows: list[dict], shares: np.ndarray, atoms: np.ndarray, *, title: str) -> Figure:
    """Draw the convergence of ISTC and FISTA, the zeros in the codes, and patches of the atoms.

    Args:
        rows: Row for each number of steps, with steps, istc and fista: the excess of the objective.
        shares: Share of the codes of each image that are zero, (n,).
        atoms: Patches of the atoms, (rows, columns, c, side, side) uint8.
        title: Title of the figure.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.codes import panels
        >>> rows = [{"steps": n, "istc": 0.1 / n, "fista": 0.2 / n} for n in (1, 2)]
        >>> figure = panels(rows, np.ones(9), np.zeros((2, 2, 1, 8, 8), np.uint8), title="")
        >>> figure.axes[1].get_xlabel()
        'zeros in the code of an image, %'
    """
    figure = Figure(figsize=(12, 3.8), dpi=150, layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    for name, marker in (("istc", "o"), ("fista", "s")):
        steps, excess = zip(*((row["steps"], row[name]) for row in rows), strict=True)
        left.plot(steps, excess, marker=marker, markersize=4, label=name.upper())
    left.set(xscale="log", yscale="log", xlabel="steps", ylabel="excess of the objective")
    left.xaxis.set_major_formatter("{x:g}")
    left.grid(alpha=0.3)
    left.legend(frameon=False)
    middle.hist(100 * shares, bins=30, color="C0")
    middle.set(xlabel="zeros in the code of an image, %", ylabel="test images")
    right.imshow(grid(magnified(atoms, 32)), interpolation="nearest")
    right.set_axis_off()
    right.set_title("mean patch of the most used atoms", fontsize=10)
    figure.suptitle(title, fontsize=10)
    return figure
