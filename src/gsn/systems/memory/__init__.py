"""Associative memory: images are stored at addresses, and recalled by corrupted copies.

    i* = argmin_i ||Phi(query) - Phi(x_i)||,      recalled: x_i*, or G(Phi(query))

    addresses       the nearest stored address of each query
    spaces          the addresses of images: pixels, S, its principal components, z
    measurement     hit rates of corrupted training images
    pictures        queries, what is retrieved, and what G makes of their z

References:
    T. Angles & S. Mallat, Generative networks as inverse problems with scattering transforms, ICLR
    2018, section 2.1.
"""

from gsn.systems.memory.addresses import recall

__all__ = ["recall"]
