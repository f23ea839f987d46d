"""Pictures of reconstructions: each image above its reconstructions, with their PSNR."""

import numpy as np
from matplotlib.figure import Figure

from gsn.figures.images import image_rows

Table = list[dict[str, str]]


def rows(x: np.ndarray, tables: list[Table], found: list[np.ndarray]) -> Figure:
    """Draw images as columns: the image, and below it what each J and order gives.

    Args:
        x: Images, (n, N, N) in [0, 1].
        tables: For each J and order, the rows of `measurement.COLUMNS` of all images, as text.
        found: For each J and order, the reconstructions, (n, N, N).

    Example:
        >>> import numpy as np
        >>> from gsn.systems.reconstruction import pictures
        >>> x = np.zeros((1, 8, 8))
        >>> row = {"J": "3", "order": "1", "psnr_db": "20.04"}
        >>> figure = pictures.rows(x, [[row]], [x])
        >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
        ['x', 'J = 3\\norder 1']
    """
    labels = ["x", *(f"J = {table[0]['J']}\norder {table[0]['order']}" for table in tables)]
    pixels = np.rint(255 * np.stack([x, *found]).clip(0, 1)).astype(np.uint8)  # (rows, n, N, N)
    captions = [[f"{float(row['psnr_db']):.1f} dB" for row in table] for table in tables]
    blank = [[""] * len(x)]
    return image_rows(pixels[:, :, None], labels, title="", captions=blank + captions)
