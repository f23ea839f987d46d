"""The addresses of images in four spaces: pixels, S, its principal components, and z.

pixels    x
S         all coefficients S(x)
PCA       Q_d^T (S(x) - mu)
z         D_d^{-1/2} Q_d^T (S(x) - mu)
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from gsn.decomposition import whitening
from gsn.transforms import scattering2d

NAMES = ("z", "PCA", "S", "pixels")
BATCH = 64


@dataclass(frozen=True)
class Basis:
    """The principal components of S.

    Attributes:
        mu: Mean of the coefficients, (p,).
        components: Principal components, (d, p).
        eigenvalues: Their variances, (d,).
    """

    mu: np.ndarray
    components: np.ndarray
    eigenvalues: np.ndarray


def stored(
    images: np.ndarray, S: np.ndarray, z: np.ndarray, eigenvalues: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the addresses of stored images in each space; those in stores are not read.

    Args:
        images: Images, (n, c, N, N) uint8, or an array of a store.
        S: Their coefficients, (n, ...), or an array of a store.
        z: Their embeddings, (n, d).
        eigenvalues: Variances of S along the components, (d,).
    """
    return {"z": z, "PCA": z * np.sqrt(eigenvalues, dtype=np.float32), "S": S, "pixels": images}


def embedding(
    S: scattering2d.Scattering2D, basis: Basis, dtype: torch.dtype
) -> Callable[[np.ndarray], dict[str, np.ndarray]]:
    """Return the map from images to their addresses in each space.

    Args:
        S: Scattering transform.
        basis: First d principal components of S.
        dtype: Type in which coefficients are stored, to which those of queries are rounded.

    Returns:
        Function of images, (m, c, N, N) in 0..255, of which memory holds all coefficients.
    """

    def embed(x: np.ndarray) -> dict[str, np.ndarray]:
        batches = (x[i : i + BATCH] for i in range(0, len(x), BATCH))
        computed = scattering2d.of_images(S, batches, device=torch.device("cpu"), dtype=dtype)
        coefficients = np.concatenate([part.flatten(1).numpy() for part in computed])
        z = whitening.whiten(
            coefficients.astype(np.float32), basis.mu, basis.components, basis.eigenvalues
        )
        return stored(x, coefficients, z, basis.eigenvalues)

    return embed
