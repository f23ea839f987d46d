"""Compiled loops of the weighted Gram matrices, on all threads of torch.

A loop writes to one array, so that the compiler can tell that it overwrites none of its operands.
"""

import itertools
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from gsn.runtime import loops

BLOCK = 512  # frequencies at a time: all channels of a block fit a core's cache
jit = loops.compiled(nogil=True, fastmath=loops.FAST)


def spans(K: int) -> list[tuple[int, int]]:
    """Return the range of the frequencies of each thread.

    Example:
        >>> from gsn.transforms.statistics import gram_loops
        >>> sum(last - first for first, last in gram_loops.spans(100))
        100
    """
    edges = np.linspace(0, K, torch.get_num_threads() + 1).astype(int).tolist()
    return list(itertools.pairwise(edges))


def run(calls: Iterable[tuple[Callable, ...]]) -> None:
    """Make calls, each a function and its arguments, on all threads."""
    threads = torch.get_num_threads()
    if threads == 1:
        for function, *operands in calls:
            function(*operands)
        return
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(*call) for call in calls]:
            done.result()


@jit
def products(X, plus, minus, span, G):
    """Add the products of channels on a range of frequencies to the entries of Gram matrices.

    Args:
        X: Spectra of the channels, (C, 2, K).
        plus: Weights of the real parts, (L, K).
        minus: Weights of the imaginary parts, (L, K).
        span: First frequency, and the one after the last.
        G: Entries of the pairs a <= b, (2, L, pairs), which change.
    """
    C, L = X.shape[0], plus.shape[0]
    real, imaginary = np.empty(BLOCK, X.dtype), np.empty(BLOCK, X.dtype)
    for start in range(span[0], span[1], BLOCK):
        end = min(start + BLOCK, span[1])
        pair = 0
        for a in range(C):
            a_re, a_im = X[a, 0, start:end], X[a, 1, start:end]
            for b in range(a, C):
                b_re, b_im = X[b, 0, start:end], X[b, 1, start:end]
                for k in range(end - start):
                    real[k] = a_re[k] * b_re[k] + a_im[k] * b_im[k]
                for k in range(end - start):
                    imaginary[k] = a_im[k] * b_re[k] - a_re[k] * b_im[k]
                for t in range(L):
                    p, m = plus[t, start:end], minus[t, start:end]
                    re = im = X.dtype.type(0)
                    for k in range(end - start):
                        re += p[k] * real[k]
                        im += m[k] * imaginary[k]
                    G[0, t, pair] += re
                    G[1, t, pair] += im
                pair += 1


@jit
def adjoint(X, plus, minus, span, G, D):
    """Add the gradient of channels on a range of frequencies, from that of Gram matrices.

    Args:
        X: Spectra of the channels, (C, 2, K).
        plus: Weights of the real parts, (L, K).
        minus: Weights of the imaginary parts, (L, K).
        span: First frequency, and the one after the last.
        G: Gradient of the entries of the pairs a <= b, (2, L, pairs).
        D: Gradient of the channels, (C, 2, K), which changes.
    """
    C, L = X.shape[0], plus.shape[0]
    p, m = np.empty(BLOCK, X.dtype), np.empty(BLOCK, X.dtype)
    for start in range(span[0], span[1], BLOCK):
        end = min(start + BLOCK, span[1])
        pair = 0
        for a in range(C):
            for b in range(a, C):
                p[:] = 0
                m[:] = 0
                for t in range(L):
                    _add(p, G[0, t, pair], plus[t, start:end])
                    _add(m, G[1, t, pair], minus[t, start:end])
                for part, sign in ((0, -1), (1, 1)):  # real, imaginary
                    own, other = X[a, part, start:end], X[a, 1 - part, start:end]
                    _add_products(D[b, part, start:end], p, own, m, other, -sign)
                    own, other = X[b, part, start:end], X[b, 1 - part, start:end]
                    _add_products(D[a, part, start:end], p, own, m, other, sign)
                pair += 1


@jit
def _add(total, factor, values):
    """Add factor * values to the first entries of a total."""
    for k in range(len(values)):
        total[k] += factor * values[k]


@jit
def _add_products(total, p, own, m, other, sign):
    """Add p * own + sign * m * other to a total."""
    if sign > 0:
        for k in range(len(total)):
            total[k] += p[k] * own[k] + m[k] * other[k]
    else:
        for k in range(len(total)):
            total[k] += p[k] * own[k] - m[k] * other[k]
