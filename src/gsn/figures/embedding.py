"""Figures of the embedding: its spectrum, its distances and its continuity."""

import numpy as np
from matplotlib.figure import Figure

SIZES = {
    "translation": r"translation $|\tau|_\infty$, pixels",
    "deformation": r"deformation $|\nabla\tau|_\infty$",
}
SPACES = {"pixels": "x", "S": "projected S(x)", "z": "z = Φ(x)"}


def spectrum(
    eigenvalues: np.ndarray, share: np.ndarray, variances: dict[str, np.ndarray]
) -> Figure:
    """Draw the eigenvalues of the covariance of S, the variance they hold, and the variances of z.

    Args:
        eigenvalues: Eigenvalues, decreasing, (rank,).
        share: Share of the variance in the first k components, for each k, in [0, 1], (rank,).
        variances: Variances of the components of z, by split, (d,) each. They are 1 if z is white.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.embedding import spectrum
        >>> figure = spectrum(np.array([3, 1]), np.array([0.75, 1]), {"train": np.ones(2)})
        >>> len(figure.axes)
        3
    """
    figure = Figure(figsize=(6, 6), dpi=150, layout="constrained")
    above, middle, below = axes = figure.subplots(3, 1, sharex=True, height_ratios=(2, 1, 1.5))
    k = np.arange(1, len(eigenvalues) + 1)
    above.loglog(k, eigenvalues, color="C0")
    above.set_ylabel("eigenvalue of cov S")
    middle.plot(k, 100 * share, color="C0")
    middle.set_ylabel("variance\nup to it, %")
    middle.set_ylim(0, 105)
    for split, variance in variances.items():
        below.plot(k[: len(variance)], variance, label=split, linewidth=1)
    below.set_ylabel("variance of z")
    below.set_xlabel("principal component")
    below.legend(frameon=False, loc="upper left", ncols=2)
    below.margins(y=0.25)
    below.set_xlim(1, len(k))
    for panel in axes:
        panel.grid(alpha=0.3)
    return figure


def distance_ratios(ratios: dict[str, np.ndarray]) -> Figure:
    """Draw histograms of the ratios by which an embedding shrinks distances.

    Vertical lines show the smallest ratios, which are 1/alpha in equation (2) of Angles & Mallat
    (2018), and the paper's 1/3.

    Args:
        ratios: For each embedding, by name, the distance of two embedded images over the distance
            of the images, (pairs,).

    References:
        T. Angles and S. Mallat, Generative networks as inverse problems with scattering
        transforms, ICLR, 2018.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.embedding import distance_ratios
        >>> figure = distance_ratios({"S": np.array([0.5, 0.7])})
        >>> [line.get_label() for line in figure.axes[0].lines]
        ['1/α = 0.500', '1/3']
    """
    figure = Figure(figsize=(6, 3.6), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    bins = np.linspace(0, 1.02 * max(1, *(ratio.max() for ratio in ratios.values())), 61)
    for i, (name, ratio) in enumerate(ratios.items()):
        heights, _ = np.histogram(ratio, bins, weights=np.full(len(ratio), 100 / len(ratio)))
        axes.stairs(heights, bins, color=f"C{i}", linewidth=1.2, label=name)
        axes.axvline(ratio.min(), color=f"C{i}", linestyle=":", label=f"1/α = {ratio.min():.3f}")
    axes.axvline(1 / 3, color="grey", linestyle="--", linewidth=1, label="1/3")
    axes.set_xlim(0, bins[-1])
    axes.set_xlabel("distance of the embedded images / distance of the images")
    axes.set_ylabel("share of the pairs, %")
    figure.legend(frameon=False, loc="outside upper center", ncols=len(ratios) + 1)
    return figure


def continuity(panels: dict[str, tuple[np.ndarray, dict[str, np.ndarray]]]) -> Figure:
    """Draw how far images move, in several spaces, under displacements of growing sizes.

    Lines are means over the images, and bands hold half of the images. Dotted lines are
    proportional to the size of the displacement.

    Args:
        panels: For "translation" and "deformation", a pair of arrays. The first has the sizes of k
            displacements, `|tau|_inf` or `|grad tau|_inf`, (k,). The second has, for each space (a
            key of SPACES), the distance between an image and the displaced one over the mean
            distance of two images, (k, images).

    Example:
        >>> import numpy as np
        >>> from gsn.figures.embedding import continuity
        >>> sizes, distance = np.array([1, 2]), np.array([[0.1, 0.3], [0.2, 0.4]])
        >>> figure = continuity({"translation": (sizes, {"z": distance})})
        >>> figure.axes[0].get_ylabel()
        'distance / mean distance of two images'
    """
    figure = Figure(figsize=(4.2 * len(panels), 3.9), dpi=150, layout="constrained")
    rows = figure.subplots(1, len(panels), sharey=True, squeeze=False)
    for axes, (kind, (sizes, spaces)) in zip(rows[0], panels.items(), strict=True):
        for i, (name, distance) in enumerate(spaces.items()):
            mean = distance.mean(axis=1)
            axes.fill_between(
                sizes,
                *np.quantile(distance, (0.25, 0.75), axis=1),
                color=f"C{i}",
                alpha=0.12,
                linewidth=0,
            )
            axes.loglog(sizes, mean, color=f"C{i}", marker="o", markersize=3, label=SPACES[name])
            axes.loglog(
                sizes, mean[0] * sizes / sizes[0], color=f"C{i}", linestyle=":", linewidth=1
            )
        axes.set_xticks(sizes, [f"{size:g}" for size in sizes], fontsize=9)
        axes.set_xticks([], minor=True)
        axes.set_xlabel(SIZES[kind])
        axes.grid(alpha=0.3)
    rows[0, 0].set_ylabel("distance / mean distance of two images")
    rows[0, 0].fill_between(
        [], [], [], color="grey", alpha=0.2, linewidth=0, label="half of the images"
    )
    rows[0, 0].plot([], [], color="grey", linestyle=":", linewidth=1, label="in proportion")
    figure.legend(
        *rows[0, 0].get_legend_handles_labels(), frameon=False, loc="outside upper center", ncols=5
    )
    return figure
