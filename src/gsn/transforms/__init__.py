"""Transforms Phi with known mathematics.

Modules:
    scattering2d        S_J of images

Example:
    >>> from gsn.transforms import Scattering2D
    >>> Scattering2D(J=3, shape=(32, 32)).K
    217
"""

from gsn.transforms.scattering2d import Scattering2D

__all__ = ["Scattering2D"]
