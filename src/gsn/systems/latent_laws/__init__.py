"""Laws of the latent z: fitted to the training z, tested, and judged by the images that G makes.

z = Phi(x) is whitened, not Gaussian: its components are uncorrelated, but neither normal nor
independent. Ziomek & Farrahi (2022) learn the law of z in place of the N(0, I) of Angles & Mallat.

    fitting     a law by name, from z
    gaussianity tests of z against N(0, I)
    quality     samples against real images, in a scattering space that z was not made in
    course      quality against beta and H of the VAE, and against the number of training images
    page        all of it on a page
"""
