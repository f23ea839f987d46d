"""Figures of what a decoder recovers: octaves of frequency, and components of z."""

import numpy as np
from matplotlib.figure import Figure

STYLES = {"train": "--", "test": "-"}


def octaves(edges: np.ndarray, splits: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Draw the power of images and reconstructions by octaves, and what of it is recovered.

    Args:
        edges: Lower edges of the bands in cycles per pixel, 0 for the mean, (bands,).
        splits: For each split, arrays of the bands: `power`, `power_reconstructed`, `energy_kept`
            and `error`, as of `gsn.metrics.spectrum.detail`.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.detail import octaves
        >>> names = ("power", "power_reconstructed", "energy_kept", "error")
        >>> bands = {name: np.ones(3) for name in names}
        >>> figure = octaves(np.array([0, 0.125, 0.25]), {"train": bands})
        >>> [label.get_text() for label in figure.axes[0].get_xticklabels()]
        ['mean', '1/8', '1/4']
    """
    figure = Figure(figsize=(9.6, 3.5), dpi=150, layout="constrained")
    power, kept, error = panels = figure.subplots(1, 3)
    ticks = np.arange(len(edges))
    for split, bands in splits.items():
        line = {"linestyle": STYLES[split], "marker": "o", "markersize": 3}
        power.plot(ticks, bands["power"], color="0.35", label=f"x, {split}", **line)
        decoded = bands["power_reconstructed"]
        power.plot(ticks, decoded, color="C0", label=f"G(Φ(x)), {split}", **line)
        kept.plot(ticks, 100 * bands["energy_kept"], color="C0", **line)
        error.plot(ticks, 100 * bands["error"], color="C3", **line)
    power.set_yscale("log")
    power.set_ylabel("mean square of a coefficient")
    kept.set_ylabel("energy of G(Φ(x)) / energy of x, %")
    error.set_ylabel("energy of G(Φ(x)) - x / energy of x, %")
    for axes in panels:
        axes.set_xticks(ticks, ["mean" if edge == 0 else f"1/{1 / edge:g}" for edge in edges])
        axes.tick_params(axis="x", labelsize=8)
        axes.set_xlabel("octave from this frequency, cycles / pixel", fontsize=9)
        axes.grid(alpha=0.3)
    for axes in (kept, error):
        axes.axhline(100, color="grey", linewidth=1, linestyle=":")
        axes.set_ylim(bottom=0)
    handles = power.get_legend_handles_labels()
    figure.legend(*handles, frameon=False, loc="outside upper center", ncols=4)
    return figure


def components(kept: np.ndarray, decoders: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Draw PSNR and the share of pixel energy against the number of components of z kept.

    Args:
        kept: Numbers of components, increasing, (k,).
        decoders: For each decoder and split, as "G, test", arrays `psnr_db` and `energy_share`,
            (k,).

    Example:
        >>> import numpy as np
        >>> from gsn.figures.detail import components
        >>> curves = {"psnr_db": np.array([10, 20]), "energy_share": np.array([0, 1])}
        >>> len(components(np.array([0, 8]), {"G, test": curves}).axes)
        2
    """
    figure = Figure(figsize=(8, 3.6), dpi=150, layout="constrained")
    axes = figure.subplots(1, 2)
    ticks = np.arange(len(kept))
    for name, curves in decoders.items():
        decoder, split = name.split(", ")
        colour = "C0" if decoder == "G" else "C1"
        line = {"color": colour, "linestyle": STYLES[split], "marker": "o", "markersize": 3}
        axes[0].plot(ticks, curves["psnr_db"], label=name, **line)
        axes[1].plot(ticks, 100 * curves["energy_share"], **line)
    axes[0].set_ylabel("pooled PSNR, dB")
    axes[1].set_ylabel("pixel variance explained, %")
    axes[1].axhline(0, color="grey", linewidth=1)
    for panel in axes:
        panel.set_xticks(ticks, kept)
        panel.tick_params(axis="x", labelsize=8)
        panel.set_xlabel("components of z kept, the others set to 0")
        panel.grid(alpha=0.3)
    handles = axes[0].get_legend_handles_labels()
    figure.legend(*handles, frameon=False, loc="outside upper center", ncols=4)
    return figure
