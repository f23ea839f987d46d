"""Super-resolution: a large image from a small one, by its scattering coefficients.

    x^ = argmin ||r(S_J x) - t||   over A x = y,      t linear in r(S_J u),   u a first estimate

A mean over all images that fit y is blurred. A mean of their scattering coefficients is not, and an
image that has these coefficients has the energy and the texture of a natural one, at the price of a
smaller PSNR (Bruna, Sprechmann & LeCun 2016).

    linear         the best linear estimate
    fitting        the fit to training images
    model          the fitted model: estimates of coefficients, inversion, noise
    peers          bicubic, total variation, wavelets, a trained network
    measurement    errors of images, of their high band, and of their scattering coefficients
    experiment     all methods on the same test images
    pictures, page the figures and the tables

References:
    J. Bruna, P. Sprechmann and Y. LeCun, Super-resolution with deep convolutional sufficient
    statistics, ICLR, 2016.
"""

from gsn.systems.superresolution.fitting import fit
from gsn.systems.superresolution.model import SuperResolution, load

__all__ = ["SuperResolution", "fit", "load"]
