"""The sparse codes of a trained network: convergence, sparsity, and what its atoms respond to."""

import numpy as np
import torch

from gsn.decomposition.sparse import fista, objective
from gsn.systems.classification.networks import SparseClassifier

COLUMNS = ("steps", "istc", "fista")
PATCHES = 16  # patches that show an atom


@torch.no_grad()
def convergence(
    network: SparseClassifier, x: np.ndarray, *, steps: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)
) -> list[dict[str, float]]:
    """Compare ISTC with FISTA after the same numbers of steps, on the dictionary of a network.

    The measure is the excess of the objective of the lasso over its minimum, as a share of the
    objective of z = 0, the mean over the signals. The minimum is that of FISTA at a duality gap of
    1e-7. With a learned W the steps of ISTC do not aim at that minimum.

    Args:
        network: Network, trained.
        x: Features of some images, (n, channels, h, w).
        steps: Numbers of steps.

    Returns:
        Row for each number of steps, with the keys COLUMNS.
    """
    beta = network.projected(torch.from_numpy(x)).movedim(1, -1).flatten(0, -2)
    D, _ = network.istc.dictionary()
    threshold = float(network.istc.threshold)
    best = objective(beta, D, fista(beta, D, threshold, tolerance=1e-7).z, threshold)
    zero = beta.square().sum(1) / 2
    own, rows = network.istc.steps, []
    for n in steps:
        network.istc.steps = n
        codes = {"istc": network.istc(beta), "fista": fista(beta, D, threshold, steps=n).z}
        excess = {
            name: float(((objective(beta, D, z, threshold) - best) / zero).mean())
            for name, z in codes.items()
        }
        rows.append({"steps": n} | excess)
    network.istc.steps = own
    return rows


@torch.no_grad()
def patches(
    network: SparseClassifier, x: np.ndarray, images: np.ndarray, *, atoms: int, side: int
) -> np.ndarray:
    """Return for each of the most used atoms the mean of the patches to which it responds most.

    Args:
        network: Network, trained.
        x: Features of some images, (n, channels, h, w).
        images: The images, (n, c, N, N) uint8.
        atoms: Number of atoms.
        side: Side of a patch in pixels, at most N.

    Returns:
        Patches, (atoms, c, side, side) uint8, each stretched to 0..255.
    """
    z = network.istc(network.projected(torch.from_numpy(x))).numpy()
    n, _, h, w = z.shape
    most = np.argsort(-(z > 0).sum(axis=(0, 2, 3)))[:atoms]
    found = np.empty((len(most), images.shape[1], side, side), np.uint8)
    for k, atom in enumerate(most):
        largest = np.argsort(-z[:, atom].ravel())[:PATCHES]
        places = np.stack(np.unravel_index(largest, (n, h, w)), axis=1)
        found[k] = _stretched(np.mean([_patch(images, p, (h, w), side) for p in places], axis=0))
    return found


def _patch(images: np.ndarray, place: np.ndarray, grid: tuple[int, int], side: int) -> np.ndarray:
    """Return the patch of an image around a position of the features, inside the image."""
    i, *position = place
    starts = [
        int(np.clip((u + 0.5) * size / cells - side / 2, 0, size - side))
        for u, cells, size in zip(position, grid, images.shape[2:], strict=True)
    ]
    return images[i, :, starts[0] : starts[0] + side, starts[1] : starts[1] + side]


def _stretched(patch: np.ndarray) -> np.ndarray:
    """Return a patch as uint8 with the whole range of grey levels."""
    low, high = patch.min(), patch.max()
    return np.rint(255 * (patch - low) / max(high - low, 1)).astype(np.uint8)
