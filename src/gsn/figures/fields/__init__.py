"""Figures of stationary fields: examples, and what models of them make.

    pictures        fields beside each other
    curves          spectra, structure functions, domains, excursion sets, losses
    densities       laws of values and of increments
    intervals       concentration, with the exact floor

Where there are several models they come as dictionaries by name. The first entry is the example or
the true realisations. It is black, with a band over its realisations.
"""

from gsn.figures.fields.curves import clusters, excursions, losses, spectra, structure
from gsn.figures.fields.densities import histograms, increments
from gsn.figures.fields.intervals import concentration
from gsn.figures.fields.pictures import gallery

__all__ = [
    "clusters",
    "concentration",
    "excursions",
    "gallery",
    "histograms",
    "increments",
    "losses",
    "spectra",
    "structure",
]
