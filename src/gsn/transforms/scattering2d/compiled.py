"""S_J on a CPU: compiled loops around the FFTs, with a working set that fits a core's cache.

The paths are a tree: an image, its bands at a scale j1 and a few angles, and the bands of their
moduli at the scales j2 > j1. A few images at a time pass through all of it, on one thread per core.
Where there are fewer images than threads, the threads share the branches of one image. In the
Fourier domain, a wavelet of scale j is zero to rounding outside a box of about (6 / 2^j) x (3 /
2^j) radians around its centre. The product of a spectrum and a wavelet visits that box only, and
adds each result to its alias in the subsampled spectrum. The modulus and the low-pass are one pass
over the output of the inverse FFT.
"""

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import scipy.fft

from gsn.transforms.scattering2d import path_loops
from gsn.transforms.scattering2d.filters import Bank
from gsn.transforms.scattering2d.nonzeros import lowpass, wavelets

BYTES = 2**20  # limit of a thread, in bytes, on the spectra of all angles of one scale
Kept = dict[tuple[int, int, int], list[np.ndarray]]  # bands of a branch, for some images
COMPLEX = {np.dtype("float32"): np.complex64, np.dtype("float64"): np.complex128}


class Branch(NamedTuple):
    """A part of the tree of paths: a scale j1 and some of its angles, with all that is below.

    Attributes:
        j: Scale j1.
        angles: Angles t1, as a range.
        deeper: Channels of all paths of order 2 that begin at j1.
        scales: Scales j2 > j1 of these paths.
    """

    j: int
    angles: range
    deeper: slice
    scales: range


class Transform:
    """The scattering transform S_J in one precision: (n, H, W) -> (n, K, h, w).

    Args:
        bank: Filters.
        max_order: Largest number of wavelets on a path, 1 or 2.
        dtype: Type of the images and of the coefficients, float32 or float64.

    Example:
        >>> import numpy as np
        >>> from gsn.transforms.scattering2d import compiled, filters
        >>> transform = compiled.Transform(filters.bank(1, (4, 4), 2), 1, np.dtype("float64"))
        >>> transform(np.ones((1, 4, 4)), S := np.empty((1, 3, 2, 2)), threads=1)
        >>> S[0, :, 0, 0].round(3).tolist()
        [1.0, 0.0, 0.0]
    """

    def __init__(self, bank: Bank, max_order: int, dtype: np.dtype):
        self.J, self.L, self.max_order, self.dtype = bank.J, bank.L, max_order, dtype
        self.resolution, self.shape = bank.resolution, bank.shape
        self.reflect = np.ix_(*bank.reflect)
        self.wavelets = {
            (j, r): wavelets(psi, 2 ** (self.resolution[j] - r), dtype)
            for j in range(self.J)
            for r, psi in enumerate(bank.psi(j))
        }
        self.rows = [lowpass(matrix, dtype) for matrix in bank.rows]
        self.columns = [lowpass(matrix, dtype) for matrix in bank.columns]

    def __call__(
        self, x: np.ndarray, S: np.ndarray, threads: int, kept: Kept | None = None
    ) -> None:
        """Write the coefficients of x to S.

        Args:
            x: Images, (n, H, W).
            S: Array for the coefficients, (n, K, h, w).
            threads: Number of threads.
            kept: Mapping to which the bands are added, for the gradient. None to keep none.
        """
        with ThreadPoolExecutor(threads) as pool:
            parts = self.parts(len(x), threads)
            alone = self.alone(len(parts), threads)
            run, sharing = (map, 1) if alone else (pool.map, threads)
            for _ in (pool.map if alone else map)(
                lambda part: self._scatter(x[part], S[part], run, sharing, kept, part), parts
            ):
                pass

    def bytes(self, n: int) -> int:
        """Return the size of all bands of n images."""
        points = [math.prod(side >> r for side in self.shape) for r in self.resolution]
        below = range(self.J) if self.max_order == 2 else ()
        numbers = self.L * sum(points) + self.L**2 * sum(j * points[j] for j in below)
        return n * numbers * COMPLEX[self.dtype]().itemsize

    def parts(self, n: int, threads: int) -> list[slice]:
        """Return the parts of n images that pass through the tree together."""
        H, W = self.shape
        spectra = COMPLEX[self.dtype]().itemsize * self.L * H * W  # bytes for an image
        step = max(1, min(BYTES // spectra, -(-n // threads)))
        return [slice(i, i + step) for i in range(0, n, step)]

    def alone(self, parts: int, threads: int) -> bool:
        """Return whether each part keeps a thread busy, so that threads need not share a part."""
        return parts % threads == 0 or parts > 4 * threads

    def branches(self, n: int, sharing: int) -> Iterator[Branch]:
        """Yield the branches for n images, each with spectra of at most BYTES, or one angle.

        Args:
            n: Number of images.
            sharing: Number of threads that share the angles of a scale.
        """
        J, L = self.J, self.L
        first = 1 + L * J  # channel that the next paths of order 2 begin at
        for j in range(J):
            H, W = (side >> self.resolution[j] for side in self.shape)
            step = max(
                1, min(-(-L // sharing), BYTES // (n * H * W * COMPLEX[self.dtype]().itemsize))
            )
            scales = range(j + 1, J if self.max_order == 2 else j + 1)
            deeper = slice(first, first + L * len(scales) * L)
            first = deeper.stop
            for t in range(0, L, step):
                yield Branch(j, range(t, min(t + step, L)), deeper, scales)

    def of_branch(self, S: np.ndarray, branch: Branch) -> tuple[np.ndarray, dict[int, np.ndarray]]:
        """Return the channels of a branch, as views of (n, K, h, w).

        Returns:
            Those of its bands, (n, 1, t1, h, w), and for each scale j2 those of the bands of their
            moduli, (n, t1, L, h, w).
        """
        L, scales, t = self.L, branch.scales, slice(branch.angles.start, branch.angles.stop)
        first = 1 + L * branch.j
        below = S[:, branch.deeper].reshape(len(S), L, len(scales), L, *S.shape[2:])
        second = {j: below[:, t, i] for i, j in enumerate(scales)}
        return S[:, None, first + t.start : first + t.stop], second

    def padded(self, x: np.ndarray) -> np.ndarray:
        """Return images on the torus, (n, H, W) -> (n, H_padded, W_padded)."""
        return x[:, self.reflect[0], self.reflect[1]]

    def _scatter(
        self,
        x: np.ndarray,
        S: np.ndarray,
        run: Callable,
        sharing: int,
        kept: Kept | None,
        part: slice,
    ) -> None:
        """Write the coefficients of a few images."""
        U0 = self.padded(x)
        H, W = U0.shape[1:]
        S[:, 0] = self.rows[0].matrix[:, :H] @ U0 @ self.columns[0].matrix[:, :W].T
        U0_hat = scipy.fft.fft2(U0)[:, None]  # (n, 1, H, W)
        for branch, bands in run(
            lambda branch: (branch, self._grow(U0_hat, branch, S, kept is not None)),
            self.branches(len(x), sharing),
        ):
            if kept is not None:
                kept[part.start, branch.j, branch.angles.start] = bands

    def _grow(
        self, U0_hat: np.ndarray, branch: Branch, S: np.ndarray, keep: bool
    ) -> list[np.ndarray]:
        """Write the coefficients of a branch, and return its bands if they are to be kept."""
        r, (S1, S2) = self.resolution[branch.j], self.of_branch(S, branch)
        w = self.bands(U0_hat, branch.j, 0, branch.angles)  # (n, 1, t1, H/2^r, W/2^r)
        U = np.empty(w[:, 0].shape if S2 else (0, 0, 0, 0), self.dtype)
        path_loops.modulus_and_lowpass(w.view(self.dtype), *self.rows[r], *self.columns[r], S1, U)
        bands = [w] if keep else []
        if not S2:
            return bands
        U_hat = scipy.fft.fft2(U)
        for j, S2_of_scale in S2.items():
            phi = (*self.rows[self.resolution[j]], *self.columns[self.resolution[j]])
            for part in self.groups(j, U_hat.shape):
                w = self.bands(U_hat[:, part], j, r, range(self.L))  # (n, t1, t2, h, w)
                path_loops.modulus_and_lowpass(
                    w.view(self.dtype), *phi, S2_of_scale[:, part], U[:0]
                )
                if keep:
                    bands.append(w)
        return bands

    def groups(self, j: int, shape: tuple[int, ...]) -> list[slice]:
        """Return the groups of angles t1 whose bands of scale j have at most BYTES, or one."""
        n, t, *_ = shape
        h, w = (side >> self.resolution[j] for side in self.shape)
        step = max(1, BYTES // (n * self.L * h * w * COMPLEX[self.dtype]().itemsize))
        return [slice(i, min(i + step, t)) for i in range(0, t, step)]

    def bands(self, U_hat: np.ndarray, j: int, r: int, angles: range) -> np.ndarray:
        """Return the bands U * psi_{j,t} on the grid of the scale, (n, m, t, h, w) complex.

        Args:
            U_hat: Spectra at the resolution 2^-r, (n, m, H/2^r, W/2^r).
            j: Scale of the wavelets.
            r: Resolution of U_hat.
            angles: Angles t.
        """
        n, m = U_hat.shape[:2]
        h, w = (side >> self.resolution[j] for side in self.shape)
        folded = np.empty((n, m, len(angles), h, w), dtype=U_hat.dtype)
        flat = folded.reshape(n, m, len(angles), -1).view(self.dtype)
        spectra = np.ascontiguousarray(U_hat).reshape(n, m, -1).view(self.dtype)
        path_loops.product_and_fold(spectra, angles.start, *self.wavelets[j, r], flat)
        return scipy.fft.ifft2(folded, overwrite_x=True)
