"""The fit of a method: an embedding of both splits, and a decoder of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from gsn.decomposition import random_projection, whitening
from gsn.networks import generator
from gsn.runtime import machine
from gsn.systems.comparison import autoencoders, decoders, embeddings, free_latents
from gsn.systems.comparison.measurement import spread
from gsn.systems.comparison.methods import LEARNED
from gsn.systems.generation import fitting, linear
from gsn.transforms import scattering2d

__all__ = ["LEARNED", "Fitted", "embedding", "fixed", "learned"]


@dataclass(frozen=True)
class Fitted:
    """A fitted method.

    Attributes:
        decoder: Network from z to images in [-1, 1].
        z: Embeddings of the splits, (n, d) float32.
        rows: Numbers of the test images that `z["test"]` embeds.
        facts: decoder_parameters; encoder_parameters, those that are trained by gradients; steps;
            training_seconds; embedding_ms, milliseconds to embed an image.
    """

    decoder: nn.Module
    z: dict[str, np.ndarray]
    rows: np.ndarray
    facts: dict[str, float]


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


def fixed(
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
    return Fitted(decoder, z, rows, _facts(decoder, 0, row["step"], row["seconds"], took))


def learned(
    name: str,
    images: dict[str, np.ndarray],
    d: int,
    *,
    network: dict,
    training: dict,
    checkpoint: Path,
    beta: float = 0.0,
    test_images: int = 0,
    test_steps: int = 0,
    **run,
) -> Fitted:
    """Return a method whose embedding is trained with G: `autoencoder`, `vae` or `glo`.

    Args:
        name: Name of the method.
        images: Images of the splits, (n, c, N, N) uint8, or arrays of a store.
        d: Dimension of z.
        network, training: As `gsn.systems.generation.fitting.fit` has them; no linear decoder.
        checkpoint: Path of the state, with `{}` in its name for what is trained.
        beta: Weight of the divergence in the VAE.
        test_images, test_steps: Test images that GLO embeds, and the steps for each.
        run: seed, stamp and device.
    """
    x, whole = images["train"][...], checkpoint.with_name(checkpoint.name.format("decoder"))
    if name == "glo":
        tested = checkpoint.with_name(checkpoint.name.format("test"))
        rows = spread(images["test"].shape[0], test_images)
        some = np.stack([images["test"][i] for i in rows])
        return _free(x, some, rows, d, network, training, test_steps, whole, tested, run)
    model = autoencoders.new(name, d, x.shape[1:], network, beta=beta, seed=run["seed"])
    last = autoencoders.fit(model, x, training=training, checkpoint=whole, **run)[-1]
    model.eval()
    z = {split: autoencoders.embed(model, images[split]) for split in images}
    took = embeddings.milliseconds(lambda some: autoencoders.embed(model, some), images["test"])
    encoder = sum(weight.numel() for weight in model.encoder.parameters())
    facts = _facts(model.decoder, encoder, last["step"], last["seconds"], took)
    return Fitted(model.decoder, z, np.arange(len(z["test"])), facts)


def _free(
    x: np.ndarray,
    some: np.ndarray,
    rows: np.ndarray,
    d: int,
    network: dict,
    training: dict,
    steps: int,
    whole: Path,
    tested: Path,
    run: dict,
) -> Fitted:
    with torch.random.fork_rng():
        torch.manual_seed(run["seed"])
        decoder = generator.Generator(d, x.shape[-1], channels=x.shape[1], **network)
    model = free_latents.Decoded(free_latents.Latents(len(x), d, seed=run["seed"]), decoder)
    last = free_latents.fit(model, x, training=training, checkpoint=whole, **run)[-1]
    batch = training["batch"]
    z, seconds = free_latents.recover(
        decoder, some, d, steps=steps, batch=batch, checkpoint=tested, **run
    )
    took = 1000 * seconds / len(some)
    facts = _facts(decoder, 0, last["step"], last["seconds"], took)
    return Fitted(decoder, {"train": model.latents.all(), "test": z}, rows, facts)


def _facts(decoder: nn.Module, encoder: int, steps: int, seconds: float, took: float) -> dict:
    return {
        "decoder_parameters": decoders.numbers(decoder),
        "encoder_parameters": encoder,
        "steps": int(steps),
        "training_seconds": f"{float(seconds):.4g}",
        "embedding_ms": f"{took:.4g}",
    }
