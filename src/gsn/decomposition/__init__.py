"""Decompositions of coefficients: principal components and whitening.

Modules:
    whitening           fit the principal components, whiten, and undo it
    random_projection   random directions in place of the principal ones
    solvers             subspace iteration and incremental PCA, over blocks of rows
    ridge               ridge regression, whose penalty is chosen on rows that are held out
    windows             the same for coefficients on a grid, from those of neighbouring windows
    streaming           blocks of rows, read ahead and summed here or by dask's workers
"""
