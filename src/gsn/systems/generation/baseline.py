"""The linear baseline of a generator: the projection of pixels on their principal components."""

from collections.abc import Iterator

import numpy as np

from gsn.decomposition import whitening
from gsn.runtime import progress

BATCH = 256


def projections(
    images: np.ndarray, mu: np.ndarray, components: np.ndarray, eigenvalues: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield images as rows of pixels and their projections on d components, in batches.

    The projections are clipped to the range of a pixel: that is the baseline at its best.

    Args:
        images: Images, (n, c, N, N) uint8, or an array of a store.
        mu: Mean of the training images, (p,) with p = c N^2.
        components: Principal components of the pixels, (d, p).
        eigenvalues: Their variances, (d,).

    Yields:
        Images (batch, p) uint8 and projections (batch, p) float32 in [0, 255].
    """
    basis = (mu, components, eigenvalues)
    bar = progress.Progress(total=images.shape[0], unit="image", label="evaluate pixel PCA")
    for i in range(0, images.shape[0], BATCH):
        x = images[i : i + BATCH]
        x = x.reshape(len(x), -1)
        yield x, np.clip(whitening.unwhiten(whitening.whiten(x, *basis), *basis), 0, 255)
        bar.update(len(x))
    bar.close()
