"""Concentration: how much a statistic, or the log-probability, varies over realisations.

A model from one example rests on Phi(X) being nearly the same for all realisations X of a process.
What it makes is typical if d^-1 log p of it is near the entropy rate. Both are measured by relative
variances, as on the slides of Bruna & Mallat:

    E|Phi(X) - E Phi(X)|^2 / |E Phi(X)|^2        over realisations X
    E|log p(X) + H|^2 / H^2                      over realisations, or syntheses

The second one is no smaller than Var(log p) / H^2 if X has the law p. For a synthesis it can be, if
its energy is held at a target.

References:
    J. Bruna and S. Mallat, Multiscale sparse microcanonical models, Mathematical Statistics and
    Learning 1(3), 2018.
    B. Efron and R. J. Tibshirani, An introduction to the bootstrap, Chapman & Hall, 1993.
"""

from collections.abc import Iterator

import numpy as np

from gsn.metrics.fields.arguments import samples
from gsn.runtime import arguments

RESAMPLES = 1000
BLOCK = 50  # resamples in memory at once


def concentration(phi: np.ndarray, *, seed: int = 0) -> tuple[float, float, float]:
    """Return the relative variance of a statistic, with a 95 % bootstrap interval.

        c = E|Phi(X) - E Phi(X)|^2 / |E Phi(X)|^2

    The variance is the unbiased one. Samples are drawn with replacement, as many as there are, 1000
    times; the limits are the percentiles 2.5 and 97.5. Components with the largest means weigh
    most: normalise them first. Takes 2000 n M operations. Memory holds 50 means.

    Args:
        phi: Statistics of independent realisations, (n, M) real, n at least 2.
        seed: Seed of the resamples.

    Returns:
        c, and its lower and upper limit.

    Raises:
        ValueError: There are fewer than two samples, one is not finite, or their mean is 0.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.fields import concentration
        >>> phi = 1 + 0.1 * np.random.default_rng(0).standard_normal((400, 5))
        >>> [round(value, 4) for value in concentration(phi)]
        [0.01, 0.0094, 0.0107]
    """
    phi = samples("phi", phi, axes=2)
    n, mean = len(phi), phi.mean(axis=0)
    if not mean.any():
        raise ValueError("the mean of phi must not be 0: got zeros; use another statistic.")
    centred = phi - mean
    squares = np.square(centred).sum(axis=1)
    resampled = []
    for counts in _resamples(n, seed):
        shift = counts @ centred / n  # (BLOCK, M)
        variance = counts @ squares / n - np.square(shift).sum(axis=1)
        resampled.append(variance / np.square(mean + shift).sum(axis=1))
    # A resample has less variance than its population, which has less than the law: 1 - 1/n each.
    low, high = np.quantile(np.concatenate(resampled) / (1 - 1 / n) ** 2, [0.025, 0.975])
    return float(squares.sum() / (n - 1) / np.square(mean).sum()), float(low), float(high)


def typicality(log_p: np.ndarray, entropy: float, *, seed: int = 0) -> tuple[float, float, float]:
    """Return the relative squared distance of log p(X) from -H, with a 95 % bootstrap interval.

        t = E|log p(X) + H|^2 / H^2

    It is the same for the log-probability and entropy of a whole field and for those per point. For
    X of the law p it is Var(log p) / H^2.

    Args:
        log_p: Natural logarithm of the probability of each field, or that over d, (n,).
        entropy: Entropy H of the law, in nats, or that over d.
        seed: Seed of the resamples.

    Returns:
        t, and its lower and upper limit.

    Raises:
        ValueError: There are fewer than two fields, one is not finite, or the entropy is not
            positive.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.fields import typicality
        >>> [round(value, 4) for value in typicality(np.array([-9.0, -11.0] * 50), 10.0)]
        [0.01, 0.01, 0.01]
    """
    log_p = samples("log_p", log_p, axes=1)
    entropy = arguments.real("entropy", entropy, above=0, such_as=0.5)
    squares = np.square(log_p / entropy + 1)
    resampled = [counts @ squares / len(squares) for counts in _resamples(len(squares), seed)]
    low, high = np.quantile(np.concatenate(resampled), [0.025, 0.975])
    return float(squares.mean()), float(low), float(high)


def _resamples(n: int, seed: int) -> Iterator[np.ndarray]:
    """Yield how often each of n samples is drawn in each resample, (BLOCK, n)."""
    rng = np.random.default_rng(seed)
    for _ in range(RESAMPLES // BLOCK):
        yield rng.multinomial(n, np.full(n, 1 / n), size=BLOCK)
