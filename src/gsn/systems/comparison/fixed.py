"""The methods with a fixed embedding: linear decoders, and G."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from gsn.decomposition import random_projection, whitening
from gsn.runtime import machine
from gsn.systems.comparison import decoders, embeddings
from gsn.systems.comparison.fitted import Fitted, facts
from gsn.systems.generation import fitting, linear
from gsn.transforms import scattering2d


@dataclass(frozen=True)
class Embedding:
    """A fixed embedding: z of both splits, the function that made it, and its basis."""

    z: dict[str, np.ndarray]
    embed: Callable[[np.ndarray], np.ndarray]
    basis: embeddings.Basis


def embedding(
    name: str,
    images: dict[str, np.ndarray],
    basis: embeddings.Basis,
    written: dict,
    z: dict[str, np.ndarray] | None,
    rows: dict | None,
    *,
    seed: int,
) -> Embedding:
    """Return the fixed embedding of a method.

    Args:
        name: Name of the method.
        images: Images of the splits `train` and `test`, (n, c, N, N) uint8, or arrays of a store.
        basis: Mean, d components and eigenvalues: of the pixels for `pixel_pca` and `pixels`, of
            the coefficients for the others.
        written: Attributes of the store of the basis: J, L, N, max_order, dtype.
        z: Whitened coefficients of the splits, where they are the embedding.
        rows: Coefficients of the splits as dask arrays, for `random_projection`.
        seed: Seed of the random directions.
    """
    if name in ("pixel_pca", "pixels"):
        embed = embeddings.of_pixels(basis)
        return Embedding({split: embed(x) for split, x in images.items()}, embed, basis)
    if name == "random_projection":
        basis = random_projection.fit(rows["train"], len(basis[1]), seed=seed)
        z = {k: embeddings.whitened(whitening.read(S), basis) for k, S in rows.items()}
    S = scattering2d.Scattering2D(
        written["J"], (written["N"],) * 2, written["L"], written["max_order"]
    )
    chosen = {"device": machine.device(), "dtype": getattr(torch, written["dtype"])}
    embed = embeddings.of_scattering(S, basis, **chosen)
    return Embedding({split: values[...] for split, values in z.items()}, embed, basis)


def fit(
    name: str,
    images: dict[str, np.ndarray],
    embedded: Embedding,
    trained: tuple[nn.Module, dict] | None,
    *,
    network: dict,
    training: dict,
    seed: int,
    checkpoint: Path,
    stamp: str,
    device: torch.device | str,
) -> Fitted:
    """Return a method with a fixed embedding.

    Args:
        name: Name of the method.
        images: Images of the splits, (n, c, N, N) uint8, or arrays of a store.
        embedded: Its embedding.
        trained: A trained G with the last row of its history, in place of a training, or None.
        network, training, seed, stamp, device: As `gsn.systems.generation.fitting.fit` has them.
        checkpoint: Path of the state, with `{}` in its name for what is trained.
    """
    z, shape = embedded.z, images["train"].shape[1:]
    begun, row = time.monotonic(), {"step": 0, "seconds": 0.0}
    if name == "pixel_pca":
        mu, components, eigenvalues = embedded.basis
        decoder = decoders.Affine(components * np.sqrt(eigenvalues)[:, None], mu, shape)
    elif name == "ridge":
        *weight, mean = linear.decoder(z["train"], images["train"]).weight
        decoder = decoders.Affine(np.stack(weight), mean, shape)
        row["seconds"] = time.monotonic() - begun
    elif trained:
        decoder, row = trained
    else:
        with torch.random.fork_rng():
            decoder, history = fitting.fit(
                z,
                images,
                network=network,
                training=training,
                seed=seed,
                checkpoint=checkpoint.with_name(checkpoint.name.format("decoder")),
                stamp=stamp,
                device=device,
            )
        row = history[-1]
    took = embeddings.milliseconds(embedded.embed, images["test"])
    rows = np.arange(len(z["test"]))
    return Fitted(decoder, z, rows, facts(decoder, 0, row["step"], row["seconds"], took))
