"""Tomography from few angles or a limited view, with a scattering prior.

    x^ = argmin ||A x - y||^2 / (2 sigma^2) + kappa/2 sum_p ||S_p x - S^_p||^2 / r_p^2
                + lambda TV(x) + beta/2 ||x - x_L||^2,      x >= 0

S^ is linear in the scattering coefficients of two first estimates: that of least total variation,
and the best linear one x_L. Linear estimation of S x from y, then inversion, is the method of the
slides of Bruna, Dokmanic, de Hoop and Mallat. There the first estimate is the filtered
back-projection.

    reconstruction sinograms to images in one call
    data           images on a fine grid, and their sinograms with noise
    lmmse          the best linear estimate of x from y
    fitting        the fit to training images
    model          the fitted model: first estimates, coefficients, inversion
    tuning         the choice of kappa, lambda, beta and the start on validation images
    peers          total variation, back-projection, a trained U-Net
    measurement    errors of images and of their high band
    experiment     all methods on the same test images
    pictures, page the figures and the tables
"""

from gsn.systems.tomography.fitting import fit
from gsn.systems.tomography.model import Tomography, load
from gsn.systems.tomography.reconstruction import reconstruct

__all__ = ["Tomography", "fit", "load", "reconstruct"]
