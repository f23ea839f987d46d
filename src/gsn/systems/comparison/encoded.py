"""The methods whose encoder is trained with G: the autoencoder and the VAE."""

from pathlib import Path

import numpy as np

from gsn.systems.comparison import autoencoders, embeddings
from gsn.systems.comparison.fitted import Fitted, facts


def fit(
    name: str,
    images: dict[str, np.ndarray],
    d: int,
    *,
    network: dict,
    training: dict,
    checkpoint: Path,
    beta: float = 0.0,
    **run,
) -> Fitted:
    """Return the fitted `autoencoder` or `vae`.

    Args:
        name: Name of the method.
        images: Images of the splits, (n, c, N, N) uint8, or arrays of a store.
        d: Dimension of z.
        network, training: As `gsn.systems.generation.fitting.fit` has them; no linear decoder.
        checkpoint: Path of the state, with `{}` in its name for what is trained.
        beta: Weight of the divergence in the VAE.
        run: seed, stamp and device.
    """
    x, state = images["train"][...], checkpoint.with_name(checkpoint.name.format("decoder"))
    model = autoencoders.new(name, d, x.shape[1:], network, beta=beta, seed=run["seed"])
    last = autoencoders.fit(model, x, training=training, checkpoint=state, **run)[-1]
    model.eval()
    z = {split: autoencoders.embed(model, images[split]) for split in images}
    took = embeddings.milliseconds(lambda some: autoencoders.embed(model, some), images["test"])
    encoder = sum(weight.numel() for weight in model.encoder.parameters())
    found = facts(model.decoder, encoder, last["step"], last["seconds"], took)
    return Fitted(model.decoder, z, np.arange(len(z["test"])), found)
