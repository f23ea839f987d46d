"""Measures of stationary fields: of an example, and of a model of it beside true realisations.

    spectra         power in rings of frequency, flatness of octaves
    differences     laws of values and of increments, structure functions
    domains         domains of equal sign, magnetisation, Binder cumulant
    excursions      Minkowski functionals: area, perimeter and Euler number of {x >= t}
    ergodicity      concentration of Phi(X) and of log p(X)
    foveal          error of covariances, in the spectral norm

A field is periodic: its last row and column have the first ones as neighbours. All functions take
batches, (n, H, W), and most return a value for each field, so that the caller can average them or
show their spread.
"""

from gsn.metrics.fields.differences import (
    increments,
    marginal,
    structure_errors,
    structure_functions,
)
from gsn.metrics.fields.domains import (
    binder_cumulant,
    cluster_law,
    cluster_sizes,
    magnetisation,
)
from gsn.metrics.fields.ergodicity import concentration, typicality
from gsn.metrics.fields.excursions import minkowski
from gsn.metrics.fields.foveal import foveal_error, foveal_error_of_features
from gsn.metrics.fields.spectra import flatness, gaussian_band, power_spectrum

__all__ = [
    "binder_cumulant",
    "cluster_law",
    "cluster_sizes",
    "concentration",
    "flatness",
    "foveal_error",
    "foveal_error_of_features",
    "gaussian_band",
    "increments",
    "magnetisation",
    "marginal",
    "minkowski",
    "power_spectrum",
    "structure_errors",
    "structure_functions",
    "typicality",
]
