"""Fixed embeddings of images, and the time that an embedding takes."""

import time
from collections.abc import Callable, Iterator

import numpy as np
import torch

from gsn.decomposition import whitening
from gsn.transforms import scattering2d

BATCH = 64
TIMED = 256  # images

Embedding = Callable[[np.ndarray], np.ndarray]
Basis = tuple[np.ndarray, np.ndarray, np.ndarray]


def of_pixels(basis: Basis) -> Embedding:
    """Return the embedding of images by whitened coordinates of their pixels.

    Args:
        basis: Mean, components and eigenvalues, as `gsn.decomposition.whitening` has them.
    """
    return lambda x: _batched(x, lambda part: whitening.whiten(part.reshape(len(part), -1), *basis))


def of_scattering(
    S: scattering2d.Scattering2D, basis: Basis, *, device: torch.device, dtype: torch.dtype
) -> Embedding:
    """Return the embedding of images by whitened coordinates of their coefficients.

    Args:
        S: Scattering transform.
        basis: Mean, components and eigenvalues, as `gsn.decomposition.whitening` has them.
        device: Device of the transform.
        dtype: Type of the stored coefficients, to which they are rounded.
    """

    def embed(part: np.ndarray) -> np.ndarray:
        (y,) = scattering2d.of_images(S, [part], device=device, dtype=dtype)
        return whitening.whiten(y.flatten(1).cpu().numpy(), *basis)

    return lambda x: _batched(x, embed)


def whitened(blocks: Iterator[np.ndarray], basis: Basis) -> np.ndarray:
    """Return z of blocks of rows of coefficients, (n, d) float32."""
    return np.concatenate([whitening.whiten(rows, *basis) for rows in blocks])


def milliseconds(embed: Embedding, x: np.ndarray) -> float:
    """Return the milliseconds that the embedding of an image takes, among up to TIMED of them.

    Args:
        embed: Embedding.
        x: Images, (n, c, N, N) uint8, or an array of a store.
    """
    x = x[:TIMED]
    embed(x[:BATCH])  # compiles
    begun = time.monotonic()
    embed(x)
    return 1000 * (time.monotonic() - begun) / len(x)


def _batched(x: np.ndarray, embed: Embedding) -> np.ndarray:
    n = x.shape[0]
    return np.concatenate([embed(x[i : min(i + BATCH, n)]) for i in range(0, n, BATCH)])
