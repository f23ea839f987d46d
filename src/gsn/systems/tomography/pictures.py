"""Pictures of tomography: test images by all methods, and the spread of several starts."""

import numpy as np
from matplotlib.figure import Figure

from gsn.figures.images import image_rows
from gsn.figures.methods import as_bytes, method_rows

SHOWN = ("fbp", "linear", "tv, validated", "tv, anchor", "unet", "scattering")


def rows(x: np.ndarray, found: dict[str, np.ndarray], shown: int = 6) -> Figure:
    """Draw some test images as columns, and each method as a row.

    Args:
        x: True images, (n, N, N) in [0, 1].
        found: Images of each method.
        shown: Number of images, evenly spaced.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.tomography import pictures
        >>> x = np.zeros((2, 8, 8))
        >>> len(pictures.rows(x, {"fbp": x, "scattering": x}).axes[0].get_yticklabels())
        3
    """
    return method_rows(x, {name: found[name] for name in SHOWN if name in found}, shown)


def spread(x: np.ndarray, ends: np.ndarray, shown: int = 6) -> Figure:
    """Draw some images, their mean over several starts, the deviation, and the error of the mean.

    The last two are scaled by the same factor.

    Args:
        x: True images, (n, N, N) in [0, 1].
        ends: Ends of the starts, (starts, n, N, N).
        shown: Number of images, evenly spaced.
    """
    columns = np.linspace(0, len(x) - 1, min(shown, len(x))).astype(int)
    x, ends = x[columns], ends[:, columns]
    mean, deviation = ends.mean(axis=0), ends.std(axis=0, ddof=1)
    error = np.abs(mean - x)
    scale = max(np.quantile(error, 0.99), 1e-6)
    images = np.stack([x, mean, deviation / scale, error / scale])
    labels = ["x", "mean", "deviation", "error"]
    return image_rows(as_bytes(images)[:, :, None], labels, title="")
