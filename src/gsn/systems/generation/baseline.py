"""The linear baselines of a generator.

The projection of pixels on d principal components shows what d numbers can hold of the pixels. The
linear decoder is a ridge regression from z to pixels. It sees what G sees, so G should surpass it.
"""

from collections.abc import Iterator

import numpy as np

from gsn.decomposition import ridge, whitening
from gsn.runtime import progress
from gsn.systems.generation import linear

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


def decoded(
    decoder: ridge.Ridge, z: np.ndarray, images: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield images as rows of pixels and their decodings, clipped to [0, 255], in batches.

    Args:
        decoder: Linear decoder.
        z: Embeddings, (n, d).
        images: Their images, (n, c, N, N) uint8, or an array of a store.

    Yields:
        Images (batch, p) uint8 and decodings (batch, p) float32 in [0, 255].
    """
    for rows, x in linear.pairs(z, images, "evaluate linear decoder"):
        yield x, np.clip(decoder(rows), 0, 255)


def verdict(psnr: dict[str, dict[str, float]], *, linear: bool) -> str:
    """Return a line about the pooled PSNRs, with what to change if G is below the linear decoder.

    Args:
        psnr: PSNR in dB of `generator`, `ridge` and `pixel_pca`, for each split.
        linear: Whether G contains the linear decoder.

    Example:
        >>> from gsn.systems.generation.baseline import verdict
        >>> found = {"generator": 26.2, "ridge": 22.2, "pixel_pca": 25.7}
        >>> print(verdict({"train": found, "test": found}, linear=False))
        PSNR on test: G 26.20 dB; linear decoder of z 22.20 dB, pixel PCA of the same d 25.70 dB.
    """
    train, test = psnr["train"], psnr["test"]
    line = (
        f"PSNR on test: G {test['generator']:.2f} dB; linear decoder of z {test['ridge']:.2f} dB, "
        f"pixel PCA of the same d {test['pixel_pca']:.2f} dB."
    )
    if test["generator"] >= test["ridge"]:
        return line
    if train["generator"] < train["ridge"]:
        advice = "its training was too short: use more epochs or a larger width"
    else:
        advice = (
            "it has learnt the training images by heart: use more images, fewer epochs or a "
            "smaller width"
        )
    if not linear:
        advice += "; or let G contain the linear decoder, generator: {linear: true}"
    return f"{line} G is below the linear decoder: {advice}."
