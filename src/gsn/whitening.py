"""PCA and whitening of coefficients that do not fit in memory (section 2.1 of the paper).

    Phi(x) = D_d^{-1/2} Q_d^T (S(x) - mu),        Sigma = Q D Q^T the empirical covariance of S over the training set

mu, the leading eigenvectors Q and the eigenvalues D come from streamed subspace iteration: with A a block of centred
rows and Q the current orthonormal basis,

    P = A Q,        Y = sum A^T P,        R = sum P^T P,

R / (n - 1) is the covariance seen inside the basis, whose eigendecomposition is the Rayleigh-Ritz step, and qr(Y) is
the next basis (Halko, Martinsson & Tropp 2011, section 4.5). Sums over blocks: the state is p x k whatever n is, and
parts of the rows can be summed by other processes or machines.
"""

import functools
import itertools
import logging
from collections.abc import Callable, Iterator

import dask
import dask.array as da
import numpy as np
import torch
from dask.delayed import delayed
from sklearn.decomposition import IncrementalPCA

from gsn import runtime

log = logging.getLogger(__name__)

MAX_PASSES = 20  # however slowly the eigenvalues settle
ROUNDING = 1e-6  # changes of eigenvalues that are float32's
NOISE = 1e-7  # of the largest eigenvalue: what float32 leaves in directions without variance
SOLVERS = ("subspace", "incremental")


def fit(
    array: da.Array,
    rank: int,
    *,
    solver: str = "subspace",
    parts: int = 0,
    tolerance: float = 1e-4,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and leading principal components of the rows of an array.

    `subspace` makes one pass for the mean and 3 to MAX_PASSES others (3 or 4 for scattering coefficients), with k = 2
    rank columns in the basis (the second half speeds up the convergence and is dropped); in memory are four times p x k
    numbers and seven blocks of rows (for up to eight threads), whatever n is. `incremental` is scikit-learn's
    IncrementalPCA, in this process, and a Rayleigh-Ritz pass after it: three passes, and about 70 p x rank numbers.

    Args:
        array: (n, p) real, best in blocks of whole rows. On a GPU, where there is one, a block at a time.
        rank: components wanted, below n and at most p.
        solver: `subspace` or `incremental`.
        parts: how many consecutive parts of the rows are left to dask's workers, each with its own p x k numbers; with
            0 everything is computed here. The parts change the results by rounding only.
        tolerance: stop when the changes of the wanted eigenvalues, in fractions of themselves, let expect no more than
            this in all later passes.
        seed: of the first basis.

    Returns:
        mu (p,) float32; components (rank, p) float32, orthonormal, the entry of largest modulus positive;
        eigenvalues (rank,) float64, of the covariance with denominator n - 1, in decreasing order.

    Raises:
        ValueError: if rank is out of range, a row has a non-finite coefficient, or the data has fewer than rank
            directions of variance.
    """
    array = da.asarray(array)
    if array.ndim != 2 or np.isnan(array.shape).any():
        raise ValueError(
            f"the array must be (n, p), both known: got {array.shape}; reshape it, or compute_chunk_sizes()."
        )
    n, p = array.shape
    if not 1 <= rank <= min(n - 1, p):
        raise ValueError(
            f"the rank must be from 1 to min(n - 1, p): got rank={rank}, n={n} images, p={p} coefficients; "
            "ask for a smaller rank or use more training images."
        )
    if solver not in SOLVERS:
        raise ValueError(f"the solver must be {' or '.join(SOLVERS)}: got {solver!r}.")
    array = array.rechunk({1: -1})
    mu = (_summed(_row_sum, array, parts, "mean")[0] / n).astype(np.float32)
    if not np.isfinite(mu).all():
        finite = itertools.chain.from_iterable(np.isfinite(block).all(axis=1) for block in read(array))
        row = next(i for i, good in enumerate(finite) if not good)
        raise ValueError(
            f"the coefficients must be finite: found NaN or infinity in row {row}; recompute the shard that holds it."
        )
    iterate = _subspace if solver == "subspace" else _incremental
    Q, ritz, V = iterate(array, mu, rank, parts=parts, tolerance=tolerance, seed=seed)
    components = (Q @ V[:, ::-1][:, :rank].astype(np.float32)).T
    signs = np.sign(np.take_along_axis(components, np.abs(components).argmax(axis=1)[:, None], axis=1))
    components *= signs
    return mu, components, ritz[::-1][:rank]


def _subspace(
    array: da.Array, mu: np.ndarray, rank: int, *, parts: int, tolerance: float, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An orthonormal basis (p, k), and in it the eigenvalues, ascending, and eigenvectors of the covariance."""
    n, p = array.shape
    k = min(2 * rank, n - 1, p)
    few = array.blocks[:: max(1, n // (4 * k))]  # 4 k rows know the leading directions as well as a first pass does
    noise = np.random.default_rng(seed).standard_normal((p, k), dtype=np.float32)
    Q = _orthonormal(_summed(_products, few, parts, "PCA, first basis", mu, noise)[0])
    previous, before = np.full(rank, np.nan), 0.0
    for step in itertools.count(1):
        Y, R = _summed(_products, array, parts, f"PCA, pass {step}", mu, Q)
        ritz, V = np.linalg.eigh(R / (n - 1))
        eigenvalues = ritz[::-1][:rank]
        _check(eigenvalues)
        change = np.max(np.abs(1 - previous / eigenvalues))
        left = change**2 / (before - change) if change < before else np.inf  # the rest of a geometric series
        log.info(
            "pass %d: captured variance %.6g; of an eigenvalue, largest change %.2g, to be expected still %.2g",
            *(step, eigenvalues.sum(), change, left),
        )
        if left < tolerance or change < ROUNDING or k == p:
            break
        if step == MAX_PASSES:
            runtime.announce(
                f"PCA: stopped after {step} passes, the last of which changed an eigenvalue by {change:.1e}."
            )
            break
        previous, before = eigenvalues, change
        Q = _orthonormal(Y)
    return Q, ritz, V


def _incremental(
    array: da.Array, mu: np.ndarray, rank: int, *, parts: int, tolerance: float, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same from scikit-learn's IncrementalPCA, which knows no tolerance and no seed."""
    n = len(array)
    pca, ends = IncrementalPCA(rank), list(range(0, n, 4 * rank))[1:]  # it is fastest with batches of 4 rank
    if ends and n - ends[-1] < rank:  # the last batch is joined to the one before
        ends.pop()
    bar = runtime.Progress(total=n, unit="image", label="incremental PCA")
    for rows in bar.over(read(array.rechunk({0: tuple(np.diff([0, *ends, n]))}))):
        pca.partial_fit(rows.astype(np.float32) - mu, check_input=False)
    bar.close()
    Q = _orthonormal(pca.components_.T.astype(np.float32))
    ritz, V = np.linalg.eigh(_summed(_products, array, parts, "Rayleigh-Ritz", mu, Q)[1] / (n - 1))
    _check(ritz[::-1])
    return Q, ritz, V


def _check(eigenvalues: np.ndarray) -> None:
    found = int((eigenvalues > NOISE * eigenvalues[0]).sum())
    if found < len(eigenvalues):
        smaller = f"ask for d and rank={found} or fewer, or " if found else ""
        raise ValueError(
            f"the training set must vary in at least {len(eigenvalues)} directions: found {found} (duplicate images? "
            f"constant coefficients?); {smaller}use more varied images."
        )


def _orthonormal(Y: np.ndarray) -> np.ndarray:
    return torch.linalg.qr(torch.from_numpy(Y).to(runtime.device()))[0].cpu().numpy()


def read(array: da.Array) -> Iterator[np.ndarray]:
    """The blocks of rows of an array, in their order, the next being read while one is used, by a thread in four."""
    blocks = (array.blocks[i] for i in range(array.numblocks[0]))
    threads = max(1, torch.get_num_threads() // 4)
    return runtime.ahead(lambda block: block.compute(scheduler="synchronous"), blocks, threads=threads)


def _summed(function: Callable, array: da.Array, parts: int, label: str, *shared: np.ndarray) -> tuple[np.ndarray, ...]:
    """What a function gives for all blocks of an array; of parts of them by dask's workers, added in a fixed order."""
    bar = runtime.Progress(total=len(array), unit="image", label=label)
    if not parts:
        total = function(bar.over(read(array)), *shared)
    else:
        shared = [delayed(item, traverse=False) for item in shared]
        edges = np.unique(np.linspace(0, array.numblocks[0], parts + 1).astype(int))
        tasks = [
            delayed(functools.partial(_part, function, array.blocks[a:b]))(*shared)
            for a, b in itertools.pairwise(edges)
        ]
        while len(tasks) > 1:
            tasks = [delayed(_add)(*tasks[i : i + 2]) for i in range(0, len(tasks), 2)]
        total = dask.compute(tasks[0])[0]
        bar.update(len(array))
    bar.close()
    return total


def _part(function: Callable, blocks: da.Array, *shared: np.ndarray) -> tuple[np.ndarray, ...]:
    return function(read(blocks), *shared)


def _add(*parts: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    return tuple(sum(terms[1:], start=terms[0]) for terms in zip(*parts, strict=True))


def _row_sum(blocks: Iterator[np.ndarray]) -> tuple[np.ndarray]:
    return (sum(block.sum(axis=0, dtype=np.float64) for block in blocks),)


def _products(blocks: Iterator[np.ndarray], mu: np.ndarray, Q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Y and R of some blocks of rows: (p, k) float32 and (k, k) float64."""
    mu, Q = (torch.from_numpy(array).to(runtime.device()) for array in (mu, Q))
    Y, R = torch.zeros_like(Q), torch.zeros(Q.shape[1], Q.shape[1], dtype=torch.float64, device=Q.device)
    A = None
    for block in blocks:
        if A is None or len(A) != len(block):  # new memory takes its time
            A = torch.empty(block.shape, device=Q.device)
        A.copy_(torch.from_numpy(block).to(Q.device)).sub_(mu)  # before any product: the mean may be large
        P = A @ Q
        Y.addmm_(A.T, P)
        P = P.double()
        R.addmm_(P.T, P)
    return Y.cpu().numpy(), R.cpu().numpy()


def whiten(S: np.ndarray, mu: np.ndarray, components: np.ndarray, eigenvalues: np.ndarray) -> np.ndarray:
    """z = D^{-1/2} Q^T (S - mu): (n, p) -> (n, d) float32, with covariance I on the training set.

    `components[:d]` and `eigenvalues[:d]` give the embedding of dimension d, whatever the rank of the fit.
    """
    return (((S - mu) @ components.T) / np.sqrt(eigenvalues)).astype(np.float32)


def unwhiten(z: np.ndarray, mu: np.ndarray, components: np.ndarray, eigenvalues: np.ndarray) -> np.ndarray:
    """mu + Q D^{1/2} z: (n, d) -> (n, p) float32, the projection of S on these d components if z = whiten(S)."""
    return (mu + (z * np.sqrt(eigenvalues).astype(np.float32)) @ components).astype(np.float32)
