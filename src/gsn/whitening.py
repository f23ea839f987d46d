"""PCA and whitening of coefficients that do not fit in memory (section 2.1 of the paper).

    Phi(x) = D_d^{-1/2} Q_d^T (S(x) - mu),        Sigma = Q D Q^T the empirical covariance of S over the training set

mu, the leading eigenvectors Q and the eigenvalues D come from streamed subspace iteration: with A a block of centred
rows and Q the current orthonormal basis,

    P = A Q,        Y = sum A^T P,        R = sum P^T P,

R / (n - 1) is the covariance seen inside the basis, whose eigendecomposition is the Rayleigh-Ritz step, and qr(Y) is
the next basis (Halko, Martinsson & Tropp 2011, section 4.5). Sums over blocks: the state is p x k whatever n is.
"""

import logging

import dask
import dask.array as da
import numpy as np
from dask.delayed import Delayed, delayed
from threadpoolctl import threadpool_limits

from gsn import runtime

log = logging.getLogger(__name__)

MAX_PASSES = 20  # however slowly the eigenvalues settle
NOISE = 1e-7  # of the largest eigenvalue: what float32 leaves in directions without variance


def fit(
    array: da.Array,
    rank: int,
    *,
    tolerance: float = 1e-4,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and leading principal components of the rows of an array.

    Makes one pass for the mean and one per iteration (about seven in all). With k = 2 rank columns in the basis (the
    second half speeds up the convergence and is dropped), holds p x k numbers, and p x k with two blocks of rows for
    each thread.

    Args:
        array: (n, p) real, in blocks of whole rows.
        rank: components wanted, below n and at most p.
        tolerance: stop when no wanted eigenvalue changed by more than this fraction of itself in a pass.
        seed: of the first basis.

    Returns:
        mu (p,) float32; components (rank, p) float32, orthonormal, the entry of largest modulus positive;
        eigenvalues (rank,) float64, of the covariance with denominator n - 1, in decreasing order.

    Raises:
        ValueError: if rank is out of range, a row has a non-finite coefficient, or the data has fewer than rank
            directions of variance.
    """
    n, p = array.shape
    if not 1 <= rank <= min(n - 1, p):
        raise ValueError(
            f"the rank must be from 1 to min(n - 1, p): got rank={rank}, n={n} images, p={p} coefficients; "
            "ask for a smaller rank or use more training images."
        )
    k = min(2 * rank, n - 1, p)
    blocks = array.rechunk({1: -1}).to_delayed().ravel()
    mu = _sum([delayed(_row_sum)(block) for block in blocks])[0] / n
    if not np.isfinite(mu).all():
        raise ValueError("the coefficients must be finite: found NaN or infinity among them; recompute their shards.")
    mu = mu.astype(np.float32)

    Q = np.linalg.qr(np.random.default_rng(seed).standard_normal((p, k), dtype=np.float32))[0]
    previous = np.zeros(rank)
    bar = runtime.Progress(total=MAX_PASSES, unit="pass", label="fit PCA")
    for step in range(1, MAX_PASSES + 1):
        shared = delayed((mu, Q), traverse=False)
        Y, R = _sum([delayed(_products)(block, shared) for block in blocks])
        ritz, V = np.linalg.eigh(R / (n - 1))
        eigenvalues = ritz[::-1][:rank]
        found = int((eigenvalues > NOISE * eigenvalues[0]).sum())
        if (step > 1 or k == p) and found < rank:
            raise ValueError(
                f"the training set must vary in at least {rank} directions: found {found} (duplicate images? constant "
                f"coefficients?); ask for rank={found} or fewer, or use more varied images."
            )
        change = np.max(np.abs(1 - previous / eigenvalues))
        log.info("pass %d: captured variance %.6g, largest relative change %.2g", step, eigenvalues.sum(), change)
        bar.update(1, change=f"{change:.1e}", tolerance=tolerance)
        if change < tolerance or k == p:
            break
        if step < MAX_PASSES:
            previous, Q = eigenvalues, np.linalg.qr(Y)[0]
    else:
        log.warning("stopped after %d passes: eigenvalues still change by %.2g.", MAX_PASSES, change)
    bar.close()
    components = (Q @ V[:, ::-1][:, :rank].astype(np.float32)).T
    signs = np.sign(np.take_along_axis(components, np.abs(components).argmax(axis=1)[:, None], axis=1))
    return mu, components * signs, eigenvalues


def _row_sum(block: np.ndarray) -> tuple[np.ndarray]:
    return (block.sum(axis=0, dtype=np.float64),)


def _products(block: np.ndarray, shared: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Y and R of one block of rows: (p, k) float32 and (k, k) float64."""
    mu, Q = shared
    A = block.astype(np.float32) - mu  # centred before any product: the data may have a large mean
    P = A @ Q
    return A.T @ P, P.T.astype(np.float64) @ P.astype(np.float64)


def _sum(parts: list[Delayed]) -> tuple[np.ndarray, ...]:
    """Element-wise sum of tuples of arrays, as a tree in a fixed order."""
    while len(parts) > 1:
        parts = [delayed(_add)(*parts[i : i + 2]) for i in range(0, len(parts), 2)]
    with threadpool_limits(1, user_api="blas"):  # the blocks are what runs in parallel
        return dask.compute(parts[0])[0]


def _add(*parts: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    return tuple(sum(terms[1:], start=terms[0]) for terms in zip(*parts, strict=True))


def whiten(S: np.ndarray, mu: np.ndarray, components: np.ndarray, eigenvalues: np.ndarray) -> np.ndarray:
    """z = D^{-1/2} Q^T (S - mu): (n, p) -> (n, d) float32, with covariance I on the training set.

    The first d components give the embedding of dimension d, whatever the rank of the fit.
    """
    return (((S - mu) @ components.T) / np.sqrt(eigenvalues)).astype(np.float32)


def unwhiten(z: np.ndarray, mu: np.ndarray, components: np.ndarray, eigenvalues: np.ndarray) -> np.ndarray:
    """mu + Q D^{1/2} z: (n, d) -> (n, p) float32, the projection of S on the first d components if z = whiten(S)."""
    return (mu + (z * np.sqrt(eigenvalues).astype(np.float32)) @ components).astype(np.float32)
