"""Synthesis: models of a stationary process from one example, and new realisations of it.

A model keeps a vector of statistics Phi of the example, and is the law of what a descent makes of
Gaussian noise:

    y = Phi(example),      x_0 ~ N(mean, variance),      x = descent of ||Phi(x) - y||^2 from x_0

    models          a model of fields: its statistics, and syntheses of it
    operands        the example of the user: a field or an image in colour, its mask
    colours         the principal axes of the colours
    plain           from an example to syntheses, in one call
    measurement     syntheses beside true realisations
    covariances     covariances of phase harmonics beside the true ones
    spins           the probabilities of Ising, which are known
    pictures        fields, spectra, increments, structure functions, losses
    page            tables of all models

References:
    J. Bruna & S. Mallat, Multiscale sparse microcanonical models, Mathematical Statistics and
    Learning 1, 2018.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # slow to import
    from gsn.systems.synthesis.plain import Synthesis

__all__ = ["synthesize"]


def synthesize(
    x,
    statistics: str = "scattering",
    n: int = 4,
    *,
    J: int | None = None,
    L: int | None = None,
    steps: int = 500,
    tolerance: float = 1e-3,
    method: str = "lbfgs",
    mask=None,
    seed: int = 0,
    checkpoint: str | Path | None = None,
    **settings,
) -> "Synthesis":
    """Return new realisations of a stationary process from one example of it.

        x_i = descent of ||Phi(x_i) - Phi(x)||^2 from noise of the mean and the variance of x

    For `gaussian` the noise has the power spectrum of x, unless there is a mask.

    Phi has the means of the statistics over all points, so the syntheses are periodic and have no
    place of their own. The colours of an image are rotated to their principal axes, where they are
    uncorrelated. Each axis has a model of its own, and the syntheses are rotated back: of what ties
    the colours together, only the correlation is kept.

    Args:
        x: Example, (H, W) or, in colours, (c, H, W), array or tensor, of even sides. Integers and
            half precision become float32.
        statistics: Name of the statistics that are kept, one of `gsn.transforms.statistics.NAMES`.
        n: Number of syntheses.
        J: Number of scales; that of the statistics by default.
        L: Number of angles; that of the statistics by default.
        steps: Largest number of steps of the descent.
        tolerance: Relative error |Phi(x_i) - Phi(x)| / |Phi(x)| that ends the descent.
        method: Descent: `lbfgs`, the fastest; `gradient`, the plain one of the paper; `mean_field`,
            which moves all syntheses by the mean of their statistics.
        mask: Points that count, (H, W) bool, for an example that is not periodic or has gaps.
        seed: Seed of the noise.
        checkpoint: Folder of the states of the descents, at most two minutes old, from which an
            interrupted run continues; the caller deletes it. None to keep none.
        settings: Other arguments of the statistics, by name.

    Returns:
        The syntheses as `fields`, (n, H, W) or (n, c, H, W), of the kind of x, with the losses and
        the fitted statistics.

    Raises:
        ValueError: x is not finite or constant, a side is odd, J is too large, no point is left by
            the mask, or a name or a number is unknown.
        SystemExit: SIGTERM, SIGINT or SIGHUP arrived, and the state was saved to the checkpoint.

    References:
        J. Bruna and S. Mallat, Multiscale sparse microcanonical models, Mathematical Statistics and
        Learning 1, 2018.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.synthesis import synthesize
        >>> x = np.random.default_rng(0).standard_normal((16, 16)).cumsum(axis=0)
        >>> found = synthesize(x, "gaussian", n=2, steps=5)
        >>> found.fields.shape, found.fields.dtype
        ((2, 16, 16), dtype('float64'))
    """
    # here, since torch takes a second to import
    from gsn.systems.synthesis import plain

    own = {key: value for key, value in {"J": J, "L": L}.items() if value is not None}
    return plain.synthesized(
        x,
        statistics,
        n,
        settings=own | settings,
        mask=mask,
        steps=steps,
        tolerance=tolerance,
        method=method,
        seed=seed,
        checkpoint=checkpoint,
    )
