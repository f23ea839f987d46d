"""Settings of the configuration: one class a section, with type, bounds, default and meaning.

From these classes come the checks and their sentences (`errors`), the JSON schema and the reference
page (`reference`). Only the workflow knows the configuration; the stages take keywords.

    section          what every section is made of
    data             keys of the source and its images
    embedding        keys of the transform and its whitening
    classification   keys of the classification
    generation       keys of the generator and its training; the settings of `train.py`
    sizes            bytes of what an experiment stores
    reconstruction   keys of the reconstruction
    superresolution  keys of super-resolution
    tomography       keys of tomography
    sweeps           keys of a sweep
    synthesis        keys of an example of a process, and of its models
    changes          settings that the path of a target changes
    points           the points of a sweep
    configuration    the whole: defaults merged into each data set, and checked
"""

from settings import changes
from settings.changes import CHANGES, changed
from settings.configuration import FOLDERS, Configuration, check, datasets
from settings.embedding import coefficients
from settings.errors import closest
from settings.points import sweeps
from settings.reconstruction import check_scale, reconstruction
from settings.superresolution import check_side, superresolution
from settings.synthesis import syntheses
from settings.tomography import check_tomography, tomography

__all__ = [
    "CHANGES",
    "FOLDERS",
    "Configuration",
    "changed",
    "changes",
    "check",
    "check_scale",
    "check_side",
    "check_tomography",
    "closest",
    "coefficients",
    "datasets",
    "reconstruction",
    "superresolution",
    "sweeps",
    "syntheses",
    "tomography",
]
