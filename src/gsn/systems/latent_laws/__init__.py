"""Laws of the latent z: fitted to the training z, tested, and judged by the images that G makes.

z = Phi(x) is whitened, not Gaussian: its components are uncorrelated, but neither normal nor
independent. Ziomek & Farrahi (2022) learn the law of z in place of the N(0, I) of Angles & Mallat.

    fitting         a law by name, from z
    gaussianity     tests of z against N(0, I)
    quality         images against real images, in a scattering space in which z was not made
    comparison      the laws of one experiment side by side
    verdict         which law to use, from the numbers
    sweeps          quality against beta and H of the VAE, and against the number of images
    matrix          G over the first two principal components
    page            all of it on a page

References:
    Ziomek and Farrahi, Modelling nonlinear dependencies in the latent space of inverse scattering,
    2022.
"""
