"""Schedules of the learning rate: its fraction of the peak at each fraction t of a run, 0 < t <= 1.

All rise linearly over the first `warmup` of the run, a fraction in [0, 1).
"""

import math
from collections.abc import Callable

Schedule = Callable[[float], float]


def linear(warmup: float) -> Schedule:
    """Return a schedule that falls linearly to 0 after the warm-up.

    Example:
        >>> [round(linear(0.1)(t), 3) for t in (0.05, 0.1, 0.55, 1.0)]
        [0.5, 1.0, 0.5, 0.0]
    """
    return _rising(warmup, lambda t: (1 - t) / (1 - warmup))


def cosine(warmup: float) -> Schedule:
    """Return a schedule that falls to 0 along half a period of a cosine after the warm-up."""
    return _rising(warmup, lambda t: (1 + math.cos(math.pi * (t - warmup) / (1 - warmup))) / 2)


def constant(warmup: float) -> Schedule:
    """Return a schedule that stays at the peak after the warm-up."""
    return _rising(warmup, lambda t: 1.0)


def _rising(warmup: float, after: Schedule) -> Schedule:
    """Return a schedule that rises linearly, and follows `after` from the warm-up on."""
    if not 0 <= warmup < 1:
        raise ValueError(f"warmup must be at least 0 and less than 1: got {warmup}.")
    return lambda t: t / warmup if t < warmup else after(t)


LINEAR = linear(0.1)


def fingerprint(schedule: Schedule) -> list[float]:
    """Return a few values of a schedule, by which a checkpoint recognises it."""
    return [schedule(k / 32) for k in range(1, 33)]
