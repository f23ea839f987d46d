"""The generator of an experiment, trained by L1 to invert the embedding.

Equation (1) of Angles & Mallat (2018):

    G = argmin sum_i ||x_i - G(Phi(x_i))||_1

with Adam, or another optimiser of `gsn.training`. Pixels are in [-1, 1]; the loss is the mean over
pixels.

Differs from the paper: the learning rate rises linearly and falls linearly instead of staying
constant, and the statistics of batch normalisation are recomputed over the training set at the end.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from gsn.metrics import reconstruction
from gsn.networks import generator
from gsn.networks.normalisation import recompute_statistics
from gsn.systems.generation import linear
from gsn.training import schedules, train


def l1(G: nn.Module, z: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Return the mean of abs(G(z) - x) over pixels in [-1, 1].

    Args:
        G: Network onto [-1, 1].
        z: Embeddings, (n, d) float32.
        x: Images, (n, c, N, N) uint8.
    """
    return (G(z) - (x.float() / 127.5 - 1)).abs().mean()


@torch.inference_mode(False)
def fit(
    z: dict[str, np.ndarray],
    images: dict[str, np.ndarray],
    *,
    network: dict,
    training: dict,
    seed: int,
    checkpoint: Path,
    stamp: str = "",
    device: torch.device | str = "cpu",
) -> tuple[generator.Generator, list[dict]]:
    """Train G on the training images and measure it on some images of both splits after each epoch.

    Args:
        z: Embeddings of the splits `train` and `test`, (n, d) float32.
        images: Images of the same splits, (n, c, N, N) uint8; an array of a store may stand for
            each.
        network: Keywords of `gsn.networks.generator.Generator` but d, N and channels.
        training: epochs, batch, learning_rate and warmup, and perhaps optimizer, ema and noise, as
            `gsn.training.train` has them.
        seed: Seed of the weights, of the order of the images and of the noise.
        checkpoint: Path of the state; the caller deletes it once the results are safe.
        stamp: Whatever else the run depends on.
        device: Device to train on.

    Returns:
        G in training mode, and the history: a row for each epoch, with the pooled PSNR in dB of a
        fixed part of each split, by the running statistics.

    Raises:
        ValueError: A z is not finite, or as `gsn.training.train` does.
        FloatingPointError, SystemExit: As `gsn.training.train` does.
    """
    for split, rows in z.items():
        if not np.isfinite(rows).all():
            raise ValueError(
                f"z must be finite: found NaN or infinity in {split}; whiten it again."
            )
    x = images["train"][...]
    settings = dict(training)
    warmup, batch = settings.pop("warmup"), settings["batch"]
    torch.manual_seed(seed)
    G = generator.Generator(z["train"].shape[1], x.shape[-1], channels=x.shape[1], **network)
    if G.linear_decoder:
        *weight, mean = linear.decoder(z["train"], x).weight / 127.5  # [-1, 1] of 0..255
        G.linear_decoder.set(np.stack(weight), mean - 1)
    full = len(x) // batch * batch  # as in training, without a smaller last batch
    history = train(
        G,
        l1,
        (z["train"], x),
        **settings,
        schedule=schedules.linear(warmup),
        seed=seed,
        checkpoint=checkpoint,
        stamp=stamp,
        measure=_measure(z, images | {"train": x}),
        finish=lambda G: recompute_statistics(
            G, torch.from_numpy(z["train"][:full]).to(device).split(batch)
        ),
        device=device,
    )
    return G, history


def _measure(z: dict[str, np.ndarray], images: dict[str, np.ndarray]):
    """Return a function of G: the pooled PSNR of evenly spaced images of each split."""
    some = min(max(len(z["train"]) // 32, 8), 256)
    rows = {split: np.unique(np.linspace(0, len(z[split]) - 1, some).astype(int)) for split in z}
    watched = {split: np.stack([images[split][i] for i in rows[split]]) for split in z}

    def measure(G: nn.Module) -> dict[str, float]:
        decoded = {
            split: np.concatenate(list(generator.decode(G, z[split][rows[split]]))) for split in z
        }
        errors = {split: reconstruction.mse(watched[split], decoded[split]) for split in z}
        return {f"psnr_{split}_db": reconstruction.psnr(errors[split], peak=255)[0] for split in z}

    return measure
