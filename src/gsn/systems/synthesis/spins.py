"""Syntheses of the Ising model: the exact probability of what a model makes.

    log_p   E|log p(X~) + H|^2 / H^2,     H = -E log p(X),     X~ = sign of a synthesis
    floor   Var(log p(X)) / H^2           of true realisations X, which no paper prints

p and H are exact on the torus (Kaufman 1949). A synthesis is a real field: its points are rounded
to +-1 first, and `off` is the share of those that were not near either. A value of log_p that is
well below the floor says that the energy of all syntheses is held at one target.

References:
    B. Kaufman, Crystal statistics II, Physical Review 76, 1949.
"""

import numpy as np

from gsn.data.fields import kaufman
from gsn.metrics import fields

COLUMNS = ("T", "log_p", "log_p_low", "log_p_high", "log_p_floor", "off", "magnetisation")
NEAR = 0.5  # a point of a smaller size is not near 1 or -1


def measured(x: np.ndarray, T: float) -> dict[str, float]:
    """Return the numbers of COLUMNS; those of log_p need two syntheses.

    Args:
        x: Syntheses, (n, N, M).
        T: Temperature.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.synthesis.spins import measured
        >>> found = measured(np.full((2, 64, 64), 0.9), 3.0)
        >>> print(f"{found['log_p_floor']:.1e}, {found['off']:.0f}, {found['magnetisation']:.1f}")
        3.3e-04, 0, 1.0
    """
    rounded = np.where(x > 0, 1.0, -1.0)
    N, M = x.shape[1:]
    log_p = kaufman.log_probability(rounded, T) / (N * M)
    names = ("log_p", "log_p_low", "log_p_high")
    found = {"T": T}
    if len(x) > 1:
        entropy = kaufman.entropy(N, M, T)
        found |= dict(zip(names, fields.typicality(log_p, entropy), strict=True))
    return found | {
        "log_p_floor": kaufman.relative_variance(N, M, T),
        "off": float(np.mean(np.abs(x) < NEAR)),
        "magnetisation": float(np.abs(fields.magnetisation(rounded)).mean()),
    }
