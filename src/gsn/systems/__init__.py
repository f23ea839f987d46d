"""Floor 3, the systems: each composes parts of the wings into one method, from arrays to arrays.

generation      Phi, whitening, G (Angles & Mallat 2018)
"""
