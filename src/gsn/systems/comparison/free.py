"""The method without an encoder: GLO."""

from pathlib import Path

import numpy as np
import torch

from gsn.metrics.features import spread
from gsn.networks import generator
from gsn.systems.comparison import free_latents
from gsn.systems.comparison.fitted import Fitted, facts


def fit(
    name: str,
    images: dict[str, np.ndarray],
    d: int,
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
        d: Dimension of z.
        network, training: As `gsn.systems.generation.fitting.fit` has them; no linear decoder.
        checkpoint: Path of the state, with `{}` in its name for what is trained.
        test_images: Largest number of test images that are embedded.
        test_steps: Steps for each of them.
        run: seed, stamp and device.
    """
    states = [checkpoint.with_name(checkpoint.name.format(what)) for what in ("decoder", "test")]
    x, rows = images["train"][...], spread(images["test"].shape[0], test_images)
    some, seed = np.stack([images["test"][i] for i in rows]), run["seed"]
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        decoder = generator.Generator(d, x.shape[-1], channels=x.shape[1], **network)
    model = free_latents.Decoded(free_latents.Latents(len(x), d, seed=seed), decoder)
    last = free_latents.fit(model, x, training=training, checkpoint=states[0], **run)[-1]
    batch = training["batch"]
    z, seconds = free_latents.recover(
        decoder, some, d, steps=test_steps, batch=batch, checkpoint=states[1], **run
    )
    found = facts(decoder, 0, last["step"], last["seconds"], 1000 * seconds / len(some))
    return Fitted(decoder, {"train": model.latents.all(), "test": z}, rows, found)
