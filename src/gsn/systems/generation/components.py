"""What the components of z hold: images decoded from the first k of them.

    x_k = G(z_1, ..., z_k, 0, ..., 0)

0 is the mean of each component over the training images. The linear decoder is the control: its
error is the sum of what each component explains, since the components of the training z are
uncorrelated.
"""

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from gsn.figures import detail as figures
from gsn.figures import images as rows_of_images
from gsn.metrics import features, reconstruction

COLUMNS = ("measure", "split", "at", "value")
IMAGES = 1024  # of each split, at most
SHOWN = 8
Decode = Callable[[np.ndarray], np.ndarray]


def kept(d: int) -> list[int]:
    """Return the numbers of components to keep: 0, powers of 2, and d / 8, d / 4, d / 2, d.

    Example:
        >>> from gsn.systems.generation.components import kept
        >>> kept(24)
        [0, 1, 2, 3, 4, 6, 8, 12, 16, 24]
    """
    return sorted({0, *ranges(d), *(2**i for i in range(d.bit_length()))})


def ranges(d: int) -> list[int]:
    """Return d / 8, d / 4, d / 2 and d, rounded up.

    Example:
        >>> from gsn.systems.generation.components import ranges
        >>> ranges(128)
        [16, 32, 64, 128]
    """
    return sorted({-(-d // part) for part in (8, 4, 2, 1)})


def truncated(z: np.ndarray, k: int) -> np.ndarray:
    """Return z with all components after the first k set to 0.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.generation.components import truncated
        >>> truncated(np.array([[1.0, 2.0, 3.0]]), 2).tolist()
        [[1.0, 2.0, 0.0]]
    """
    return np.where(np.arange(z.shape[1]) < k, z, 0).astype(z.dtype)


def measure(
    decoders: dict[str, Decode],
    z: dict[str, np.ndarray],
    images: dict[str, np.ndarray],
    mean: np.ndarray,
) -> tuple[list[tuple], Figure]:
    """Measure PSNR and explained variance of pixels against the number of components kept.

        energy_share = 1 - sum ||x - x_k||^2 / sum ||x - m||^2

    Args:
        decoders: `G` and `linear`: functions from z (n, d) to images in [0, 255], (n, c, N, N).
        z: Embeddings of each split, (n, d) float32.
        images: Their images, (n, c, N, N) uint8.
        mean: Mean m of the training images, (c, N, N), in 0..255.

    Returns:
        Rows of COLUMNS, where `at` is the number of components kept, and the figure.
    """
    rows, drawn = [], {}
    numbers = kept(next(iter(z.values())).shape[1])
    for name, decode in decoders.items():
        for split, x in images.items():
            variance = reconstruction.mse(x, np.broadcast_to(mean, x.shape)).mean()
            found: dict[str, list[float]] = {"psnr_db": [], "energy_share": []}
            for k in numbers:
                errors = reconstruction.mse(x, decode(truncated(z[split], k)))
                found["psnr_db"].append(reconstruction.psnr(errors, peak=255)[0])
                found["energy_share"].append(1 - errors.mean() / variance)
            for measure, values in found.items():
                rows += [
                    (f"{measure}_{name}", split, k, value)
                    for k, value in zip(numbers, values, strict=True)
                ]
            drawn[f"{name}, {split}"] = {key: np.array(v) for key, v in found.items()}
    return rows, figures.components(np.array(numbers), drawn)


def picture(decoders: dict[str, Decode], z: np.ndarray, images: np.ndarray) -> Figure:
    """Draw images beside their decodings from the first d/8, d/4, d/2 and d components.

    Args:
        decoders: As in `measure`.
        z: Embeddings, (n, d).
        images: Their images, (n, c, N, N) uint8, of which some are shown.
    """
    chosen = features.spread(len(z), SHOWN)
    rows, labels = [images[chosen]], ["x"]
    for name, decode in decoders.items():
        for k in ranges(z.shape[1]):
            rows.append(np.rint(decode(truncated(z[chosen], k))).astype(np.uint8))
            labels.append(f"{name}, 1 to {k}")
    title = "test images, decoded from their first components of z"
    return rows_of_images.image_rows(np.stack(rows), labels, title=title)
