"""Figures of rows of images."""

import numpy as np
from matplotlib.figure import Figure


def grid(images: np.ndarray, gaps: int = 255) -> np.ndarray:
    """Return rows of images as one image, with gaps g of N // 16 pixels, at least 1.

    Args:
        images: Images, (rows, columns, c, N, N) uint8, c = 1 or 3.
        gaps: Grey level of the gaps, 0 to 255.

    Returns:
        Image, (rows (N + g) - g, columns (N + g) - g, 3) uint8.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.images import grid
        >>> grid(np.zeros((2, 3, 1, 8, 8), dtype=np.uint8)).shape
        (17, 26, 3)
    """
    rows, columns, _, N, _ = images.shape
    gap = max(1, N // 16)
    sheet = np.full((rows, N + gap, columns, N + gap, 3), gaps, dtype=np.uint8)
    colours = np.broadcast_to(images, (rows, columns, 3, N, N))
    sheet[:, :N, :, :N] = colours.transpose(0, 3, 1, 4, 2)  # (rows, N, columns, N, 3)
    return sheet.reshape(rows * (N + gap), columns * (N + gap), 3)[:-gap, :-gap]


def image_rows(images: np.ndarray, labels: list[str], *, title: str, gaps: int = 255) -> Figure:
    """Draw labelled rows of images, as in figures 2 to 5 of Angles & Mallat (2018).

    Pixels are magnified without blur.

    Args:
        images: Images, (rows, columns, c, N, N) uint8, c = 1 or 3.
        labels: Label of each row, or an empty list.
        title: Title above the rows.
        gaps: Grey level between the images, 0 to 255.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.images import image_rows
        >>> x = np.zeros((2, 3, 1, 8, 8), dtype=np.uint8)
        >>> image_rows(x, ["x", "G(z)"], title="test").axes[0].get_title()
        'test'
    """
    rows, columns, _, N, _ = images.shape
    cell = 0.85  # inches
    figure = Figure(
        figsize=(columns * cell + 1.1, rows * cell + 0.5), dpi=150, layout="constrained"
    )
    axes = figure.add_subplot()
    axes.imshow(grid(images, gaps), interpolation="nearest")
    pitch = N + max(1, N // 16)
    axes.set_yticks([i * pitch + N / 2 for i in range(len(labels))], labels)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(title, fontsize=10)
    return figure


def contact_sheet(
    images: np.ndarray, *, title: str, rows: int = 4, columns: int = 8, gaps: int = 200
) -> Figure:
    """Draw evenly spaced images of a set on one sheet.

    The sheet is grey, so that the edges of a white image show. Memory holds the drawn images only.

    Args:
        images: Images, (n, c, N, N) uint8, or an array of a store.
        title: Name of the set. The number of its images is added.
        rows: Largest number of rows.
        columns: Number of columns.
        gaps: Grey level between the images, 0 to 255.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.images import contact_sheet
        >>> x = np.zeros((100, 1, 8, 8), dtype=np.uint8)
        >>> contact_sheet(x, title="test").axes[0].get_title()
        'test: 32 of 100 images'
    """
    n, few = images.shape[0], min(images.shape[0], rows * columns)
    used = -(-few // columns)
    sheet = np.full((used * columns, *images.shape[1:]), gaps, dtype=np.uint8)
    sheet[:few] = np.stack([images[i] for i in np.linspace(0, n - 1, few).astype(int)])
    shown = "all" if few == n else f"{few} of"
    sheet = sheet.reshape(used, columns, *images.shape[1:])
    return image_rows(sheet, [], title=f"{title}: {shown} {n} images", gaps=gaps)
