"""Training of a network on the squared error, from inputs to images.

    theta = argmin sum_i ||G_theta(u_i) - x_i||^2

Its output is then near the mean of all x that have the same u.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import nn

from gsn.training import schedules, train

WARM = 0.1  # part of the run in which the learning rate rises
Network = TypeVar("Network", bound=nn.Module)


def fit(
    build: Callable[[], Network],
    inputs: Sequence[np.ndarray],
    x: np.ndarray,
    *,
    epochs: int,
    batch: int,
    learning_rate: float,
    seed: int,
    checkpoint: str | Path,
    stamp: str = "",
    device: torch.device | str = "cpu",
) -> Network:
    """Return a trained network in evaluation mode, whose weights need no gradient.

    The learning rate rises, then falls to 0 like a cosine.

    Args:
        build: Function that returns the network; its first weights depend on the seed alone.
        inputs: Inputs u of the network, (n, ...) each.
        x: Outputs that it is to have, (n, ...).
        epochs, batch, learning_rate, checkpoint, stamp, device: As in `gsn.training.train`.
        seed: Seed of the first weights, and of the order of the rows.

    Raises:
        ValueError, FloatingPointError, SystemExit: As in `gsn.training.train`.

    Example:
        >>> import tempfile
        >>> from gsn.training import regression
        >>> u = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
        >>> given = {"epochs": 50, "batch": 16, "learning_rate": 0.1, "seed": 0}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     given["checkpoint"] = Path(folder, "state.pt")
        ...     line = regression.fit(lambda: nn.Linear(1, 1), [u], 3 * u, **given)
        >>> round(line.weight.item(), 1)
        3.0
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build()
    train(
        network,
        lambda f, *arrays: (f(*arrays[:-1]) - arrays[-1]).square().mean(),
        [*inputs, x],
        epochs=epochs,
        batch=batch,
        learning_rate=learning_rate,
        schedule=schedules.cosine(WARM),
        seed=seed,
        checkpoint=checkpoint,
        stamp=stamp,
        device=device,
    )
    return network.eval().requires_grad_(False)
