"""Arrays to matplotlib Figures, named after the paper's; the scripts save them."""

import numpy as np
from matplotlib.figure import Figure


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


def training_curve(epochs: np.ndarray, loss: np.ndarray, learning_rate: np.ndarray) -> Figure:
    """Mean L1 loss of each epoch, on pixels in [-1, 1], and the learning rate under it."""
    figure = Figure(figsize=(6, 4.2), dpi=150, layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    above.semilogy(epochs, loss, color="C0")
    above.set_ylabel("L1 loss (pixels in [-1, 1])")
    above.grid(alpha=0.3, which="both")
    below.plot(epochs, learning_rate, color="C1")
    below.set_ylabel("learning rate")
    below.set_xlabel("epoch")
    below.grid(alpha=0.3)
    return figure
