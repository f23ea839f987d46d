"""The images of the experiments: sparse shapes, and photographs."""

from pathlib import Path

import numpy as np

from gsn.data import photographs, shapes


def opened(pictures: str, settings: dict) -> tuple[list[str], np.ndarray]:
    """Return the names of a set of images, and the images.

    Shapes are float64, in which a descent goes further.

    Args:
        pictures: `shapes` or `photographs`.
        settings: N, and k and seed of shapes, or the names `images` of photographs.

    Returns:
        Names, and images (n, N, N) in [0, 1], float64 or float32.

    Example:
        >>> from gsn.systems.reconstruction.images import opened
        >>> names, x = opened("shapes", {"N": 16, "k": [1, 3], "seed": 0})
        >>> names[:2], x.shape
        (['1 dirac', '3 diracs'], (6, 16, 16))
    """
    N = settings["N"]
    if pictures == "photographs":
        names = [Path(name).name for name in settings["images"]]
        return names, np.stack([photographs.draw(name, N) for name in settings["images"]])
    drawn = [(kind, k) for kind in shapes.KINDS for k in settings["k"]]
    names = [f"{k} {kind if k > 1 else kind[:-1]}" for kind, k in drawn]
    seed = settings["seed"]
    return names, np.stack([shapes.draw(kind, N, k=k, seed=seed) for kind, k in drawn])
