"""Transforms Phi with known mathematics.

Modules:
    scattering2d        S_J of images
    statistics          statistics of stationary fields
    morlet              Morlet wavelets of periodic fields, in the Fourier domain
    bump_wavelets       bump steerable wavelets, in the Fourier domain
    bands               wavelet bands of periodic fields, on the grids that hold them
    harmonics           phase harmonics of complex planes
    half_planes         real fields by half of their Fourier coefficients
    constants           what a transform computes once for each precision and device

Example:
    >>> from gsn.transforms import Scattering2D
    >>> Scattering2D(J=3, shape=(32, 32)).K
    217
"""

from gsn.transforms.scattering2d import Scattering2D

__all__ = ["Scattering2D"]
