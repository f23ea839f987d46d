"""Syntheses beside true realisations of the process, in numbers.

    spectrum_db       mean over the rings of frequency of |10 log10(P / P_real)|
    structure_error   mean over scales and orders of |S - S_real| / S_real
    marginal_error    distance of the laws of the values (Wasserstein), by the deviation of the true
    covariance_error  see `covariances`
    phi               E|Phi(X) - E Phi(X)|^2 / |E Phi(X)|^2 over true realisations X
    log_p, ...        for Ising: see `spins`

P, S and their true counterparts are means over all syntheses and over all realisations. A model is
good if its numbers are those of a true realisation, which are not 0 either.
"""

import numpy as np
import torch
from scipy import stats

from gsn.data.fields import ising
from gsn.metrics import fields
from gsn.systems.synthesis import covariances, spins
from gsn.transforms.statistics import Statistic

REAL = "one realisation"  # the row of the example itself; no name of a model has a space
ROUNDING = 1e-8  # of the largest power: a ring with less is rounding of single precision
FACTS = ("model", "statistics", "moments", "N", "n", "real", "error", "evaluations", "seconds")
ERRORS = ("spectrum_db", "structure_error", "marginal_error", "covariance_error")
CONCENTRATION = ("phi", "phi_low", "phi_high")
COLUMNS = (*FACTS, *ERRORS, *CONCENTRATION, *spins.COLUMNS)


def measured(x: np.ndarray, real: np.ndarray, *, process: str, settings: dict) -> dict[str, float]:
    """Return the errors of syntheses, those of ERRORS, and for Ising those of `spins.COLUMNS`.

    Args:
        x: Syntheses, (n, H, W).
        real: True realisations, (m, H, W).
        process: Name of the process.
        settings: Its settings, such as the temperature T of Ising.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.synthesis.measurement import measured
        >>> x = np.random.default_rng(0).standard_normal((4, 16, 16))
        >>> measured(x, x, process="cox", settings={})  # doctest: +ELLIPSIS
        {'N': 16, 'n': 4, 'real': 4, 'spectrum_db': 0.0, 'structure_error': 0.0, ...
    """
    found = {
        "N": x.shape[-1],
        "n": len(x),
        "real": len(real),
        "spectrum_db": spectrum_error(x, real),
        "structure_error": structure_error(x, real),
        "marginal_error": marginal_error(x, real),
        "covariance_error": covariances.error(x, real),
    }
    if process == "ising":
        found |= spins.measured(x, settings.get("T", ising.TC))
    return found


def spectrum_error(x: np.ndarray, real: np.ndarray) -> float:
    """Return the mean over the rings of |10 log10(P / P_real)|, in dB.

    Rings that hold rounding only are left out.
    """
    power, true = (fields.power_spectrum(one)["power"].mean(axis=0) for one in (x, real))
    seen = true > ROUNDING * true.max()
    least = ROUNDING * true.max()
    return float(np.abs(10 * np.log10(np.maximum(power, least)[seen] / true[seen])).mean())


def structure_error(x: np.ndarray, real: np.ndarray) -> float:
    """Return the mean over scales and orders of the relative errors of the structure functions."""
    S, true = (fields.structure_functions(one) for one in (x, real))
    return float(fields.structure_errors(S, true).mean())


def marginal_error(x: np.ndarray, real: np.ndarray) -> float:
    """Return the Wasserstein distance of the laws of the values, by the deviation of the true ones.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.synthesis.measurement import marginal_error
        >>> marginal_error(np.array([1.0, 3.0]), np.array([0.0, 2.0]))
        1.0
    """
    distance = stats.wasserstein_distance(np.ravel(x), np.ravel(real))
    return float(distance / np.std(real, dtype=np.float64))


def concentrated(
    statistic: Statistic, real: np.ndarray, mask: torch.Tensor | None = None
) -> dict[str, float]:
    """Return the concentration of Phi over true realisations, with its interval of 95 %.

    A model from one example can be no better than that: Phi of the example is not its mean.

    Args:
        statistic: Fitted statistics.
        real: True realisations, (m, H, W); with fewer than two nothing is known.
        mask: Points that count, (H, W) bool, as the model has them.
    """
    if len(real) < 2:
        return {}
    with torch.no_grad():
        rows = [statistic(torch.from_numpy(one[None]), mask) for one in real]
    phi = torch.cat(rows).double().numpy()
    return dict(zip(CONCENTRATION, fields.concentration(phi), strict=True))
