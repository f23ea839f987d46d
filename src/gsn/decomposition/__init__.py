"""Decompositions of coefficients: principal components, whitening, affine spaces, sparse codes.

Modules:
    whitening           fit the principal components, whiten, and undo it
    random_projection   random directions in place of the principal ones
    affine              a classifier by an affine space for each class
    scaling             paths divided by their largest norm
    sparse              sparse codes in a dictionary, by FISTA
    istc                the same by a few steps, as a network with a learned dictionary
    solvers             subspace iteration and incremental PCA, over blocks of rows
    ridge               ridge regression, whose penalty is chosen on rows that are held out
    windows             the same for coefficients on a grid, from those of neighbouring windows
    streaming           blocks of rows, read ahead and summed here or by dask's workers
"""
