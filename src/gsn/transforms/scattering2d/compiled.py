"""S_J on a CPU: compiled loops around the FFTs, with a working set that fits a core's cache.

A few images at a time pass through all paths, on one thread per core. In the Fourier domain, a
wavelet of scale j is zero to rounding outside a box of about (6 / 2^j) x (3 / 2^j) radians around
its centre. The product of a spectrum and a wavelet visits that box only, and adds each result to
its alias in the subsampled spectrum. The modulus and the low-pass are one pass over the output of
the inverse FFT.
"""

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import scipy.fft

from gsn.runtime import loops
from gsn.transforms.scattering2d.filters import Bank

BYTES = 2**20  # limit of a thread, in bytes, on the spectra of all angles of one scale
FAST = {"reassoc", "contract", "arcp", "nsz"}  # reorders sums; NaN is preserved
jit = loops.compiled(nogil=True, fastmath=FAST)
LANES = 32  # numbers that a compiled loop handles at once
COMPLEX = {np.dtype("float32"): np.complex64, np.dtype("float64"): np.complex128}
# values below this fraction of a filter's maximum are lost in its rounding
NEGLIGIBLE = {np.dtype("float32"): 1e-8, np.dtype("float64"): 1e-14}


class Wavelets(NamedTuple):
    """The wavelets of one scale, without their zeros.

    All positions and lengths count real numbers: a complex spectrum is seen as reals, with real
    and imaginary parts side by side.

    Attributes:
        segments: Rows (start, start', length, first), int64. `values[first : first + length]`
            multiply the numbers of the spectrum (H W) from `start` on. The products are added to
            the subsampled spectra of all angles (L h w) from `start'` on.
        values: Non-zeros of the Fourier transforms, divided by k^2, each of them twice.
    """

    segments: np.ndarray
    values: np.ndarray


def wavelets(psi: np.ndarray, k: int, dtype: np.dtype) -> Wavelets:
    """Return the non-zeros of the wavelets of one scale, for a subsampling by k.

    Args:
        psi: Real Fourier transforms, (L, H, W).
        k: Step of the subsampling. It divides H and W.
        dtype: Type of the values, float32 or float64.

    Example:
        >>> import numpy as np
        >>> from gsn.transforms.scattering2d.compiled import wavelets
        >>> psi = np.zeros((1, 4, 4))
        >>> psi[0, 3, 1] = 4  # its alias is the frequency (1, 1) of 2 x 2
        >>> wavelets(psi, 2, np.dtype("float32")).segments.tolist()
        [[26, 6, 2, 0]]
    """
    h, w = psi.shape[1] // k, psi.shape[2] // k
    kept = np.abs(psi) > NEGLIGIBLE[dtype] * np.abs(psi).max()
    edges = np.diff(kept.astype(np.int8), axis=2, prepend=0, append=0)
    segments, values, first = [], [], 0
    starts, ends = np.argwhere(edges == 1), np.argwhere(edges == -1)
    for (angle, row, start), (_, _, end) in zip(starts, ends, strict=True):
        cuts = [start, *range((start // w + 1) * w, end, w), end]  # aliases end at multiples of w
        for left, right in itertools.pairwise(cuts):
            to = (angle * h + row % h) * w + left % w
            segments.append((2 * (row * psi.shape[2] + left), 2 * to, 2 * (right - left), first))
            values.append(np.repeat(psi[angle, row, left:right] / k**2, 2))
            first += 2 * (right - left)
    return Wavelets(np.array(segments), np.concatenate(values).astype(dtype))


def _filled(matrix: np.ndarray) -> np.ndarray:
    """Return a matrix with zeros after each row, up to a multiple of LANES.

    No part of a product is then too short for vector instructions.
    """
    return np.pad(matrix, ((0, 0), (0, -matrix.shape[1] % LANES)))


class Transform:
    """The scattering transform S_J in one precision: (n, H, W) -> (n, K, H/2^J, W/2^J).

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
        self.reflect = np.ix_(*bank.reflect)
        self.wavelets = {
            (j, r): wavelets(psi, 2 ** (j - r), dtype)
            for j in range(self.J)
            for r, psi in enumerate(bank.psi(j))
        }
        self.rows = [_filled(matrix.astype(dtype)) for matrix in bank.rows]
        self.columns = [_filled(matrix.astype(dtype)) for matrix in bank.columns]

    def __call__(self, x: np.ndarray, S: np.ndarray, threads: int) -> None:
        """Write the coefficients of x to S.

        Args:
            x: Images, (n, H, W).
            S: Array for the coefficients, (n, K, H/2^J, W/2^J).
            threads: Number of threads.
        """
        padded = self.reflect[0].size * self.reflect[1].size
        spectra = COMPLEX[self.dtype]().itemsize * self.L * padded  # bytes for an image
        n = max(1, min(BYTES // spectra, -(-len(x) // threads)))
        parts = [slice(i, i + n) for i in range(0, len(x), n)]
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(lambda part: self._scatter(x[part], S[part]), parts):
                pass

    def _scatter(self, x: np.ndarray, S: np.ndarray) -> None:
        """Write the coefficients of a few images, on this thread."""
        J, L = self.J, self.L
        U0 = x[:, self.reflect[0], self.reflect[1]]  # (n, H_padded, W_padded)
        H, W = U0.shape[1:]
        S[:, 0] = self.rows[0][:, :H] @ U0 @ self.columns[0][:, :W].T
        U0_hat = scipy.fft.fft2(U0)[:, None]  # (n, 1, H_padded, W_padded)
        first, deeper = 1, 1 + L * J  # channels that the next paths of orders 1 and 2 begin at
        for j1 in range(J):
            S1 = S[:, None, first : first + L]  # (n, 1, L, h, w)
            U1 = self._propagate(U0_hat, j1, 0, S1, keep=True)  # (n, L, H/2^j1, W/2^j1)
            first += L
            below = J - 1 - j1  # scales j2 > j1
            if self.max_order == 2 and below:
                U1_hat = scipy.fft.fft2(U1)
                S2 = S[:, deeper : deeper + L * below * L]
                S2 = S2.reshape(len(S), L, below, L, *S.shape[2:])  # (n, t1, j2, t2, h, w)
                deeper += L * below * L
                for j2 in range(j1 + 1, J):
                    self._propagate(U1_hat, j2, j1, S2[:, :, j2 - j1 - 1], keep=False)

    def _propagate(
        self, U_hat: np.ndarray, j: int, r: int, S: np.ndarray, *, keep: bool
    ) -> np.ndarray:
        """Write |U * psi_j| * phi to S, and return |U * psi_j| if it is to be kept.

        Args:
            U_hat: Spectra at the resolution 2^-r, (n, t, H, W).
            j: Scale of the wavelets.
            r: Resolution of U_hat.
            S: Array for the coefficients, (n, t, L, H/2^J, W/2^J).
            keep: Whether to return the modulus. t must be 1.
        """
        n, t, H, W = U_hat.shape
        h, w = H >> (j - r), W >> (j - r)
        U = np.empty((n, self.L, h, w) if keep else (0, 0, 0, 0), dtype=self.dtype)
        at_once = max(1, min(t, BYTES // (n * self.L * h * w * U_hat.itemsize)))
        spectra = U_hat.reshape(n, t, -1).view(self.dtype)
        buffer = np.empty(n * at_once * self.L * h * w, dtype=U_hat.dtype)
        for i in range(0, t, at_once):
            m = min(at_once, t - i)
            folded = buffer[: n * m * self.L * h * w].reshape(n, m, -1)
            _product_and_fold(spectra, i, *self.wavelets[j, r], folded.view(self.dtype))
            u = scipy.fft.ifft2(folded.reshape(n, m, self.L, h, w), overwrite_x=True)
            lowpass = self.rows[j], self.columns[j]
            _modulus_and_lowpass(u.view(self.dtype), *lowpass, S[:, i : i + m], U)
        return U


@jit
def _product_and_fold(U_hat, first_t, segments, values, folded):
    """Write the mean over the k^2 aliases of each frequency of U_hat psi_hat to folded.

    That is the spectrum of U * psi subsampled by k.
    """
    folded[:] = 0
    for n in range(folded.shape[0]):
        for t in range(folded.shape[1]):
            source, target = U_hat[n, first_t + t], folded[n, t]
            for s in range(len(segments)):
                start, to, length, first = segments[s]
                a = source[start : start + length]
                b = values[first : first + length]
                c = target[to : to + length]
                # slices: the compiler vectorises only indices that cannot be negative
                for i in range(length):
                    c[i] += a[i] * b[i]


@jit
def _modulus_and_lowpass(u, rows, columns, S, U):
    """Write rows |u| columns^T to S, and |u| to U unless U is empty."""
    h, w = u.shape[3], u.shape[4] // 2
    modulus = np.zeros((h, columns.shape[1]), dtype=u.dtype)
    half = np.zeros((len(columns), rows.shape[1]), dtype=u.dtype)
    for n in range(u.shape[0]):
        for t in range(u.shape[1]):
            for angle in range(u.shape[2]):
                _modulus(u[n, t, angle], modulus)
                if len(U):
                    U[n, angle] = modulus[:, :w]
                _products(columns, modulus, half)
                _products(rows, half, S[n, t, angle])


@jit
def _modulus(u, modulus):
    """Write |u| to modulus, for u with real and imaginary parts side by side."""
    for i in range(u.shape[0]):
        line, to = u[i], modulus[i]
        for j in range(len(line) // 2):
            to[j] = np.sqrt(line[2 * j] * line[2 * j] + line[2 * j + 1] * line[2 * j + 1])


@jit
def _products(a, b, products):
    """Write a b^T to products, for the rows that b has."""
    for j in range(len(b)):
        for i in range(len(a)):
            x, y = a[i], b[j]
            total = x[0] * 0
            for k in range(len(x)):
                total += x[k] * y[k]
            products[i, j] = total
