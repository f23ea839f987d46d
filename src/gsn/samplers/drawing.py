"""Draws and densities of a law: in batches, in evaluation mode, apart from the caller's modes.

    z = f(e),        e ~ N(0, temperature^2 I)

The noise e is drawn row by row from one stream, and each batch is computed at its full size. So the
first draws of a seed are the same bits, whatever their number.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

from gsn.runtime import precision
from gsn.samplers import arguments

ROWS = 256  # in a batch


def draw(
    law: nn.Module,
    decode: Callable[[torch.Tensor], torch.Tensor],
    n: int,
    width: int,
    *,
    seed: int,
    temperature: float,
) -> np.ndarray:
    """Return decode(e) for n rows of noise e; memory holds one batch besides the result.

    Args:
        law: Law, whose device and dimension `law.d` count.
        decode: Function of a batch of noise, (rows, width) -> (rows, d).
        n: Number of draws.
        width: Dimension of the noise.
        seed: Seed of the noise.
        temperature: Standard deviation of the noise, at least 0.

    Returns:
        z, (n, d) float32.

    Raises:
        ValueError: n or the temperature is out of its range.
    """
    n, temperature = arguments.draws(n, temperature)
    rng, z = np.random.default_rng(seed), np.empty((n, law.d), dtype=np.float32)
    with evaluation(law) as device:
        for first in range(0, n, ROWS):
            e = temperature * rng.standard_normal((ROWS, width), dtype=np.float32)
            drawn = decode(torch.from_numpy(e).to(device))
            z[first : first + ROWS] = drawn[: n - first].float().cpu().numpy()
    return z


def score(
    law: nn.Module, log_density: Callable[[torch.Tensor], torch.Tensor], z: np.ndarray
) -> np.ndarray:
    """Return a log-density at points in batches, (n,) float64.

    Args:
        law: Law, whose device and dimension `law.d` count.
        log_density: Function of a batch of points, (rows, d) float64 -> (rows,).
        z: Points, (n, d).

    Raises:
        ValueError: z is complex, not of the shape (n, d) or not finite.
    """
    z = arguments.points(z, law.d)
    values = np.empty(len(z))
    with evaluation(law) as device:
        for first in range(0, len(z), ROWS):
            batch = torch.from_numpy(z[first : first + ROWS]).to(device)
            values[first : first + ROWS] = log_density(batch).double().cpu().numpy()
    return values


@contextmanager
def evaluation(law: nn.Module) -> Iterator[torch.device]:
    """Put a law into evaluation mode in the block, without gradients and in float32."""
    device = next(itertools.chain(law.parameters(), law.buffers())).device
    training = law.training
    law.eval()
    try:
        with torch.no_grad(), precision.single(device):
            yield device
    finally:
        law.train(training)
