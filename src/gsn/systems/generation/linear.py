"""The linear decoder of an experiment: the ridge regression from z to pixels."""

from collections.abc import Iterator

import numpy as np

from gsn.decomposition import ridge
from gsn.runtime import progress

BATCH = 256


def decoder(z: np.ndarray, images: np.ndarray) -> ridge.Ridge:
    """Return the ridge regression from embeddings to pixels.

    Args:
        z: Embeddings of the training images, (n, d).
        images: Training images, (n, c, N, N) uint8, or an array of a store.
    """
    return ridge.fit(pairs(z, images, "fit linear decoder"))


def pairs(z: np.ndarray, images: np.ndarray, label: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield embeddings and their images as rows of pixels, in batches."""
    bar = progress.Progress(total=len(z), unit="image", label=label)
    for i in range(0, len(z), BATCH):
        x = images[i : i + BATCH]
        yield z[i : i + BATCH], x.reshape(len(x), -1)
        bar.update(len(x))
    bar.close()
