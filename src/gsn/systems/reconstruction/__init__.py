"""Reconstruction: an image from its scattering coefficients alone, by descent.

    x~ in argmin ||S_J x~ - S_J x||

No network is trained, and no law of images is assumed. What x~ shares with x is what S_J keeps.

    inversion      x from S_J x: several starts, coarse to fine, the best is kept
    measurement    the PSNR of reconstructions after alignment, by image, J and order
    recovery       how often k Diracs are recovered exactly, by J and order
    pictures       images and their reconstructions
    page           the tables in Markdown

References:
    J. Bruna and S. Mallat, Invariant scattering convolution networks, IEEE TPAMI 35(8), 2013.

    J. Bruna and S. Mallat, Multiscale sparse microcanonical models, arXiv:1801.02013, 2018.
"""

from gsn.systems.reconstruction.inversion import Reconstruction, reconstruct

__all__ = ["Reconstruction", "reconstruct"]
