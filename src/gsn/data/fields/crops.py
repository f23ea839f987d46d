"""Crops of one image."""

import numpy as np

from gsn.data.fields import realisations
from gsn.runtime import arguments


def random(x: np.ndarray, N: int, *, name: str, seed: int, index: int) -> np.ndarray:
    """Return an N x N crop at a uniform random place.

    Args:
        x: Image, (H, W).
        N: Side of the crop, in pixels.
        name: Name of the image, for the message.
        seed: Seed of all crops.
        index: Index of the crop.

    Raises:
        ValueError: The image is smaller.

    Example:
        >>> import numpy as np
        >>> from gsn.data.fields import crops
        >>> crops.random(np.ones((5, 7)), 4, name="ones", seed=0, index=0).shape
        (4, 4)
    """
    N = arguments.integer("N", N, least=1)
    if min(x.shape) < N:
        raise ValueError(
            f"N must be at most the sides of {name}: got N={N} for {x.shape[0]} x {x.shape[1]}; "
            "use a smaller N."
        )
    rng = realisations.stream("crops", seed, index)
    top, left = (int(rng.integers(side - N + 1)) for side in x.shape)
    return x[top : top + N, left : left + N]
