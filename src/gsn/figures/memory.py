"""Figures of an associative memory: hit rates, and queries with what they recall."""

import numpy as np
from matplotlib.figure import Figure

from gsn.figures.images import image_rows

SIZES = {
    "noise": "noise: standard deviation / range",
    "occlusion": "occlusion: side of the square / side",
    "translation": "translation, pixels",
}
SPACES = {  # label, colour, marker, width: that of PCA shows behind S, which it nearly equals
    "z": ("z, whitened", "C3", "o", 1.5),
    "z_centred": ("z less its mean shift", "C2", "v", 1.5),
    "PCA": ("same d, not whitened", "#ffbb78", "s", 5),
    "S": ("all of S", "C0", "^", 1.5),
    "pixels": ("pixels", "0.35", "D", 1.5),
}


def hit_rates(panels: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Draw the share of queries that recall their own image, against the corruption.

    Bands are intervals of confidence.

    Args:
        panels: For each kind of corruption, a key of SIZES, and each space, a key of SPACES: rows
            of size, hit rate and its bounds in [0, 1], (k, 4).

    Example:
        >>> import numpy as np
        >>> from gsn.figures.memory import hit_rates
        >>> rates = np.array([[0.1, 0.9, 0.8, 0.95], [0.2, 0.5, 0.4, 0.6]])
        >>> hit_rates({"noise": {"z": rates}}).axes[0].get_ylabel()
        'queries that recall their image, %'
    """
    figure = Figure(figsize=(3.2 * len(panels) + 0.6, 3.5), dpi=150, layout="constrained")
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for panel, (kind, spaces) in zip(axes, panels.items(), strict=True):
        for space, rates in spaces.items():
            label, colour, marker, width = SPACES[space]
            ticks, (sizes, rate, low, high) = np.arange(len(rates)), rates.T
            panel.fill_between(ticks, 100 * low, 100 * high, color=colour, alpha=0.15, linewidth=0)
            line = {"color": colour, "marker": marker, "linewidth": width}
            panel.plot(ticks, 100 * rate, markersize=3.5, label=label, **line)
        panel.set_xticks(ticks, [f"{size:.4g}" for size in sizes], fontsize=8)
        panel.set_xlabel(SIZES[kind])
        panel.set_ylim(-3, 103)
        panel.grid(alpha=0.3)
    axes[0].set_ylabel("queries that recall their image, %")
    handles = axes[0].get_legend_handles_labels()
    figure.legend(*handles, frameon=False, loc="outside upper center", ncols=5)
    return figure


def title(kind: str, size: float) -> str:
    """Return a corruption in two short lines.

    Example:
        >>> from gsn.figures.memory import title
        >>> title("translation", 4)
        'translation\\n4 px'
    """
    return f"{kind}\n{size:g}{' px' if kind == 'translation' else ''}"


def examples(images: np.ndarray, labels: list[str], titles: list[str], hits: list[bool]) -> Figure:
    """Draw queries as columns: the stored image, the query, and what it recalls.

    Args:
        images: Images, (rows, columns, c, N, N) uint8, c = 1 or 3.
        labels: Label of each row.
        titles: Title of each column.
        hits: Whether each column recalls its stored image.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.memory import examples
        >>> x = np.zeros((2, 1, 1, 8, 8), dtype=np.uint8)
        >>> figure = examples(x, ["query", "recalled"], ["noise 1"], [False])
        >>> [label.get_text() for label in figure.axes[0].get_xticklabels()]
        ['miss']
    """
    figure = image_rows(images, labels, title="")
    axes, N = figure.axes[0], images.shape[-1]
    pitch = N + max(1, N // 16)
    places = [i * pitch + (N - 1) / 2 for i in range(len(titles))]
    axes.set_xticks(places, ["hit" if hit else "miss" for hit in hits], fontsize=9)
    for label, hit in zip(axes.get_xticklabels(), hits, strict=True):
        label.set_color("C2" if hit else "C3")
    above = axes.secondary_xaxis("top")
    above.set_xticks(places, titles, fontsize=8)
    above.tick_params(length=0)
    above.spines[:].set_visible(False)
    return figure
