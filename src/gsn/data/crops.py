"""Crops of photographs, in the order of the photographs.

A photograph gives as many crops as any other, at random places, turned and mirrored at random.
Neighbours in the list are crops of one photograph: whoever holds some out holds out all of it.
"""

from pathlib import Path

import numpy as np
import skimage.data
from sklearn.datasets import load_sample_image

from gsn.data import photographs, pixels
from gsn.data.items import Unreadable
from gsn.runtime import arguments

LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
OTHERS = {  # beside photographs.BUNDLED: also with scikit-image, and with scikit-learn
    "motorcycle": lambda: skimage.data.stereo_motorcycle()[0],
    "retina": skimage.data.retina,
    "rocket": skimage.data.rocket,
    "china": lambda: load_sample_image("china.jpg"),
    "flower": lambda: load_sample_image("flower.jpg"),
}
NAMES = (*photographs.BUNDLED, *OTHERS)


def whole(name: str, reduced: int = 1) -> np.ndarray:
    """Return a photograph in grey, (H, W) float32 in [0, 1].

    Args:
        name: One of NAMES, or the path of a file with an ending, such as mine.png.
        reduced: Factor by which it is reduced first, by the means of squares of pixels.

    Raises:
        ValueError: There is no photograph of this name, or the file cannot be read.

    Example:
        >>> from gsn.data.crops import whole
        >>> whole("china").shape
        (427, 640)
    """
    if name in photographs.BUNDLED:
        raw = getattr(skimage.data, name)()
    elif name in OTHERS:
        raw = OTHERS[name]()
    elif Path(name).suffix:
        try:
            raw = pixels.grey(Path(name))
        except Unreadable as error:
            raise ValueError(f"{name} cannot be read as an image: {error}.") from error
    else:
        raise ValueError(
            f"a photograph must be a file with an ending, or one of {', '.join(NAMES)}: "
            f"got {name!r}."
        )
    grey = (raw if raw.ndim == 2 else raw[..., :3] @ LUMA).astype(np.float32) / 255
    H, W = (side // reduced * reduced for side in grey.shape)
    blocks = grey[:H, :W].reshape(H // reduced, reduced, W // reduced, reduced)
    return blocks.mean(axis=(1, 3))


def draw(names: list[str], N: int, *, each: int, seed: int, reduced: int = 1) -> np.ndarray:
    """Return crops of photographs.

    Args:
        names: Names or files of photographs.
        N: Side of the crops in pixels.
        each: Number of crops of each photograph.
        seed: Seed of the places and of the turns.
        reduced: Factor by which the photographs are reduced first.

    Returns:
        Crops, (len(names) each, N, N) float32 in [0, 1].

    Raises:
        ValueError: A photograph is smaller than N, or cannot be read.

    Example:
        >>> from gsn.data import crops
        >>> crops.draw(["camera", "coins"], 32, each=3, seed=0).shape
        (6, 32, 32)
    """
    N, each = arguments.integer("N", N, least=1), arguments.integer("each", each, least=1)
    found = np.empty((len(names), each, N, N), dtype=np.float32)
    for i, name in enumerate(names):
        x, rng = whole(name, reduced), np.random.default_rng([seed, i])
        if min(x.shape) < N:
            raise ValueError(
                f"N must be at most the sides of {name}: got N={N} for {x.shape[0]} x "
                f"{x.shape[1]}; use a smaller N, or another photograph."
            )
        for crop in found[i]:
            top, left = (rng.integers(side - N + 1) for side in x.shape)
            square = np.rot90(x[top : top + N, left : left + N], rng.integers(4))
            crop[...] = square[:, :: rng.choice([-1, 1])]
    return found.reshape(-1, N, N)
