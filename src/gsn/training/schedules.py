"""Schedules of the learning rate: its fraction of the peak at each fraction t of a run, 0 < t <= 1.

All rise linearly over the first `warmup` of the run, a fraction of it in [0, 1).
"""

import math
from collections.abc import Callable

Schedule = Callable[[float], float]


def linear(warmup: float) -> Schedule:
    """Return a schedule that falls linearly to 0 after the warm-up.

    >>> [round(linear(0.1)(t), 3) for t in (0.05, 0.1, 0.55, 1.0)]
    [0.5, 1.0, 0.5, 0.0]
    """
    return lambda t: t / warmup if t < warmup else (1 - t) / (1 - warmup)


LINEAR = linear(0.1)


def cosine(warmup: float) -> Schedule:
    """Return a schedule that falls to 0 along half a period of a cosine after the warm-up."""
    return lambda t: (
        t / warmup if t < warmup else (1 + math.cos(math.pi * (t - warmup) / (1 - warmup))) / 2
    )


def constant(warmup: float) -> Schedule:
    """Return a schedule that stays at the peak after the warm-up."""
    return lambda t: t / warmup if t < warmup else 1.0


def fingerprint(schedule: Schedule) -> list[float]:
    """Return a few values of a schedule, by which a checkpoint recognises it."""
    return [schedule(k / 32) for k in range(1, 33)]
