"""Generative latent optimisation: the z of the training images are trained with G, without encoder.

    G, z = argmin sum_i |x_i - G(z_i)|_1,        |z_i| = sqrt(d)
    z(x) = argmin_z |x - G(z)|_1,                |z| = sqrt(d),   G fixed, for another image

The latents are a table with a row for each image, which the step of a batch reads at its rows.
They are projected on the sphere where they are read, so nothing is written outside of the
optimiser. Adam moves all rows in each step: those that are not in the batch by what is left of
their momentum. The latents start from the whitened pixel PCA of the images, projected on the
sphere, as in public programs: from a random start they barely move in a few epochs.

Differs from the paper: the sphere has the radius sqrt(d) instead of 1, so that a component has the
size of a whitened one; the loss is L1 instead of a Laplacian pyramid; the rate of the latents is
that of G.

References:
    P. Bojanowski, A. Joulin, D. Lopez-Paz and A. Szlam, Optimizing the latent space of generative
    networks, ICML, 2018.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from gsn.networks.normalisation import recompute_statistics
from gsn.systems.comparison.autoencoders import pixels
from gsn.training import schedules, train

RATE = 0.1  # of the latents of other images; a component has size 1


def on_sphere(z: torch.Tensor) -> torch.Tensor:
    """Return the rows of z at the length sqrt(d).

    Example:
        >>> import torch
        >>> from gsn.systems.comparison.free_latents import on_sphere
        >>> on_sphere(torch.tensor([[3.0, 4.0]])).square().sum().round().item()
        2.0
    """
    return F.normalize(z, dim=1) * z.shape[1] ** 0.5


class Latents(nn.Module):
    """A table of latents on the sphere, (n,) int64 -> (n, d).

    Args:
        first: First latents, (n, d), which are projected on the sphere.
    """

    def __init__(self, first: np.ndarray):
        super().__init__()
        self.table = nn.Parameter(on_sphere(torch.from_numpy(np.float32(first))))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the latents of some rows."""
        return on_sphere(F.embedding(rows, self.table))

    def all(self) -> np.ndarray:
        """Return all latents, (n, d) float32."""
        return on_sphere(self.table.detach()).cpu().numpy()


class Decoded(nn.Module):
    """G of the latents, (n,) int64 -> (n, c, N, N) in [-1, 1].

    Args:
        latents: Table of latents.
        decoder: Network from z to images in [-1, 1].
    """

    def __init__(self, latents: Latents, decoder: nn.Module):
        super().__init__()
        self.latents, self.decoder = latents, decoder

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the images of some rows."""
        return self.decoder(self.latents(rows))


def fit(
    network: Decoded,
    images: np.ndarray,
    *,
    training: dict,
    seed: int,
    checkpoint: Path,
    stamp: str = "",
    device: torch.device | str = "cpu",
) -> list[dict]:
    """Train G and the latents of the images in place, and return the history.

    Args:
        network: Latents, a row for each image, and G.
        images: Training images, (n, c, N, N) uint8.
        training: epochs, batch, learning_rate and warmup, and perhaps ema, as `gsn.training.train`
            has them. Its `noise` is left out, and its optimiser is Adam.
        seed: Seed of the order of the images.
        checkpoint: Path of the state; the caller deletes it once the results are safe.
        stamp: Whatever else the run depends on.
        device: Device to train on.
    """
    settings = {name: value for name, value in training.items() if name != "noise"}
    settings["optimizer"] = "adam"  # Muon would mix the rows of the table
    warmup, rows = settings.pop("warmup"), np.arange(len(images))
    whole = len(images) // settings["batch"] * settings["batch"]  # as in training

    def statistics(trained: nn.Module) -> None:
        parts = torch.from_numpy(rows[:whole]).to(device).split(settings["batch"])
        recompute_statistics(trained, parts)

    return train(
        network,
        lambda outputs, i, x: (outputs(i) - pixels(x)).abs().mean(),
        (rows, images),
        **settings,
        schedule=schedules.linear(warmup),
        seed=seed,
        checkpoint=checkpoint,
        stamp=stamp,
        finish=statistics,
        device=device,
    )


def recover(
    decoder: nn.Module,
    images: np.ndarray,
    first: np.ndarray,
    *,
    steps: int,
    batch: int,
    seed: int,
    checkpoint: Path,
    stamp: str = "",
    device: torch.device | str = "cpu",
) -> tuple[np.ndarray, float]:
    """Return the latents of other images, by Adam with the decoder fixed.

    Args:
        decoder: Network from z to images in [-1, 1], which is put in evaluation mode.
        images: Images, (n, c, N, N) uint8.
        first: Latents to start from, (n, d).
        steps: Number of passes over the images, each a step for each of them.
        batch: Number of images at once. If n is no multiple of it, each step of the images leaves
            some others out.
        seed: Seed of the order of the images.
        checkpoint: Path of the state; the caller deletes it once the results are safe.
        stamp: Whatever else the run depends on.
        device: Device to compute on.

    Returns:
        Latents, (n, d) float32, and the seconds.
    """
    decoder.to(device).eval().requires_grad_(False)
    latents = Latents(first)
    history = train(
        latents,
        lambda outputs, i, x: (decoder(outputs(i)) - pixels(x)).abs().mean(),
        (np.arange(len(images)), images),
        epochs=steps,
        batch=min(batch, len(images)),
        learning_rate=RATE,
        schedule=schedules.linear(0.0),
        seed=seed,
        checkpoint=checkpoint,
        stamp=stamp,
        device=device,
    )
    return latents.all(), history[-1]["seconds"]
