"""A fitted method, measured: its reconstructions of both splits, and its draws."""

from collections.abc import Iterator

import numpy as np
from torch import nn

from gsn.metrics import reconstruction
from gsn.metrics.features import spread
from gsn.networks import generator
from gsn.runtime import progress
from gsn.systems.comparison import methods, priors
from gsn.systems.latent_laws import quality

SEEDS = 3  # of the draws
MOST = 10_000  # draws with a seed
BATCH = 256
SHOWN = 8  # images in a picture
PSNR = ("n", "psnr_pooled_db", "psnr_mean_db")
PSNR += ("psnr_pooled_low", "psnr_pooled_high", "psnr_mean_low", "psnr_mean_high")
QUALITY = ("frechet", "frechet_low", "frechet_high", "mmd", "mmd_se")
QUALITY += ("precision", "recall", "density", "coverage", "nearer")
COLUMNS = ("method", "split", "prior", *PSNR, *QUALITY)


def shown(n: int, most: int) -> np.ndarray:
    """Return the numbers of the test images in the pictures, which GLO embeds too.

    Args:
        n: Number of test images.
        most: Largest number of test images that GLO embeds.
    """
    embedded = spread(n, most)
    return embedded[spread(len(embedded), SHOWN)]


def reconstructed(
    name: str,
    decoder: nn.Module,
    z: dict[str, np.ndarray],
    images: dict[str, np.ndarray],
    *,
    seed: int,
) -> list[dict]:
    """Return the PSNR of the reconstructions of each split, with 95 % intervals over images.

    Args:
        name: Name of the method.
        decoder: Network from z to images in [-1, 1], in evaluation mode.
        z: Embeddings of the splits, (n, d).
        images: Images that they embed, (n, c, N, N) uint8, or arrays of a store.
        seed: Seed of the bootstrap.
    """
    rows = []
    for split in z:
        errors, first = [], 0
        bar = progress.Progress(total=len(z[split]), unit="image", label=f"decode {split}")
        for y in bar.over(generator.decode(decoder, z[split], BATCH)):
            errors.append(reconstruction.mse(images[split][first : first + len(y)], y))
            first += len(y)
        bar.close()
        errors = np.concatenate(errors)
        psnr = reconstruction.psnr(errors, peak=255)
        pooled, mean = reconstruction.interval(errors, peak=255, seed=seed)
        row = {"method": name, "split": split}
        rows.append(row | dict(zip(PSNR, (len(errors), *psnr, *pooled, *mean), strict=True)))
    return rows


def drawn(
    name: str, decoder: nn.Module, z: np.ndarray, space: quality.Space, n: int, *, seed: int
) -> Iterator[dict]:
    """Yield the quality of the draws from each law of a method: means over SEEDS sets of draws.

    `frechet_low` and `frechet_high` are the least and the largest of the sets.

    Args:
        name: Name of the method.
        decoder: Network from z to images in [-1, 1], in evaluation mode.
        z: Training z, (m, d).
        space: Space of the data set.
        n: Number of draws in a set.
        seed: Seed of the first set.
    """
    for prior in methods.priors(name):
        judged = []
        for k in range(SEEDS):
            made = samples(name, decoder, z, prior, n, seed=seed + k)
            judged.append(quality.judge(space, space.of(made), seed=k))
        row = {"method": name, "split": "samples", "prior": prior, "n": n}
        row |= {
            measure: float(np.mean([found[measure] for found in judged])) for measure in judged[0]
        }
        distances = [found["frechet"] for found in judged]
        yield row | {"frechet_low": min(distances), "frechet_high": max(distances)}


def samples(
    name: str, decoder: nn.Module, z: np.ndarray, prior: str, n: int, *, seed: int
) -> Iterator[np.ndarray]:
    """Yield decoded draws from a law, in batches, (batch, c, N, N) float32 in [0, 255]."""
    drawn = priors.draw(prior, z, n, seed=seed, sphere=methods.SPHERE in methods.priors(name))
    return generator.decode(decoder, drawn, BATCH)


def rounded(batches: Iterator[np.ndarray]) -> np.ndarray:
    """Return batches of images as one array of uint8."""
    return np.rint(np.concatenate(list(batches))).clip(0, 255).astype(np.uint8)
