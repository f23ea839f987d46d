"""Generative scattering networks: images -> scattering -> whitening -> z -> generator -> pictures and numbers.

The symbols, as in Angles & Mallat (2018):

    x      image, c x N x N
    N      side of the images, in pixels
    J      log2 of the scale of the scattering transform
    L      number of wavelet angles
    phi    low-pass filter; psi, wavelets
    S      scattering coefficients of x, c K x N/2^J x N/2^J
    K      scattering channels of one colour
    mu     mean of S over the training images
    z      whitened embedding Phi(x) = D^{-1/2} Q^T (S(x) - mu), of dimension d
    G      generator, trained so that G(Phi(x)) = x

The stages, in reading order; each is a module of functions from arrays to arrays and imports no other:

    images/        sources of images: polygons, MNIST, CelebA, LSUN, a folder, an HDF5 file
    scattering     S_J and its path table
    whitening      mean, components, eigenvalues from a dask array; whiten, unwhiten
    generator      the network G
    training       its L1 loop
    embedding      the paper's claims about Phi, measured
    evaluation     PSNR; how many activations of G are zero
    samplers/      laws of z
    figures        arrays to pictures

above them `experiment`, a trained one as an object, which `gsn.load(folder)` opens;
and beside them `store` (zarr in and out), `view` (a store as a dask array), `runtime` (device, logging, progress),
`cluster` (where dask computes) and `config` (what the workflow reads).
"""

__version__ = "0.1.0"


def load(folder, *, device=None, batch=64):
    """Phi and G of a trained experiment, `results/{dataset}/J{J}_L{L}/d{d}`: see `gsn.experiment.Experiment`.

    The object has `embed`, `decode`, `reconstruct`, `sample` and `interpolate`. Images go in as uint8 in 0..255 or as
    floats in [0, 1], and come out as float32 in [0, 1], (n, c, N, N) both.
    """
    from gsn.experiment import Experiment  # here, since torch takes a second to import

    return Experiment(folder, device=device, batch=batch)
