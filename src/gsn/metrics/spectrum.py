"""The power spectrum of images by octaves of frequency, and what a reconstruction keeps of it.

The coefficients are those of the orthonormal cosine transform (DCT-II), the Fourier transform of an
image that is reflected at its borders. So opposite borders that differ are no high frequency.
Coefficient (k, l) of an image of side N has the frequency

    f = sqrt(k^2 + l^2) / (2 N)    cycles per pixel,

from 0 to 0.71. Octave b holds the frequencies from 2^-(b+1) on and below 2^-b. The finest one, from
1/4 on, also holds the corners above 1/2.

References:
    N. Ahmed, T. Natarajan and K. R. Rao, Discrete cosine transform, IEEE Transactions on Computers
    C-23(1), 1974.
"""

from collections.abc import Iterable

import numpy as np
from scipy import fft


def octaves(N: int) -> np.ndarray:
    """Return the lower edge of each band of frequency: 0 for the mean, then the octaves.

    Args:
        N: Side of the images in pixels.

    Returns:
        Lower edges in cycles per pixel, increasing, (bands,) float64.

    Example:
        >>> from gsn.metrics.spectrum import octaves
        >>> octaves(8).tolist()
        [0.0, 0.0625, 0.125, 0.25]
    """
    finest, coarsest = 2, (2 * N - 1).bit_length()  # 2^-coarsest is at most 1 / 2N
    return np.array([0.0, *2.0 ** -np.arange(max(coarsest, finest), finest - 1, -1)])


def bands(N: int) -> np.ndarray:
    """Return the band of `octaves` of each coefficient of an image, (N, N) int64.

    Example:
        >>> from gsn.metrics.spectrum import bands
        >>> bands(4).tolist()
        [[0, 1, 2, 2], [1, 1, 2, 2], [2, 2, 2, 2], [2, 2, 2, 2]]
    """
    squares = np.arange(N) ** 2
    squares = (squares[:, None] + squares) / (4 * N**2)
    return np.searchsorted(octaves(N) ** 2, squares, side="right") - 1


def energies(x: np.ndarray) -> np.ndarray:
    """Return the energy of images in each band, over all colours.

    The energies of an image sum to the sum of its squared pixels.

    Args:
        x: Images, (n, c, N, N) real.

    Returns:
        Energies in squared units of x, (n, bands) float64.

    Raises:
        ValueError: The images are not square.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.spectrum import energies
        >>> energies(np.ones((1, 1, 4, 4))).round(6).tolist()
        [[16.0, 0.0, 0.0]]
    """
    if x.ndim != 4 or x.shape[-1] != x.shape[-2]:
        raise ValueError(
            f"a spectrum needs square images, (n, c, N, N): got the shape {x.shape}; crop them."
        )
    N = x.shape[-1]
    squares = np.square(fft.dctn(x.astype(np.float64), axes=(2, 3), norm="ortho")).sum(axis=1)
    band, squares = bands(N), squares.reshape(len(x), -1)
    return np.stack([squares[:, band.ravel() == b].sum(axis=1) for b in range(len(octaves(N)))], 1)


def detail(pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> dict[str, np.ndarray]:
    """Return how much of the energy of images their reconstructions have, band by band.

        kept = sum ||y_b||^2 / sum ||x_b||^2,        error = sum ||x_b - y_b||^2 / sum ||x_b||^2

    x_b is the part of x in the band b, and the sums are over the images. A reconstruction that is
    the mean of all images that are alike to it has kept = 1 - error. One that invents what it does
    not know has kept = 1 and a large error. Makes one pass, and holds one batch.

    Args:
        pairs: Batches of (image, reconstruction), (n, c, N, N) real each.

    Returns:
        For each band: `octave`, its lower edge in cycles per pixel; `power` and
        `power_reconstructed`, the mean squares of a coefficient, in squared units of x;
        `energy_share`, the share of the energy of the images beside their means, 0 for the mean;
        `energy_kept` and `error`. NaN where the images have no energy.

    Raises:
        ValueError: The shapes of a pair differ, an image is not square, or there is none.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.spectrum import detail
        >>> x = np.random.default_rng(0).standard_normal((10, 1, 8, 8))
        >>> found = detail([(x, 0.5 * x)])
        >>> found["energy_kept"].round(6).tolist(), found["error"].round(6).tolist()
        ([0.25, 0.25, 0.25, 0.25], [0.25, 0.25, 0.25, 0.25])
    """
    n, sums, shape = 0, np.zeros((3, 1)), (0, 0, 0)
    for x, y in pairs:
        if x.shape != y.shape:
            raise ValueError(f"the images must have the same shape: got {x.shape} and {y.shape}.")
        n, shape = n + len(x), x.shape[1:]
        parts = (x, y, np.subtract(x, y, dtype=np.float64))
        sums = sums + np.stack([energies(part).sum(axis=0) for part in parts])
    if not n:
        raise ValueError("a spectrum needs at least one image: got none; use more.")
    original, reconstructed, error = sums
    counts = n * shape[0] * np.bincount(bands(shape[-1]).ravel(), minlength=len(original))
    varying = np.where(octaves(shape[-1]) > 0, original, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = (varying / varying.sum(), reconstructed / original, error / original)
        powers = (original / counts, reconstructed / counts)
    names = ("power", "power_reconstructed", "energy_share", "energy_kept", "error")
    return {"octave": octaves(shape[-1])} | {
        name: np.where(np.isfinite(v), v, np.nan)
        for name, v in zip(names, (*powers, *ratios), strict=True)
    }
