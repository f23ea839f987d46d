"""Figures of rows of images, magnified by whole factors."""

import numpy as np
from matplotlib.figure import Figure

SIDE = 120  # pixels that the side of a drawn image has at about
DPI = 150
LINE = 20  # pixels; the height of a line of small text
LETTER = 10  # pixels; the width of a letter, generously


def magnified(images: np.ndarray, side: int = SIDE) -> np.ndarray:
    """Return images magnified by the whole factor, at least 1, that brings them nearest to a side.

    Args:
        images: Images, (..., N, N).
        side: Wanted side, in pixels.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.images import magnified
        >>> magnified(np.zeros((2, 3, 28, 28))).shape
        (2, 3, 112, 112)
    """
    factor = max(1, round(side / images.shape[-1]))
    return images.repeat(factor, axis=-2).repeat(factor, axis=-1)


def grid(images: np.ndarray, gaps: int = 255, *, below: int = 0) -> np.ndarray:
    """Return rows of images as one image, with gaps g of N // 16 pixels, at least 1.

    Args:
        images: Images, (rows, columns, c, N, N) uint8, c = 1 or 3.
        gaps: Grey level of the gaps, 0 to 255.
        below: Further pixels b between two rows.

    Returns:
        Image, (rows (N + g + b) - g - b, columns (N + g) - g, 3) uint8.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.images import grid
        >>> grid(np.zeros((2, 3, 1, 8, 8), dtype=np.uint8)).shape
        (17, 26, 3)
    """
    rows, columns, _, N, _ = images.shape
    gap = max(1, N // 16)
    sheet = np.full((rows, N + gap + below, columns, N + gap, 3), gaps, dtype=np.uint8)
    colours = np.broadcast_to(images, (rows, columns, 3, N, N))
    sheet[:, :N, :, :N] = colours.transpose(0, 3, 1, 4, 2)  # (rows, N, columns, N, 3)
    sheet = sheet.reshape(rows * (N + gap + below), columns * (N + gap), 3)
    return sheet[: -gap - below, :-gap]


def image_rows(
    images: np.ndarray,
    labels: list[str],
    *,
    title: str,
    gaps: int = 255,
    captions: list[list[str]] | None = None,
) -> Figure:
    """Draw labelled rows of images, as in figures 2 to 5 of Angles & Mallat (2018).

    A pixel of an image is a square of whole pixels of the saved figure: nothing is blurred.

    Args:
        images: Images, (rows, columns, c, N, N) uint8, c = 1 or 3.
        labels: Label of each row, or an empty list.
        title: Title above the rows.
        gaps: Grey level between the images, 0 to 255.
        captions: For each row, the text below each of its images, or an empty list.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.images import image_rows
        >>> x = np.zeros((2, 3, 1, 8, 8), dtype=np.uint8)
        >>> figure = image_rows(x, ["x", "G(z)"], title="test", captions=[[], ["20 dB"] * 3])
        >>> figure.axes[0].get_title(), len(figure.axes[0].texts)
        ('test', 3)
    """
    images = magnified(images)
    N, gap = images.shape[-1], max(1, images.shape[-1] // 16)
    captions = captions or []
    below = LINE if any(captions[:-1]) else 0
    sheet = grid(images, gaps, below=below)
    figure, axes = _fitted(sheet, labels, title, LINE if captions and captions[-1] else 0)
    axes.set_yticks([i * (N + gap + below) + N / 2 for i in range(len(labels))], labels, fontsize=9)
    for i, row in enumerate(captions):
        for j, text in enumerate(row):
            place = (j * (N + gap) + N / 2, i * (N + gap + below) + N + 2)
            axes.text(*place, text, fontsize=7.5, ha="center", va="top")
    return figure


def _fitted(sheet: np.ndarray, labels: list[str], title: str, below: int):
    """Return a figure with a sheet at its own pixels, and room for texts around it."""
    letters = max((len(line) for label in labels for line in label.split("\n")), default=0)
    left, margin, top = 8 + letters * LETTER + 8 * bool(letters), 8, 36
    height, width = sheet.shape[:2]
    wide = max(left + width + margin, len(title) * (LETTER + 2) + 2 * margin)
    high = top + height + below + margin
    figure = Figure(figsize=(wide / DPI, high / DPI), dpi=DPI)
    place = (left / wide, (below + margin) / high, width / wide, height / high)
    axes = figure.add_axes(place)
    axes.imshow(sheet, interpolation="nearest", aspect="auto")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    # Centred on the sheet, or on the figure where the title is the wider one.
    centre = 0.5 if len(title) * (LETTER + 2) <= width else (wide / 2 - left) / width
    axes.set_title(title, fontsize=10, x=centre)
    return figure, axes


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
