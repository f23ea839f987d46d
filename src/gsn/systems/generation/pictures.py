"""Figures 2 to 5 of Angles & Mallat (2018): reconstructions, samples and interpolations by G."""

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure

from gsn.figures import animation
from gsn.figures import images as rows_of_images
from gsn.metrics import reconstruction
from gsn.networks import generator
from gsn.samplers import gaussian

COLUMNS = 8
PAIRS = 3  # of images of each split, between which figure 5 goes


def chosen(n: int) -> np.ndarray:
    """Return the rows of n to show, evenly spaced: neighbours are often alike."""
    return np.linspace(0, n - 1, min(COLUMNS, n)).astype(int)


def figures(
    G: generator.Generator, images: dict[str, np.ndarray], z: dict[str, np.ndarray], *, seed: int
) -> Iterator[tuple[str, Figure]]:
    """Yield each figure under its name.

    Args:
        G: Generator in evaluation mode.
        images: The images to show of the splits `train` and `test`, (k, c, N, N) uint8.
        z: Their embeddings, (k, d) float32.
        seed: Seed of the samples.
    """
    for number, split in ((2, "train"), (3, "test")):
        y = _decoded(G, z[split])
        psnr = [
            f"{reconstruction.psnr([error], peak=255)[0]:.1f} dB"
            for error in reconstruction.mse(images[split], y)
        ]
        yield (
            f"figure{number}_{split}",
            rows_of_images.image_rows(
                np.stack([images[split], _bytes(y)]),
                ["x", "G(Φ(x))"],
                title=f"{split} images and their reconstructions",
                captions=[[], psnr],
            ),
        )

    samples = _bytes(_decoded(G, gaussian.sample(4 * COLUMNS, z["test"].shape[1], seed=seed)))
    samples = samples.reshape(4, COLUMNS, *samples.shape[1:])
    yield (
        "figure4_samples",
        rows_of_images.image_rows(samples, [], title="samples G(z), z ~ N(0, I)"),
    )

    t = np.linspace(0, 1, COLUMNS)
    rows = np.concatenate([morphs(G, z[split], t).swapaxes(0, 1) for split in z])
    labels = [split for split in z for _ in range(len(rows) // len(z))]
    yield (
        "figure5_interpolation",
        rows_of_images.image_rows(
            rows,
            labels,
            title="G((1 - t) Φ(x) + t Φ(x'))",
            captions=[[]] * (len(rows) - 1) + [[f"t = {time:.2f}" for time in t]],
        ),
    )


def morphs(G: generator.Generator, z: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return images on the straight lines between embeddings: the first and last, and so inwards.

        G((1 - t) Φ(x) + t Φ(x'))                                               equation (4)

    Args:
        G: Generator in evaluation mode.
        z: Embeddings, (k, d) float32.
        t: Times in [0, 1], (times,).

    Returns:
        Images, (times, pairs, c, N, N) uint8, of min(3, k // 2) pairs, at least 1.
    """
    pairs = np.arange(max(1, min(PAIRS, len(z) // 2)))
    t = np.asarray(t, dtype=np.float32)[:, None, None]
    between = (1 - t) * z[pairs] + t * z[len(z) - 1 - pairs]
    y = _bytes(_decoded(G, between.reshape(-1, z.shape[1])))
    return y.reshape(*between.shape[:2], *y.shape[1:])


def moving(G: generator.Generator, z: dict[str, np.ndarray]) -> np.ndarray:
    """Return figure 5 as frames, with a row for each split.

    Args:
        G: Generator in evaluation mode.
        z: The embeddings of the shown images of the splits, (k, d) float32.

    Returns:
        Images, (frames, splits, pairs, c, N, N) uint8.
    """
    found = [morphs(G, z[split], animation.there_and_back()) for split in z]
    pairs = min(images.shape[1] for images in found)
    return np.stack([images[:, :pairs] for images in found], axis=1)


def _decoded(G: generator.Generator, z: np.ndarray) -> np.ndarray:
    return np.concatenate(list(generator.decode(G, z)))


def _bytes(y: np.ndarray) -> np.ndarray:
    return np.rint(y).astype(np.uint8)
