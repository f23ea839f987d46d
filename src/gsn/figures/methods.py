"""Images beside what several methods make of them."""

import numpy as np
from matplotlib.figure import Figure

from gsn.figures.images import image_rows


def method_rows(x: np.ndarray, found: dict[str, np.ndarray], shown: int = 6) -> Figure:
    """Draw some test images as columns, and each method as a row, with the PSNR of each image.

    Args:
        x: True images, (n, N, N) in [0, 1].
        found: Images of each method, (n, N, N), in the order of the rows.
        shown: Number of images, evenly spaced.

    Example:
        >>> import numpy as np
        >>> from gsn.figures.methods import method_rows
        >>> x = np.zeros((2, 8, 8))
        >>> len(method_rows(x, {"bicubic": x, "linear": x}).axes[0].get_yticklabels())
        3
    """
    columns = np.linspace(0, len(x) - 1, min(shown, len(x))).astype(int)
    images = np.stack([x[columns], *(one[columns] for one in found.values())])
    captions = [[""] * len(columns)]
    for one in found.values():
        errors = np.square(one[columns] - x[columns]).mean(axis=(1, 2))
        captions.append([f"{-10 * np.log10(max(error, 1e-20)):.1f} dB" for error in errors])
    labels = ["x", *(name.replace(", ", ",\n").replace(" + ", "\n+ ") for name in found)]
    return image_rows(as_bytes(images)[:, :, None], labels, title="", captions=captions)


def as_bytes(x: np.ndarray) -> np.ndarray:
    """Return images in [0, 1] as uint8."""
    return np.rint(255 * x.clip(0, 1)).astype(np.uint8)
