"""The gradient of S_J on a CPU: the adjoint of each step, in compiled loops around the FFTs.

For a path |U * psi| * phi and the gradient g of a loss with respect to it,

    w = U * psi,   h = (phi^T g) w / |w|,   dU = Re( psi~ * h ),   psi~(u) = conj psi(-u)

where w / |w| is 0 at w = 0, and phi^T is the adjoint of the low-pass and its subsampling. In the
Fourier domain the spectrum of h is spread over the aliases that the forward transform has added up.
The gradient of a modulus of scale j1 is the sum over all paths that begin with it, to which one
inverse FFT is enough. The same holds for the image.

The bands of the forward transform are kept if they are small. Otherwise they are computed again, so
that the memory does not grow with the number of paths: a thread then holds one branch of the tree,
a few times BYTES of `compiled`, and the spectrum of its images.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import scipy.fft

from gsn.transforms.scattering2d import path_loops
from gsn.transforms.scattering2d.compiled import Branch, Kept, Transform


def gradient(
    transform: Transform, x: np.ndarray, g: np.ndarray, threads: int, kept: Kept | None = None
) -> np.ndarray:
    """Return J^T g, with J the Jacobian matrix of S at x.

    Args:
        transform: Transform in the precision of x.
        x: Images, (n, H, W).
        g: Gradient with respect to the coefficients, (n, K, h, w).
        threads: Number of threads.
        kept: Bands that the transform of x by as many threads has kept, which are used up. None,
            or what is missing, is computed again.

    Returns:
        Gradient with respect to the images, (n, H, W).

    Example:
        >>> import numpy as np
        >>> from gsn.transforms.scattering2d import adjoint, compiled, filters
        >>> bank = filters.bank(1, (4, 4), 2, periodic=True, means=True)
        >>> transform = compiled.Transform(bank, 1, np.dtype("float64"))
        >>> g = np.zeros((1, 3, 1, 1))
        >>> g[:, 0] = 16  # the mean of 16 pixels
        >>> adjoint.gradient(transform, np.ones((1, 4, 4)), g, threads=1)[0, 0].round(6).tolist()
        [1.0, 1.0, 1.0, 1.0]
    """
    dx = np.empty_like(x)
    with ThreadPoolExecutor(threads) as pool:
        parts = transform.parts(len(x), threads)
        alone = transform.alone(len(parts), threads)
        run, sharing = (map, 1) if alone else (pool.map, threads)
        for _ in (pool.map if alone else map)(
            lambda part: _descend(
                transform, x[part], g[part], dx[part], run, sharing, kept or {}, part
            ),
            parts,
        ):
            pass
    return dx


def _descend(
    transform: Transform,
    x: np.ndarray,
    g: np.ndarray,
    dx: np.ndarray,
    run: Callable,
    sharing: int,
    kept: Kept,
    part: slice,
) -> None:
    """Write the gradient of a few images to dx."""
    U0 = transform.padded(x)
    n, H, W = U0.shape
    rows, columns = transform.rows[0].matrix[:, :H], transform.columns[0].matrix[:, :W]
    U0_hat = scipy.fft.fft2(U0)[:, None]  # (n, 1, H, W)
    spectrum = np.zeros_like(U0_hat)
    # in the order of the branches, so that the sum is the same in each run
    for spread in run(
        lambda branch: _of_branch(
            transform, U0_hat, branch, g, kept.pop((part.start, branch.j, branch.angles.start), [])
        ),
        transform.branches(n, sharing),
    ):
        spectrum += spread
    dU0 = rows.T @ g[:, 0] @ columns + scipy.fft.ifft2(spectrum, overwrite_x=True)[:, 0].real
    if dU0.shape == dx.shape:  # nothing is padded
        dx[:] = dU0
        return
    dx[:] = 0
    np.add.at(dx, (slice(None), *transform.reflect), dU0)


def _of_branch(
    transform: Transform,
    U0_hat: np.ndarray,
    branch: Branch,
    g: np.ndarray,
    kept: list[np.ndarray],
) -> np.ndarray:
    """Return the spectrum of the gradient that comes from the paths of a branch, (n, 1, H, W)."""
    r, (g1, g2) = transform.resolution[branch.j], transform.of_branch(g, branch)
    bands = iter(kept)
    w = next(bands) if kept else transform.bands(U0_hat, branch.j, 0, branch.angles)
    nothing = np.empty((0, 0, 0, 0), transform.dtype)  # w is (n, 1, t1, h, w)
    dU = nothing
    if g2:
        shape = w[:, 0].shape
        U_hat = None if kept else _spectrum(transform, w)
        spectrum = np.zeros(shape, w.dtype)
        for j, g_of_scale in g2.items():
            for part in transform.groups(j, shape):
                w2 = next(bands, None)
                if w2 is None:
                    w2 = transform.bands(U_hat[:, part], j, r, range(transform.L))
                _turn(w2, transform, j, r, g_of_scale[:, part], nothing)
                _spread(transform, w2, j, r, 0, spectrum[:, part])
        dU = scipy.fft.ifft2(spectrum, overwrite_x=True).real
        dU = np.ascontiguousarray(dU)
    _turn(w, transform, branch.j, 0, g1, dU)
    spectrum = np.zeros_like(U0_hat)
    _spread(transform, w, branch.j, 0, branch.angles.start, spectrum)
    return spectrum


def _spectrum(transform: Transform, w: np.ndarray) -> np.ndarray:
    """Return the spectra of |w|, (n, 1, t1, h, w) -> (n, t1, h, w), as the transform has them."""
    U = np.empty(w[:, 0].shape, transform.dtype)
    path_loops.moduli(w.view(transform.dtype), U)
    return scipy.fft.fft2(U)


def _turn(w, transform, j, r, g, dU) -> None:
    """Replace bands w of scale j by k^2 (phi^T g + dU) w / |w|, from U of the resolution 2^-r.

    The factor undoes what the filters of a subsampling by k are divided by.
    """
    at = transform.resolution[j]
    k = 2 ** (at - r)
    factor = transform.dtype.type(k * k)
    path_loops.turned(
        w.view(transform.dtype), *transform.rows[at], *transform.columns[at], g, dU, factor
    )


def _spread(transform, w, j, r, first, spectrum) -> None:
    """Add to a spectrum at the resolution 2^-r what the adjoint of the bands makes of w."""
    n, m, angles = w.shape[:3]
    w_hat = scipy.fft.fft2(w, overwrite_x=True)
    flat = w_hat.reshape(n, m, angles, -1).view(transform.dtype)
    partial = np.zeros_like(spectrum).reshape(n, m, -1).view(transform.dtype)
    path_loops.product_and_spread(flat, first, *transform.wavelets[j, r], partial)
    spectrum += partial.view(w_hat.dtype).reshape(spectrum.shape)
