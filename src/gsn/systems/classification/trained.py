"""Training of a network that classifies, and what is measured of it."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from gsn import training
from gsn.decomposition.sparse import coherence
from gsn.systems.classification import networks
from gsn.systems.classification.measurement import counted

COLUMNS = ("method", "n", "parameters", "epochs", "wrong", "test", "error_percent")
COLUMNS += ("low_percent", "high_percent", "zero_share", "coherence", "threshold", "seconds")
BATCH = 256  # images whose classes are predicted at once


def fit(
    method: str,
    x: np.ndarray,
    y: np.ndarray,
    *,
    settings: dict,
    seed: int,
    checkpoint: Path,
    mirror: np.ndarray | None = None,
    stamp: str = "",
    device: torch.device | str = "cpu",
    measure=None,
) -> tuple[nn.Module, list[dict]]:
    """Return a trained network and the history of its training.

    Args:
        method: One of `networks.METHODS`.
        x: Features of the training images, (n, channels, h, w), float16 or float32.
        y: Labels, (n,), from 0.
        settings: As in `networks.new`, and epochs, batch and learning_rate.
        seed: Seed of the weights and of the order of the images.
        checkpoint: Path of the state, which the caller deletes.
        mirror: Channels of a mirrored image (`features.mirror`): in each step half of the images,
            drawn at random, are mirrored. None for no mirror images.
        stamp: Whatever else the run depends on.
        device: Device to compute on.
        measure: As in `gsn.training.train`.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = networks.new(method, x.shape[1:], int(y.max()) + 1, settings)
    network.start(x, seed)
    history = training.train(
        network,
        lambda f, x, y: F.cross_entropy(f(_some_mirrored(x, mirror)), y),
        (x, y.astype(np.int64)),
        **{key: settings[key] for key in ("epochs", "batch", "learning_rate")},
        seed=seed,
        checkpoint=checkpoint,
        stamp=stamp,
        device=device,
        measure=measure,
    )
    return network.eval(), history


def mirrored(x: torch.Tensor, mirror: np.ndarray) -> torch.Tensor:
    """Return the features of mirrored images, from those of the images, (n, channels, h, w)."""
    return x[:, torch.from_numpy(mirror).to(x.device)].flip(-1)


def _some_mirrored(x: torch.Tensor, mirror: np.ndarray | None) -> torch.Tensor:
    """Return a batch in which each image is mirrored with probability 1/2, if there is a mirror."""
    if mirror is None:
        return x
    chosen = torch.rand(len(x), 1, 1, 1, device=x.device) < 0.5
    return torch.where(chosen, mirrored(x, mirror), x)


@torch.no_grad()
def predicted(network: nn.Module, x: np.ndarray, mirror: np.ndarray | None = None) -> np.ndarray:
    """Return the most likely class of each image, (n,).

    Args:
        network: Network, trained.
        x: Features of the images, (n, channels, h, w).
        mirror: Channels of a mirrored image, whose probabilities are then averaged with those of
            the image.
    """
    found = []
    for batch in _batches(network, x):
        likely = network(batch).softmax(1)
        if mirror is not None:
            likely = likely + network(mirrored(batch, mirror)).softmax(1)
        found.append(likely.argmax(1).cpu().numpy())
    return np.concatenate(found)


def _batches(network: nn.Module, x: np.ndarray) -> Iterator[torch.Tensor]:
    device = next(network.parameters()).device
    for start in range(0, len(x), BATCH):
        yield torch.from_numpy(np.ascontiguousarray(x[start : start + BATCH])).to(device)


@torch.no_grad()
def sparsity(network: networks.SparseClassifier, x: np.ndarray) -> np.ndarray:
    """Return the share of the codes of each image that are zero, (n,)."""
    shares = []
    for batch in _batches(network, x):
        z = network.istc(network.projected(batch))
        shares.append((z == 0).float().flatten(1).mean(1).cpu().numpy())
    return np.concatenate(shares)


def measured(
    method: str,
    network: nn.Module,
    history: list[dict],
    x: np.ndarray,
    y: np.ndarray,
    n: int,
    *,
    mirror: np.ndarray | None = None,
) -> dict:
    """Return a row of COLUMNS about a trained network.

    Args:
        method: One of `networks.METHODS`.
        network: The trained network.
        history: History of its training.
        x, y: Features and labels of the test images.
        n: Number of training images.
        mirror: As in `predicted`.
    """
    begun = time.perf_counter()
    row = {"method": method, "n": n, "epochs": history[-1]["epoch"]}
    row["parameters"] = sum(weight.numel() for weight in network.parameters())
    row |= counted(int((predicted(network, x, mirror) != y).sum()), len(y))
    row |= {"zero_share": "", "coherence": "", "threshold": ""}
    row["seconds"] = history[-1]["seconds"] + time.perf_counter() - begun
    if isinstance(network, networks.SparseClassifier):
        with torch.no_grad():
            D, W = network.istc.dictionary()
            row["coherence"] = coherence(W, D)
            row["threshold"] = float(network.istc.threshold)
        row["zero_share"] = float(sparsity(network, x).mean())
    return row
