"""Pictures of a process and of its models: fields, spectra, increments, clusters, losses.

The first curve is that of true realisations, with a band over them. The others are of the models.
"""

import numpy as np
from matplotlib.figure import Figure

from gsn.figures import fields as figures
from gsn.metrics import fields

TRUE = "process"
ROWS = 3  # fields of each model in the gallery
LAGS = (1, 4, 16)  # of the increments, in points
EDGES = np.linspace(-6, 6, 61)  # of their laws, in deviations
ORDERS = (1, 2, 3, 4, 5)  # of the structure functions
BINS = np.linspace(-1, 1, 14)  # of the magnetisation

Syntheses = dict[str, np.ndarray]


def drawn(
    examples: np.ndarray,
    real: np.ndarray,
    syntheses: Syntheses,
    losses: dict[str, np.ndarray],
    *,
    tolerance: float | None = None,
) -> dict[str, Figure]:
    """Return the pictures of an example by name: gallery, spectra, increments, structure, losses.

    Args:
        examples: Examples that the models were fitted to, (k, H, W).
        real: True realisations, (m, H, W).
        syntheses: Syntheses of each model, (n, H, W), by its name.
        losses: Relative errors of each model, (steps + 1, n), by its name.
        tolerance: Error that ended the descents.
    """
    laws = {TRUE: real} | syntheses
    return {
        "gallery": gallery(examples, real, syntheses),
        "spectra": spectra(laws),
        "increments": increments(laws),
        "structure": structure(laws),
        "losses": figures.losses(losses, tolerance=tolerance),
    }


def gallery(examples: np.ndarray, real: np.ndarray, syntheses: Syntheses) -> Figure:
    """Draw syntheses of each model beside the example, and beside further realisations below it."""
    true = examples if real is examples else np.concatenate([examples, real])
    shown = range(min(ROWS, len(true), *map(len, syntheses.values())))
    rows = {
        f"{i + 1}": {TRUE: true[i]} | {name: x[i] for name, x in syntheses.items()} for i in shown
    }
    return figures.gallery(rows)


def spectra(laws: Syntheses) -> Figure:
    """Draw the power spectra of a process and its models."""
    found = {name: fields.power_spectrum(x) for name, x in laws.items()}
    powers = {name: spectrum["power"] for name, spectrum in found.items()}
    return figures.spectra(found[TRUE]["frequency"], powers)


def increments(laws: Syntheses) -> Figure:
    """Draw the laws of the increments of a process and its models, at some lags."""
    longest = min(laws[TRUE].shape[1:]) // 2
    lags = [lag for lag in LAGS if lag <= longest]
    found = {name: fields.increments(x, lags, EDGES) for name, x in laws.items()}
    densities, flatness = (
        {name: one[key] for name, one in found.items()} for key in ("density", "flatness")
    )
    return figures.increments(lags, EDGES, densities, flatness)


def structure(laws: Syntheses) -> Figure:
    """Draw the structure functions of a process and its models."""
    found = {name: fields.structure_functions(x, ORDERS) for name, x in laws.items()}
    return figures.structure(ORDERS, found)


def of_spins(real: np.ndarray, syntheses: Syntheses) -> dict[str, Figure]:
    """Return the pictures of spins by name: clusters, magnetisation.

    Args:
        real: True realisations, (m, H, W).
        syntheses: Syntheses of each model, (n, H, W), by its name.
    """
    laws = {TRUE: real} | syntheses
    return {"clusters": clusters(laws), "magnetisation": magnetisation(laws)}


def clusters(laws: Syntheses) -> Figure:
    """Draw the sizes of the domains of equal sign of spins and of models of them."""
    d = laws[TRUE][0].size
    return figures.clusters(
        {name: fields.cluster_law(fields.cluster_sizes(x), d) for name, x in laws.items()}
    )


def magnetisation(laws: Syntheses) -> Figure:
    """Draw the law of the magnetisation of spins and of models of them, rounded to +-1.

    At the critical temperature it has two modes, at any size.
    """
    densities = {}
    for name, x in laws.items():
        m = fields.magnetisation(np.where(x > 0, 1.0, -1.0))
        densities[name] = np.histogram(m, BINS, density=True)[0][None]
    panel = {f"{len(laws[TRUE])} realisations": (BINS, densities)}
    return figures.histograms(panel, xlabel="magnetisation")


def curves(rows: list[dict[str, str]]) -> np.ndarray:
    """Return the losses of a table, (steps + 1, n), whose first column counts the steps.

    Example:
        >>> from gsn.systems.synthesis.pictures import curves
        >>> curves([{"step": "0", "synthesis_0": "1"}, {"step": "1", "synthesis_0": "0.5"}])
        array([[1. ],
               [0.5]])
    """
    return np.array([[float(value) for value in list(row.values())[1:]] for row in rows])
