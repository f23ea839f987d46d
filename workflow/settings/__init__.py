"""Settings of the configuration: one class a section, with type, bounds, default and meaning.

From these classes come the checks and their sentences (`errors`), the JSON schema and the reference
page (`reference`). Only the workflow knows the configuration; the stages take keywords.

    section          what every section is made of
    data             keys of the source and its images
    embedding        keys of the transform and its whitening
    generation       keys of the generator and its training; the settings of `train.py`
    sizes            bytes of what an experiment stores
    sweeps           keys of a sweep
    changes          settings that the path of a target changes
    points           the points of a sweep
    configuration    the whole: defaults merged into each data set, and checked
"""

from settings import changes
from settings.changes import CHANGES, changed
from settings.configuration import Configuration, check, datasets
from settings.embedding import coefficients
from settings.errors import closest
from settings.points import sweeps

__all__ = [
    "CHANGES",
    "Configuration",
    "changed",
    "changes",
    "check",
    "closest",
    "coefficients",
    "datasets",
    "sweeps",
]
