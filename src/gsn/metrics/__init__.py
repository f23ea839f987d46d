"""Measures of a reconstruction, an embedding or a network.

Modules:
    reconstruction      PSNR
    geometry            equations (2) and (3) of Angles & Mallat
    displacements       translations and deformations of images
    whiteness           covariance of z
    sparsity            activations that are zero
"""
