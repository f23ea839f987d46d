"""The compiled loops of the transform and of its gradient, around the FFTs.

A complex array is seen as reals, with real and imaginary parts side by side.
"""

import numpy as np

from gsn.runtime import loops

jit = loops.compiled(nogil=True, fastmath=loops.FAST)


@jit
def product_and_fold(U_hat, first_angle, segments, values, begins, folded):
    """Write the mean over the k^2 aliases of each frequency of U_hat psi_hat to folded.

    That is the spectrum of U * psi subsampled by k.
    """
    folded[:] = 0
    for n in range(folded.shape[0]):
        for t in range(folded.shape[1]):
            for angle in range(folded.shape[2]):
                source, target = U_hat[n, t], folded[n, t, angle]
                for s in range(begins[first_angle + angle], begins[first_angle + angle + 1]):
                    start, to, length, first = segments[s]
                    a = source[start : start + length]
                    b = values[first : first + length]
                    c = target[to : to + length]
                    # slices: the compiler vectorises only indices that cannot be negative
                    for i in range(length):
                        c[i] += a[i] * b[i]


@jit
def modulus_and_lowpass(u, rows, row_spans, columns, column_spans, S, U):
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
                _products(columns, column_spans, modulus, half)
                _products(rows, row_spans, half, S[n, t, angle])


@jit
def moduli(u, U):
    """Write |u| to U, for u (n, 1, t, h, 2 w) and U (n, t, h, w)."""
    for n in range(u.shape[0]):
        for angle in range(u.shape[2]):
            _modulus(u[n, 0, angle], U[n, angle])


@jit
def _modulus(u, modulus):
    """Write |u| to modulus, for u with real and imaginary parts side by side."""
    for i in range(u.shape[0]):
        line, to = u[i], modulus[i]
        for j in range(len(line) // 2):
            to[j] = np.sqrt(line[2 * j] * line[2 * j] + line[2 * j + 1] * line[2 * j + 1])


@jit
def _products(a, spans, b, products):
    """Write a b^T to products, for the rows that b has; the rows of a are 0 outside their spans."""
    for j in range(len(b)):
        for i in range(len(a)):
            first, end = spans[i]
            x, y = a[i, first:end], b[j, first:end]
            total = x[0] * 0
            for k in range(len(x)):
                total += x[k] * y[k]
            products[i, j] = total


@jit
def turned(w, rows, row_spans, columns, column_spans, g, dU, factor):
    """Replace w by factor (rows^T g columns + dU) w / |w|, and by 0 where w is 0.

    dU is empty, or of the angles of w, (n, t, h, w).
    """
    h = w.shape[3]
    half = np.empty((rows.shape[1], len(columns)), dtype=w.dtype)
    line = np.empty(columns.shape[1], dtype=w.dtype)
    for n in range(w.shape[0]):
        for t in range(w.shape[1]):
            for angle in range(w.shape[2]):
                half[:] = 0
                for p in range(len(rows)):
                    for i in range(row_spans[p, 0], min(row_spans[p, 1], h)):
                        _add(half[i], rows[p, i], g[n, t, angle, p])
                for i in range(h):
                    line[:] = 0
                    if len(dU):
                        line[: dU.shape[3]] = dU[n, angle, i]
                    for q in range(len(columns)):
                        first, end = column_spans[q]
                        _add(line[first:end], half[i, q], columns[q, first:end])
                    _scale(w[n, t, angle, i], line, factor)


@jit
def _add(line, a, x):
    """Add a x to a line."""
    for i in range(len(line)):
        line[i] += a * x[i]


@jit
def _scale(w, line, factor):
    """Multiply w, with real and imaginary parts side by side, by factor line / |w|."""
    for i in range(len(w) // 2):
        square = w[2 * i] * w[2 * i] + w[2 * i + 1] * w[2 * i + 1]
        a = factor * line[i] / np.sqrt(square) if square > 0 else square * 0
        w[2 * i] *= a
        w[2 * i + 1] *= a


@jit
def product_and_spread(w_hat, first_angle, segments, values, begins, spectrum):
    """Add w_hat psi_hat / k^2 to the spectrum, at all aliases of each frequency of w_hat."""
    for n in range(w_hat.shape[0]):
        for t in range(w_hat.shape[1]):
            for angle in range(w_hat.shape[2]):
                source, target = w_hat[n, t, angle], spectrum[n, t]
                for s in range(begins[first_angle + angle], begins[first_angle + angle + 1]):
                    to, start, length, first = segments[s]
                    a = source[start : start + length]
                    b = values[first : first + length]
                    c = target[to : to + length]
                    for i in range(length):
                        c[i] += a[i] * b[i]
