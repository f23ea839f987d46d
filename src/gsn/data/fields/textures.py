"""Crops of the photographs of brick, grass and gravel that come with scikit-image.

The images have 512 x 512 pixels of 8 bits, which are divided by 255. They are not periodic. Crops
of one image overlap: they are no independent realisations.
"""

import numpy as np
import skimage.data

from gsn.data.fields import crops
from gsn.runtime import arguments

NAMES = ("brick", "grass", "gravel")


def draw(N: int, *, name: str = "brick", seed: int = 0, index: int = 0) -> np.ndarray:
    """Return a crop of a texture at a random place.

    Args:
        N: Side of the crop, in pixels, at most 512.
        name: `brick`, `grass` or `gravel`.
        seed: Seed of all crops.
        index: Index of the crop.

    Returns:
        The grey levels, (N, N) float32 in [0, 1].

    Raises:
        FileNotFoundError: scikit-image has not got the image and cannot fetch it.
        ValueError: An argument is out of range.

    Example:
        >>> from gsn.data.fields import textures
        >>> textures.draw(64, name="gravel").shape
        (64, 64)
    """
    return crops.random(read(name), N, name=name, seed=seed, index=index)


def read(name: str) -> np.ndarray:
    """Return a whole texture, (512, 512) float32 in [0, 1].

    Args:
        name: `brick`, `grass` or `gravel`.

    Raises:
        FileNotFoundError: scikit-image has not got the image and cannot fetch it.
        ValueError: There is no such texture.

    Example:
        >>> from gsn.data.fields import textures
        >>> textures.read("grass").shape
        (512, 512)
    """
    if name not in NAMES:
        raise ValueError(f"name must be one of {', '.join(NAMES)}: got {name!r}.")
    try:
        image = getattr(skimage.data, name)()
    except (ImportError, OSError) as error:  # without pooch, or without a network
        raise FileNotFoundError(
            f"{name} must come with scikit-image: found no such file ({arguments.gist(error)}); "
            "install pooch, and call skimage.data.download_all() where there is a network."
        ) from error
    return image.astype(np.float32) / 255
