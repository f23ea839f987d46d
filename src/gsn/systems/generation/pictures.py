"""Figures 2 to 5 of Angles & Mallat (2018): reconstructions, samples and interpolations by G."""

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure

from gsn.figures import images as rows_of_images
from gsn.networks import generator
from gsn.samplers import gaussian

COLUMNS = 8


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

    def decode(latents: np.ndarray) -> np.ndarray:
        return np.rint(np.concatenate(list(generator.decode(G, latents)))).astype(np.uint8)

    for number, split in ((2, "train"), (3, "test")):
        pair = np.stack([images[split], decode(z[split])])
        title = f"{split} images and their reconstructions"
        yield (
            f"figure{number}_{split}",
            rows_of_images.image_rows(pair, ["x", "G(Φ(x))"], title=title),
        )

    samples = decode(gaussian.sample(4 * COLUMNS, z["test"].shape[1], seed=seed))
    samples = samples.reshape(4, COLUMNS, *samples.shape[1:])
    yield (
        "figure4_samples",
        rows_of_images.image_rows(samples, [], title="samples G(z), z ~ N(0, I)"),
    )

    t = np.linspace(0, 1, COLUMNS, dtype=np.float32)[:, None]
    morphs = np.stack([decode((1 - t) * z[split][0] + t * z[split][-1]) for split in z])
    title = "G((1 - t) Φ(x) + t Φ(x')), t from 0 to 1"
    yield "figure5_interpolation", rows_of_images.image_rows(morphs, list(z), title=title)
