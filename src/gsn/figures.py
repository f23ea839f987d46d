"""Arrays to matplotlib Figures, named after the paper's; the scripts save them."""

import numpy as np
from matplotlib.figure import Figure

SIZES = {"translation": r"translation $|\tau|_\infty$, pixels", "deformation": r"deformation $|\nabla\tau|_\infty$"}
SPACES = {"pixels": "x", "S": "projected S(x)", "z": "z = Φ(x)"}


def grid(images: np.ndarray, gaps: int = 255) -> np.ndarray:
    """Rows of images as one: (rows, columns, c, N, N) uint8 -> (rows (N + g) - g, ..., 3), with white (grey) gaps g."""
    rows, columns, _, N, _ = images.shape
    gap = max(1, N // 16)
    sheet = np.full((rows, N + gap, columns, N + gap, 3), gaps, dtype=np.uint8)
    sheet[:, :N, :, :N] = np.broadcast_to(images, (rows, columns, 3, N, N)).transpose(0, 3, 1, 4, 2)
    return sheet.reshape(rows * (N + gap), columns * (N + gap), 3)[:-gap, :-gap]


def image_rows(images: np.ndarray, labels: list[str], *, title: str, gaps: int = 255) -> Figure:
    """Labelled rows of images (Figures 2 to 5).

    Args:
        images: (rows, columns, c, N, N) uint8, c = 1 or 3; pixels are shown as they are, magnified without blur.
        labels: one per row, or none.
        title: above the rows.
        gaps: grey level between the images.
    """
    rows, columns, _, N, _ = images.shape
    cell = 0.85  # inches
    figure = Figure(figsize=(columns * cell + 1.1, rows * cell + 0.5), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(grid(images, gaps), interpolation="nearest")
    pitch = N + max(1, N // 16)
    axes.set_yticks([i * pitch + N / 2 for i in range(len(labels))], labels)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(title, fontsize=10)
    return figure


def training_curve(
    epochs: np.ndarray, loss: np.ndarray, learning_rate: np.ndarray, decibels: dict[str, np.ndarray]
) -> Figure:
    """Mean L1 loss of each epoch, on pixels in [-1, 1], the PSNR after it, and the learning rate.

    Args:
        epochs, loss, learning_rate: (epochs,).
        decibels: split -> (epochs,), of some of its images.
    """
    figure = Figure(figsize=(6, 5.6), dpi=150, layout="constrained")
    above, middle, below = axes = figure.subplots(3, 1, sharex=True, height_ratios=(2, 2, 1))
    above.semilogy(epochs, loss, color="C0")
    above.set_ylabel("L1 loss (pixels in [-1, 1])")
    for i, (split, values) in enumerate(decibels.items()):
        middle.plot(epochs, values, color=f"C{i}", label=split)
    middle.set_ylabel("PSNR of some images, dB")
    middle.legend(frameon=False, loc="lower right")
    below.plot(epochs, learning_rate, color="grey")
    below.set_ylabel("learning rate")
    below.set_xlabel("epoch")
    for panel in axes:
        panel.grid(alpha=0.3, which="both")
    return figure


def spectrum(eigenvalues: np.ndarray, share: np.ndarray, variances: dict[str, np.ndarray]) -> Figure:
    """Eigenvalues of the covariance of S, the share of the variance in the first of them, the variances of z.

    Args:
        eigenvalues: (rank,), decreasing.
        share: (rank,), in [0, 1].
        variances: split -> (d,), of the components of z: 1 if z is white.
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
    """Histograms of how much distances shrink, with the least ratios, which are 1/alpha, and the paper's 1/3.

    Args:
        ratios: name of the embedding -> (pairs,), the distance of two embedded images by that of the images.
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
    """How far images move by displacements of growing sizes; along the dotted lines it is in proportion.

    Args:
        panels: "translation" or "deformation" -> |tau|_inf or |grad tau|_inf, (k,), and name of a space -> (k, images),
            the distance between an image and the displaced one, by the mean distance between two images. Lines are
            means, bands hold half of the images.
    """
    figure = Figure(figsize=(4.2 * len(panels), 3.9), dpi=150, layout="constrained")
    rows = figure.subplots(1, len(panels), sharey=True, squeeze=False)
    for axes, (kind, (sizes, spaces)) in zip(rows[0], panels.items(), strict=True):
        for i, (name, distance) in enumerate(spaces.items()):
            mean = distance.mean(axis=1)
            axes.fill_between(
                sizes, *np.quantile(distance, (0.25, 0.75), axis=1), color=f"C{i}", alpha=0.12, linewidth=0
            )
            axes.loglog(sizes, mean, color=f"C{i}", marker="o", markersize=3, label=SPACES[name])
            axes.loglog(sizes, mean[0] * sizes / sizes[0], color=f"C{i}", linestyle=":", linewidth=1)
        axes.set_xticks(sizes, [f"{size:g}" for size in sizes], fontsize=9)
        axes.set_xticks([], minor=True)
        axes.set_xlabel(SIZES[kind])
        axes.grid(alpha=0.3)
    rows[0, 0].set_ylabel("distance / mean distance of two images")
    rows[0, 0].fill_between([], [], [], color="grey", alpha=0.2, linewidth=0, label="half of the images")
    rows[0, 0].plot([], [], color="grey", linestyle=":", linewidth=1, label="in proportion")
    figure.legend(*rows[0, 0].get_legend_handles_labels(), frameon=False, loc="outside upper center", ncols=5)
    return figure
