"""The method without an encoder: GLO."""

from pathlib import Path

import numpy as np
import torch

from gsn.metrics.features import spread
from gsn.networks import generator
from gsn.systems.comparison import embeddings, free_latents
from gsn.systems.comparison.fitted import Fitted, facts


def fit(
    name: str,
    images: dict[str, np.ndarray],
    basis: embeddings.Basis,
    *,
    network: dict,
    training: dict,
    checkpoint: Path,
    test_images: int,
    test_steps: int,
    **run,
) -> Fitted:
    """Return the fitted `glo`.

    Args:
        name: Name of the method.
        images: Images of the splits, (n, c, N, N) uint8, or arrays of a store.
        basis: Mean, d components and eigenvalues of the pixels, from which the latents start.
        network, training: As `gsn.systems.generation.fitting.fit` has them; no linear decoder.
        checkpoint: Path of the state, with `{}` in its name for what is trained.
        test_images: Largest number of test images that are embedded.
        test_steps: Steps for each of them.
        run: seed, stamp and device.
    """
    states = [checkpoint.with_name(checkpoint.name.format(what)) for what in ("decoder", "test")]
    x, rows = images["train"][...], spread(images["test"].shape[0], test_images)
    some, start = np.stack([images["test"][i] for i in rows]), embeddings.of_pixels(basis)
    with torch.random.fork_rng():
        torch.manual_seed(run["seed"])
        size = {"N": x.shape[-1], "channels": x.shape[1]}
        decoder = generator.Generator(len(basis[1]), **size, **network)
    model = free_latents.Decoded(free_latents.Latents(start(x)), decoder)
    last = free_latents.fit(model, x, training=training, checkpoint=states[0], **run)[-1]
    batch = training["batch"]
    z, seconds = free_latents.recover(
        decoder, some, start(some), steps=test_steps, batch=batch, checkpoint=states[1], **run
    )
    found = facts(decoder, 0, last["step"], last["seconds"], 1000 * seconds / len(some))
    return Fitted(decoder, {"train": model.latents.all(), "test": z}, rows, found)
