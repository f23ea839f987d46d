"""Principal components of the centred rows of an array, from passes over its blocks.

Subspace iteration (Halko, Martinsson & Tropp 2011, section 4.5) improves an orthonormal basis Q,
p x k. A pass reads the blocks A of centred rows and sums over them

    P = A Q,        Y = sum A^T P,        R = sum P^T P.

R / (n - 1) is the covariance inside the basis. Its eigendecomposition is the Rayleigh-Ritz step.
The next basis is the Q of qr(Y). The state is p x k whatever n is, and other processes or machines
can sum parts of the rows.

References:
    N. Halko, P.-G. Martinsson and J. A. Tropp, Finding structure with randomness: probabilistic
    algorithms for constructing approximate matrix decompositions, SIAM Review 53(2), 2011.
"""

import itertools
import logging
from collections.abc import Iterator

import dask.array as da
import numpy as np
import torch
from sklearn.decomposition import IncrementalPCA

from gsn.decomposition.streaming import read, summed
from gsn.runtime import log, machine, progress

logger = logging.getLogger(__name__)

MAX_PASSES = 20  # limit for eigenvalues that settle slowly
ROUNDING = 1e-6  # relative changes of eigenvalues below this are float32 rounding
NOISE = 1e-7  # float32 leaves this fraction of the largest eigenvalue where there is no variance


def subspace(
    array: da.Array, mu: np.ndarray, rank: int, *, parts: int, tolerance: float, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a basis and the covariance inside it, by subspace iteration.

    The arguments, the passes and the memory are those of `whitening.fit` with the solver
    `subspace`.

    Returns:
        Q, an orthonormal basis, (p, k) float32; the eigenvalues of the covariance inside Q,
        ascending, (k,) float64; its eigenvectors in the columns of a matrix, (k, k) float64.

    Raises:
        ValueError: The data has fewer than rank directions of variance.

    References:
        N. Halko, P.-G. Martinsson and J. A. Tropp, Finding structure with randomness, SIAM Review
        53(2), 2011.
    """
    n, p = array.shape
    k = min(2 * rank, n - 1, p)
    # 4 k rows give the leading directions as well as a first pass over all rows
    few = array.blocks[:: max(1, n // (4 * k))]
    noise = np.random.default_rng(seed).standard_normal((p, k), dtype=np.float32)
    Q = _orthonormal(summed(_products, few, parts, "PCA, first basis", mu, noise)[0])
    previous, before = np.full(rank, np.nan), 0.0
    for step in itertools.count(1):
        Y, R = summed(_products, array, parts, f"PCA, pass {step}", mu, Q)
        ritz, V = np.linalg.eigh(R / (n - 1))
        eigenvalues = ritz[::-1][:rank]
        _check(eigenvalues)
        change = np.max(np.abs(1 - previous / eigenvalues))
        # changes shrink as a geometric series: the expected sum of all later ones
        left = change**2 / (before - change) if change < before else np.inf
        logger.info("pass %d: captured variance %.6g", step, eigenvalues.sum())
        if step > 1:
            message = "largest relative change of an eigenvalue %.2g, in all later passes %.2g"
            logger.info(message, change, left)
        if left < tolerance or change < ROUNDING or k == p:
            break
        if step == MAX_PASSES:
            log.announce(
                f"PCA: stopped after {step} passes; the last pass changed an eigenvalue by a "
                f"fraction of {change:.1e}."
            )
            break
        previous, before = eigenvalues, change
        Q = _orthonormal(Y)
    return Q, ritz, V


def incremental(
    array: da.Array, mu: np.ndarray, rank: int, *, parts: int, tolerance: float, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a basis and the covariance inside it, by scikit-learn's IncrementalPCA.

    The arguments, the passes and the memory are those of `whitening.fit` with the solver
    `incremental`. It has no tolerance and no seed: both are ignored.

    Returns:
        The same as `subspace`, with k = rank.

    Raises:
        ValueError: The data has fewer than rank directions of variance.
    """
    n = len(array)
    pca = IncrementalPCA(rank)
    ends = list(range(0, n, 4 * rank))[1:]  # batches of 4 rank rows are the fastest
    if ends and n - ends[-1] < rank:  # the last batch is too short: join it to the one before
        ends.pop()
    bar = progress.Progress(total=n, unit="image", label="incremental PCA")
    for rows in bar.over(read(array.rechunk({0: tuple(np.diff([0, *ends, n]))}))):
        pca.partial_fit(rows.astype(np.float32) - mu, check_input=False)
    bar.close()
    Q = _orthonormal(pca.components_.T.astype(np.float32))
    R = summed(_products, array, parts, "Rayleigh-Ritz", mu, Q)[1]
    ritz, V = np.linalg.eigh(R / (n - 1))
    _check(ritz[::-1])
    return Q, ritz, V


def _check(eigenvalues: np.ndarray) -> None:
    """Raise a ValueError if an eigenvalue, in decreasing order, is zero to rounding."""
    found = int((eigenvalues > NOISE * eigenvalues[0]).sum())
    if found < len(eigenvalues):
        smaller = f"ask for d and rank={found} or fewer, or " if found else ""
        raise ValueError(
            f"the training set must vary in at least {len(eigenvalues)} directions: found {found} "
            f"(duplicate images? constant coefficients?); {smaller}use more varied images."
        )


def _orthonormal(Y: np.ndarray) -> np.ndarray:
    """Return an orthonormal basis of the columns of Y."""
    return torch.linalg.qr(torch.from_numpy(Y).to(machine.device()))[0].cpu().numpy()


def _products(
    blocks: Iterator[np.ndarray], mu: np.ndarray, Q: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return Y and R of some blocks of rows: (p, k) float32 and (k, k) float64."""
    mean, basis = (torch.from_numpy(array).to(machine.device()) for array in (mu, Q))
    Y = torch.zeros_like(basis)
    R = torch.zeros(Q.shape[1], Q.shape[1], dtype=torch.float64, device=basis.device)
    A = None
    with torch.autocast(basis.device.type, enabled=False):
        for block in blocks:
            if A is None or len(A) != len(block):  # kept between blocks: new memory takes time
                A = torch.empty(block.shape, dtype=torch.float32, device=basis.device)
            # centred before any product, because the mean may be large
            A.copy_(torch.from_numpy(block).to(basis.device)).sub_(mean)
            P = A @ basis
            Y.addmm_(A.T, P)
            wide = P.double()
            R.addmm_(wide.T, wide)
    return Y.cpu().numpy(), R.cpu().numpy()
