"""The reconstructions of a data set by a generator, batch by batch, for measurement."""

from collections.abc import Iterator

import numpy as np

from gsn.networks import generator
from gsn.runtime import progress

BATCH = 64


def reconstructions(
    G: generator.Generator, z: np.ndarray, images: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield images and their reconstructions G(z), in batches.

    Args:
        G: Generator in evaluation mode.
        z: Embeddings of the images, (n, d) float32.
        images: Images, (n, c, N, N) uint8, or an array of a store.

    Yields:
        Images (batch, c, N, N) uint8 and reconstructions (batch, c, N, N) float32 in [0, 255].
    """
    bar = progress.Progress(total=len(z), unit="image", label="evaluate G")
    for i, y in enumerate(generator.decode(G, z, BATCH)):
        yield images[i * BATCH : i * BATCH + len(y)], y
        bar.update(len(y))
    bar.close()
