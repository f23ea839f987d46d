"""Photographs that come with scikit-image, or files of the user: grey squares."""

from pathlib import Path

import numpy as np
import skimage.data

from gsn.data import pixels
from gsn.data.items import Unreadable

BUNDLED = ("astronaut", "brick", "camera", "cat", "coffee", "coins", "grass", "gravel", "moon")


def draw(name: str, N: int) -> np.ndarray:
    """Return the centred square of a photograph in grey, reduced to N x N.

    Args:
        name: One of BUNDLED, or the path of a file with an ending, such as mine.png.
        N: Side of the image in pixels.

    Returns:
        Image, (N, N) float32 in [0, 1].

    Raises:
        ValueError: There is no photograph of this name, or the file cannot be read.

    Example:
        >>> from gsn.data.photographs import draw
        >>> x = draw("camera", 64)
        >>> x.shape, str(x.dtype)
        ((64, 64), 'float32')
    """
    if name in BUNDLED:
        raw = getattr(skimage.data, name)()
    elif Path(name).suffix:
        raw = Path(name)
    else:
        raise ValueError(
            f"a photograph must be a file with an ending, or one of {', '.join(BUNDLED)}: "
            f"got {name!r}."
        )
    try:
        (grey,) = pixels.square(raw, N, channels=1)
    except Unreadable as error:
        raise ValueError(f"{name} cannot be read as an image: {error}.") from error
    return grey.astype(np.float32) / 255
