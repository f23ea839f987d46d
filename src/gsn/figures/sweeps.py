"""Figures of sweeps: measures against the settings that vary."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

Rows = list[dict[str, Any]]
STYLES = {"train": "--", "test": "-"}
SHARED = {"psnr": "G", "ridge": "ridge", "pixel_pca": "pixel PCA"}  # in one panel
LEFT_OUT = ("n", "seconds")  # which only the table has, and so the measures below
LESS = ("psnr_mean", "z_variance_mean", "z_variance_min", "z_variance_max", "energy_p")
LESS += ("dependence_p", "share_within_3")
RATIO = "coefficients_per_pixel"  # which follows from J and L
DECIBELS = "PSNR, dB"


def curves(rows: Rows, varied: Sequence[str]) -> Figure:
    """Draw each measure of a sweep against the first setting, a colour for each value of others.

    PSNR of G and of the linear baselines share the first panel; with several settings it shows G
    alone. Solid lines are test images, dashed lines training images. The axis is logarithmic where
    the values are geometric. Over seeds the mean is drawn, with bars of one standard deviation.

    Args:
        rows: Row for each point, with the settings and the measures; the columns of all are equal.
        varied: Names of the settings that vary, at least one.

    Example:
        >>> from gsn.figures.sweeps import curves
        >>> rows = [{"train": n, "n": n, "psnr_train": 30.0, "psnr_test": 20.0} for n in (8, 16)]
        >>> [axes.get_ylabel() for axes in curves(rows, ["train"]).axes]
        ['PSNR, dB']
    """
    keys = _free(rows, [key for key in varied if key != "seed"])
    panels = _panels(rows, varied, alone=len(keys) > 1)
    across = min(3, len(panels))
    down = -(-len(panels) // across)
    figure = Figure(figsize=(4.2 * across + 0.6, 3.3 * down), dpi=150, layout="constrained")
    places = figure.subplots(down, across, squeeze=False).ravel()
    for axes, (label, columns) in zip(places, panels.items(), strict=False):
        draw = _along if keys else _seeds
        draw(axes, rows, keys, columns)
        axes.set_ylabel(label)
        axes.grid(alpha=0.3)
    for axes in places[len(panels) :]:
        axes.remove()
    return figure


def _free(rows: Rows, keys: list[str]) -> list[str]:
    """Return the first setting, and the others that it does not determine."""
    free = keys[:1]
    for key in keys[1:]:
        pairs = {(row[keys[0]], row[key]) for row in rows}
        if len(pairs) > len({first for first, _ in pairs}):
            free.append(key)
    return free


def _panels(rows: Rows, varied: Sequence[str], *, alone: bool) -> dict[str, list[tuple]]:
    """Return name, split and column of the curves of each panel, by its label."""
    panels: dict[str, list[tuple]] = {}
    for column in rows[0]:
        name, _, split = column.rpartition("_")
        if column in (*varied, *LEFT_OUT) or name in LESS:
            continue
        if column == RATIO and len({row[column] for row in rows}) == 1:
            continue
        if alone and name in ("ridge", "pixel_pca"):
            continue
        if split not in STYLES:
            panels[column.replace("_", " ")] = [("", "", column)]
        elif name in SHARED:
            panels.setdefault(DECIBELS, []).append((SHARED[name], split, column))
        else:
            panels.setdefault(name.replace("_", " "), []).append(("", split, column))
    return panels


def _along(axes: Axes, rows: Rows, keys: list[str], columns: list[tuple]) -> None:
    """Draw curves against the first setting."""
    first, *others = keys
    values = list(dict.fromkeys(row[first] for row in rows))
    numeric = all(isinstance(value, int | float) for value in values)
    values = sorted(values) if numeric else values
    curves = list(dict.fromkeys(tuple(row[key] for key in others) for row in rows))
    names = list(dict.fromkeys(name for name, *_ in columns))
    for i, curve in enumerate(curves):
        word = ", ".join(f"{key} = {value}" for key, value in zip(others, curve, strict=True))
        for name, split, column in columns:
            found = [
                [row[column] for row in rows if (row[first], *(row[k] for k in others)) == place]
                for place in ((value, *curve) for value in values)
            ]
            at = [j for j, some in enumerate(found) if some]  # `each` need not have all
            x, y = [values[j] if numeric else j for j in at], [np.mean(found[j]) for j in at]
            color = f"C{i if others else names.index(name)}"
            label = " ".join(filter(None, (word or name, split)))
            axes.plot(x, y, f"{STYLES.get(split, '-')}o", color=color, markersize=3, label=label)
            if max(map(len, found)) > 1:  # over seeds
                sd = [np.std(found[j], ddof=1) if len(found[j]) > 1 else 0 for j in at]
                axes.errorbar(x, y, yerr=sd, fmt="none", color=color, capsize=2)
    if numeric and _geometric(values):
        axes.set_xscale("log")
    axes.set_xticks(values if numeric else range(len(values)), [_tick(value) for value in values])
    axes.set_xticks([], minor=True)
    axes.set_xlabel(first)
    if any(label for label in axes.get_legend_handles_labels()[1]):
        axes.legend(frameon=False, fontsize=7, handlelength=4, markerscale=0)


def _seeds(axes: Axes, rows: Rows, keys: list[str], columns: list[tuple]) -> None:
    """Draw the values of all seeds, with their mean and standard deviation beside them."""
    for i, (_, _, column) in enumerate(columns):
        values = [row[column] for row in rows]
        axes.plot([i] * len(values), values, "o", color=f"C{i}", markersize=3, alpha=0.6)
        sd = np.std(values, ddof=1) if len(values) > 1 else 0
        axes.errorbar(i + 0.25, np.mean(values), yerr=sd, fmt="_", color="black", capsize=3)
    axes.set_xlim(-0.5, len(columns) - 0.25)
    named = [f"{name}\n{split}".strip() for name, split, _ in columns]
    axes.set_xticks(range(len(columns)), named, fontsize=7)


def _geometric(values: list) -> bool:
    """Return whether each of three or more values is the same multiple of the one before."""
    if len(values) < 3 or min(values) <= 0:
        return False
    return bool(np.ptp(np.diff(np.log(values))) < 0.01)


def _tick(value: Any) -> str:
    return f"{value:,g}" if isinstance(value, float) and value < 1e6 else str(value)
