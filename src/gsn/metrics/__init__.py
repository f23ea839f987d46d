"""Measures of a reconstruction, an embedding or a network.

Modules:
    reconstruction      PSNR
    resampling          intervals of any statistic, by the bootstrap
    alignment           translations, reflection and contrast that a transform does not see
    spectrum            power by octaves of frequency, and what a reconstruction keeps of it
    fields              stationary fields: spectra, increments, domains, concentration, covariances
    geometry            equations (2) and (3) of Angles & Mallat
    displacements       translations and deformations of images
    whiteness           covariance of z
    sparsity            activations that are zero
    features            sets of features and their distances
    normality           tests of each component of z
    joint               tests of the law of z, and of its dependence
    frechet             Frechet distance of two sets of features
    inception           the same of two sets of images, by the features of a network: FID
    kernel_distance     MMD of two sets of features
    coverage            precision, recall, density, coverage, nearest neighbours
"""
