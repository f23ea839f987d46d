"""A fixed transform Phi with known mathematics, then something simple done with Phi(x).

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

The house: a system composes wings, a wing imports itself and the plumbing only, and `import-linter`
keeps it so.

    systems/            floor 3: generation (more to come)
    data/               floor 2, as all wings: sources of images, splits, downloads, writing
    transforms/         S_J
    decomposition/      principal components and whitening
    networks/           G and its layers
    training/           one loop for any network and any loss
    samplers/           laws of z
    inverse/            descent to a field x whose Phi(x) is near a vector
    metrics/            PSNR, geometry of an embedding, whiteness, sparsity
    figures/            arrays to pictures
    runtime/            floor 1: stores, files, logs, progress, devices
"""

from gsn.runtime.version import __version__

__all__ = ["__version__", "load"]


def load(folder, *, device=None, batch=64):
    """Open a trained experiment, the folder `results/{dataset}/J{J}_L{L}/d{d}`.

    The result is an `Experiment` of `gsn.systems.generation.experiment`, which has the methods
    `embed`, `decode`, `reconstruct`, `sample` and `interpolate`. Images go in as uint8 in 0..255 or
    as floats in [0, 1], and come out as float32 in [0, 1], (n, c, N, N) both.

    Args:
        folder: Path of the experiment; `generator.pt` in it and `pca.zarr` in the folder above are
            read.
        device: Device of torch to compute on; the first GPU, if there is one, by default.
        batch: Number of images computed at once.

    Raises:
        FileNotFoundError: One of the two files is missing.
        ValueError: The two do not belong together, one cannot be read, or there is no such device.
    """
    # here, since torch takes a second to import
    from gsn.systems.generation.experiment import Experiment

    return Experiment(folder, device=device, batch=batch)
