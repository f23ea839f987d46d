"""A model of fields from examples: statistics that are kept, and syntheses that have them.

y = mean_i Phi(x_i),      x = descent of ||Phi(x) - y||^2 from Gaussian noise
"""

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from gsn.inverse import descent, starts
from gsn.inverse.coordinates import Coordinates
from gsn.runtime import arguments
from gsn.transforms import statistics
from gsn.transforms.statistics import masks


@dataclass(frozen=True)
class Model:
    """A fitted model, and syntheses of it.

    Attributes:
        x: Syntheses, (n, H, W).
        statistic: Statistics of the example, which are frozen.
        losses: Relative errors |Phi(x) - y| / |y| before each step and after the last one,
            (steps + 1, n) float64.
        evaluations: Number of evaluations of Phi with its gradient, (n,) int64.
        seconds: Time of the descent.
        moments: Number of numbers that are kept, a complex one counted once.
    """

    x: torch.Tensor
    statistic: statistics.Statistic
    losses: np.ndarray
    evaluations: np.ndarray
    seconds: float
    moments: int

    @property
    def error(self) -> np.ndarray:
        """Relative errors of the syntheses at the end, (n,)."""
        return self.losses[-1]


def synthesized(
    examples: torch.Tensor,
    name: str,
    n: int,
    *,
    settings: dict | None = None,
    mask: torch.Tensor | None = None,
    mixture: bool = False,
    modulus: bool = False,
    steps: int,
    tolerance: float,
    method: str,
    seed: int,
    checkpoint: Path | None = None,
    stamp: str = "",
) -> Model:
    """Return syntheses of a model that is fitted to examples.

    Args:
        examples: Realisations of the process, (k, H, W) float32 or float64.
        name: Name of the statistics.
        n: Number of syntheses.
        settings: Arguments of the statistics.
        mask: Points that count, (H, W) bool; all by default.
        mixture: Whether synthesis i has the statistics of example i mod k, in place of their mean
            over the examples. The law is then a mixture, as that of a process that is not ergodic.
        modulus: Whether the mean of |x| is kept too. If it and the variance are 1, x is +-1.
        steps: Largest number of steps of the descent.
        tolerance: Relative error that ends the descent.
        method: Method of the descent.
        seed: Seed of the noise.
        checkpoint: Path of the state of the descent, which the caller deletes.
        stamp: Whatever else the run depends on.

    Raises:
        ValueError: The statistics have no such setting, or do not take the examples.
    """
    n = arguments.integer("n", n, least=1)
    seed = arguments.integer("seed", seed, least=0)
    # On the CPU, where the same sums give the same bits: a run is resumed for the same y only.
    x, points = examples.cpu(), None if mask is None else mask.cpu()
    statistic = new(name, tuple(x.shape[-2:]), settings or {}).fit(x, points)
    phi = with_modulus(statistic, x, points) if modulus else statistic
    with torch.no_grad():
        y = phi(x, points)  # (k, M)
    y = y[torch.arange(n) % len(y)] if mixture else y.mean(dim=0)
    statistic = statistic.to(examples.device)
    if name == "gaussian" and mask is None and len(examples) == 1:
        # A spectrum that falls by many decades is out of the reach of a descent from white noise.
        x0 = starts.coloured(without_phases(examples[0]), n, seed)
    else:
        x0 = starts.white(spread(examples, mask), n, seed)
    x0, run = x0.to(examples), {"steps": steps, "tolerance": tolerance, "method": method}
    run |= {"checkpoint": checkpoint, "stamp": stamp}
    if method == "lbfgs":
        frame = Coordinates(masks.filled(examples, mask))
        found = descent.descend(lambda w: phi(frame.fields(w)), y, frame.of(x0), **run)
        x = frame.fields(found.x)
    else:  # the law of the paper is that of the steps in x
        found = descent.descend(phi, y, x0, **run)
        x = found.x
    losses, evaluations = (_plain(value) for value in (found.losses, found.evaluations))
    moments = statistic.count + modulus
    return Model(x.detach(), statistic, losses, evaluations, float(found.seconds), moments)


def with_modulus(
    statistic: statistics.Statistic, examples: torch.Tensor, mask: torch.Tensor | None = None
) -> Callable:
    """Return statistics with one number more, the mean of |x| by that of examples.

    By Cauchy and Schwarz, mean |x| = 1 and mean x^2 = 1 only if x is +-1 nearly everywhere. So the
    models of spins on the slides of Bruna & Mallat keep both.

    Args:
        statistic: Fitted statistics, (n, H, W) -> (n, M).
        examples: Realisations, (k, H, W).
        mask: Points that count, (H, W) bool.
    """

    def sizes(x: torch.Tensor, points: torch.Tensor | None) -> torch.Tensor:
        seen = x.flatten(1) if points is None else x[:, points]
        return seen.abs().mean(dim=1, keepdim=True)

    unit = sizes(examples, mask).mean()
    return lambda x, points=None: torch.cat([statistic(x, points), sizes(x, points) / unit], dim=1)


def new(name: str, shape: tuple[int, int], settings: dict) -> statistics.Statistic:
    """Return statistics that are not fitted yet, as `gsn.transforms.statistics.new` does.

    Raises:
        ValueError: There are no such statistics, or they have no such setting.
    """
    try:
        return statistics.new(name, shape, **settings)
    except TypeError as error:
        known = ", ".join(_known(name))
        unknown = [key for key in settings if key not in _known(name)]
        if not unknown:
            raise
        raise ValueError(
            f"{name} must have known settings: got {unknown[0]!r}; use some of {known or 'none'}."
        ) from error


def within(shape: tuple[int, int], border: int) -> torch.Tensor:
    """Return the mask of the points that are not within a border.

    Args:
        shape: Sides (H, W) of the fields.
        border: Width of the border, in points.

    Example:
        >>> from gsn.systems.synthesis.models import within
        >>> within((4, 6), 1).int().tolist()
        [[0, 0, 0, 0, 0, 0], [0, 1, 1, 1, 1, 0], [0, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 0]]
    """
    mask = torch.zeros(shape, dtype=torch.bool)
    mask[border : shape[0] - border, border : shape[1] - border] = True
    return mask


def without_phases(x: torch.Tensor) -> torch.Tensor:
    """Return the field of the same mean and power spectrum that has no phases, (H, W).

    It is the same for all translations of x.

    Example:
        >>> import torch
        >>> from gsn.systems.synthesis.models import without_phases
        >>> x = torch.randn(8, 8)
        >>> torch.allclose(without_phases(x.roll(3, 1)), without_phases(x), atol=1e-5)
        True
    """
    x_hat = torch.fft.fft2(x)
    amplitude = x_hat.abs()
    amplitude[0, 0] = x_hat[0, 0].real
    return torch.fft.ifft2(amplitude).real


def spread(examples: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
    """Return a field of values that lie evenly among those of examples, for their moments.

    A single example without a mask is itself.

    Args:
        examples: Realisations, (k, H, W).
        mask: Points that count, (H, W) bool.

    Example:
        >>> import torch
        >>> from gsn.systems.synthesis.models import spread
        >>> x = torch.tensor([[[1.0, 2.0], [3.0, 9.0]]])
        >>> spread(x, torch.tensor([[True, True], [True, False]])).tolist()
        [[1.0, 2.0], [2.0, 3.0]]
    """
    values = examples.flatten() if mask is None else examples[:, mask].flatten()
    H, W = examples.shape[-2:]
    chosen = torch.linspace(0, len(values) - 1, H * W, dtype=torch.float64).round().long()
    return values[chosen.to(values.device)].reshape(H, W)


def _known(name: str) -> list[str]:
    """Return the names of the settings of statistics."""
    kind = importlib.import_module(f"{statistics.__name__}.{name}").Statistic
    return [key for key in inspect.signature(kind).parameters if key != "shape"]


def _plain(values: torch.Tensor | np.ndarray) -> np.ndarray:
    return values.detach().cpu().numpy() if isinstance(values, torch.Tensor) else np.asarray(values)
