"""S_J on a CPU: compiled loops around the FFTs, with nothing in memory but what a core's cache holds.

A few images at a time go through all paths, on one thread for each core. In the Fourier domain a wavelet of scale j is
zero to rounding but in a box of about (6 / 2^j) x (3 / 2^j) radians around its centre: the product of a spectrum and a
filter visits that box only, and adds what it finds to the alias in the subsampled spectrum. The modulus and the
low-pass are one pass over what the inverse FFT leaves in place.
"""

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numba
import numpy as np
import scipy.fft

from gsn.scattering.filters import Bank

BYTES = 2**20  # of the spectra of all angles of one scale, that a thread works on at once
FAST = {"reassoc", "contract", "arcp", "nsz"}  # sums in any order, but a NaN stays one
jit = numba.njit(nogil=True, cache=True, fastmath=FAST)
LANES = 32  # numbers that a compiled loop takes at once
COMPLEX = {np.dtype("float32"): np.complex64, np.dtype("float64"): np.complex128}
NEGLIGIBLE = {np.dtype("float32"): 1e-8, np.dtype("float64"): 1e-14}  # of a filter's maximum: below its rounding


class Wavelets(NamedTuple):
    """The wavelets of one scale, without their zeros.

    Segment (start, start', length, first) says that `values[first : first + length]` multiply the spectrum (H W) from
    `start`, in a row, and that the products go to the subsampled spectra of all angles (L h w) from `start'`. Spectra
    are seen as reals, real and imaginary parts side by side, so that everything counts twice.
    """

    segments: np.ndarray
    values: np.ndarray


def wavelets(psi: np.ndarray, k: int, dtype: np.dtype) -> Wavelets:
    """The non-zeros of (L, H, W) Fourier transforms that are followed by a subsampling by k."""
    h, w = psi.shape[1] // k, psi.shape[2] // k
    kept = np.abs(psi) > NEGLIGIBLE[dtype] * np.abs(psi).max()
    edges = np.diff(kept.astype(np.int8), axis=2, prepend=0, append=0)
    segments, values, first = [], [], 0
    for (angle, row, start), (_, _, end) in zip(np.argwhere(edges == 1), np.argwhere(edges == -1), strict=True):
        cuts = [start, *range((start // w + 1) * w, end, w), end]  # where an alias ends and the next begins
        for left, right in itertools.pairwise(cuts):
            to = (angle * h + row % h) * w + left % w
            segments.append((2 * (row * psi.shape[2] + left), 2 * to, 2 * (right - left), first))
            values.append(np.repeat(psi[angle, row, left:right] / k**2, 2))
            first += 2 * (right - left)
    return Wavelets(np.array(segments), np.concatenate(values).astype(dtype))


def _filled(matrix: np.ndarray) -> np.ndarray:
    """Zeros behind each row, up to a multiple of LANES, so that no part of a product is too short for vectors."""
    return np.pad(matrix, ((0, 0), (0, -matrix.shape[1] % LANES)))


class Transform:
    """S_J in one precision: (n, H, W) -> (n, K, H/2^J, W/2^J)."""

    def __init__(self, bank: Bank, max_order: int, dtype: np.dtype):
        self.J, self.L, self.max_order, self.dtype = bank.J, bank.L, max_order, dtype
        self.reflect = np.ix_(*bank.reflect)
        self.wavelets = {(j, r): wavelets(psi, 2 ** (j - r), dtype) for (j, r), psi in bank.psi.items()}
        self.rows = [_filled(matrix.astype(dtype)) for matrix in bank.rows]
        self.columns = [_filled(matrix.astype(dtype)) for matrix in bank.columns]

    def __call__(self, x: np.ndarray, S: np.ndarray, threads: int) -> None:
        """Scatter x (n, H, W) into S (n, K, H/2^J, W/2^J), on some threads."""
        spectra = COMPLEX[self.dtype]().itemsize * self.L * self.reflect[0].size * self.reflect[1].size
        n = max(1, min(BYTES // spectra, -(-len(x) // threads)))
        parts = [slice(i, i + n) for i in range(0, len(x), n)]
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(lambda part: self._scatter(x[part], S[part]), parts):
                pass

    def _scatter(self, x: np.ndarray, S: np.ndarray) -> None:
        J, L = self.J, self.L
        U0 = x[:, self.reflect[0], self.reflect[1]]
        H, W = U0.shape[1:]
        S[:, 0] = self.rows[0][:, :H] @ U0 @ self.columns[0][:, :W].T
        U0_hat = scipy.fft.fft2(U0)[:, None]
        first, deeper = 1, 1 + L * J
        for j1 in range(J):
            U1 = self._propagate(U0_hat, j1, 0, S[:, None, first : first + L], keep=True)
            first += L
            below = J - 1 - j1  # scales j2 > j1
            if self.max_order == 2 and below:
                U1_hat = scipy.fft.fft2(U1)
                S2 = S[:, deeper : deeper + L * below * L].reshape(len(S), L, below, L, *S.shape[2:])
                deeper += L * below * L
                for j2 in range(j1 + 1, J):
                    self._propagate(U1_hat, j2, j1, S2[:, :, j2 - j1 - 1], keep=False)

    def _propagate(self, U_hat: np.ndarray, j: int, r: int, S: np.ndarray, *, keep: bool) -> np.ndarray:
        """Set S (n, t, L, h, w) to |U * psi_j| * phi, and give |U * psi_j| if it is kept.

        U_hat is (n, t, H, W) and at the resolution 2^-r.
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
            _modulus_and_lowpass(u.view(self.dtype), self.rows[j], self.columns[j], S[:, i : i + m], U)
        return U


@jit
def _product_and_fold(U_hat, first_t, segments, values, folded):
    """The mean over the k^2 aliases of each frequency of U_hat psi_hat: the spectrum of U * psi subsampled by k."""
    folded[:] = 0
    for n in range(folded.shape[0]):
        for t in range(folded.shape[1]):
            source, target = U_hat[n, first_t + t], folded[n, t]
            for s in range(len(segments)):
                start, to, length, first = segments[s]
                a, b, c = source[start : start + length], values[first : first + length], target[to : to + length]
                for i in range(length):  # over slices, since only indices that cannot be negative become vectors
                    c[i] += a[i] * b[i]


@jit
def _modulus_and_lowpass(u, rows, columns, S, U):
    """S = rows |u| columns^T, and U = |u| if there is a U to set."""
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
    for i in range(u.shape[0]):
        line, to = u[i], modulus[i]
        for j in range(len(line) // 2):
            to[j] = np.sqrt(line[2 * j] * line[2 * j] + line[2 * j + 1] * line[2 * j + 1])


@jit
def _products(a, b, products):
    """products = a b^T, as far as b has rows."""
    for j in range(len(b)):
        for i in range(len(a)):
            x, y = a[i], b[j]
            total = x[0] * 0
            for k in range(len(x)):
                total += x[k] * y[k]
            products[i, j] = total
