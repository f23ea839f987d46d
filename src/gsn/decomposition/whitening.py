"""PCA and whitening of coefficients that do not fit in memory.

    Phi(x) = D_d^{-1/2} Q_d^T (S(x) - mu),        Sigma = Q D Q^T

mu is the mean and Sigma the empirical covariance of S over the training set. Q_d holds the d
eigenvectors with the largest eigenvalues, and D_d these eigenvalues (Angles & Mallat 2018, section
2.1). `gsn.decomposition.solvers` computes them in passes over blocks of rows.

References:
    T. Angles and S. Mallat, Generative networks as inverse problems with scattering transforms,
    ICLR, 2018.
"""

import itertools
from collections.abc import Iterator

import dask.array as da
import numpy as np

from gsn.decomposition import arguments, solvers
from gsn.decomposition.streaming import read, summed

__all__ = ["fit", "read", "unwhiten", "whiten"]

# Exact in float32, and far from its limits.
NARROW = tuple(np.dtype(name) for name in ("float16", "uint8", "int8", "int16"))
SINGLE = (*NARROW, np.dtype("float32"))
# Squares of numbers beyond these sizes leave the range of float64.
SMALLEST, LARGEST = 2.0**-450, 2.0**450


def fit(
    array: da.Array,
    rank: int,
    *,
    solver: str = "subspace",
    parts: int = 0,
    tolerance: float = 1e-4,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean and the leading principal components of the rows of an array.

    The solver `subspace` is a subspace iteration (Halko, Martinsson & Tropp 2011, section 4.5). It
    makes one pass for the mean and 3 to 20 others (3 or 4 for scattering coefficients). The basis
    has k = 2 rank columns: the second half speeds up the convergence and is dropped. Memory holds
    four times p x k numbers and seven blocks of rows (for up to eight threads), whatever n is.

    The solver `incremental` is scikit-learn's IncrementalPCA, in this process, followed by a
    Rayleigh-Ritz pass. It makes three passes. Memory holds about 70 p x rank numbers.

    Args:
        array: Coefficients, (n, p) real, of any type, unit and order of bytes, preferably in blocks
            of whole rows; a dense tensor or a table of pandas too. With a GPU, one block at a time
            is on it.
        rank: Number of components, below n and at most p.
        solver: Solver, `subspace` or `incremental`.
        parts: Number of consecutive parts of the rows for dask's workers, each with its own p x k
            numbers, or 0 to compute here. It changes the results by rounding only.
        tolerance: Largest relative change of an eigenvalue that all later passes together are
            expected to make. Ignored by `incremental`.
        seed: Seed of the first basis. Ignored by `incremental`.

    Returns:
        mu, the mean, (p,) float32, or float64 for rows of 8 bytes a number; the components,
        (rank, p) float32, orthonormal, with a positive entry of largest modulus; the eigenvalues of
        the covariance with denominator n - 1, decreasing, (rank,) float64.

    Raises:
        ValueError: The array does not have the shape (n, p) or a real type, or has a mask; a number
            is of another kind or out of its range, the solver is unknown, a coefficient is not
            finite, the coefficients are beyond 1e-135 to 1e135 in size, or the data has fewer than
            rank directions of variance.

    References:
        T. Angles and S. Mallat, Generative networks as inverse problems with scattering
        transforms, ICLR, 2018.

        N. Halko, P.-G. Martinsson and J. A. Tropp, Finding structure with randomness, SIAM Review
        53(2), 2011.

    Example:
        >>> import numpy as np
        >>> from gsn.decomposition.whitening import fit
        >>> S = np.random.default_rng(0).standard_normal((200, 10), dtype=np.float32)
        >>> mu, components, eigenvalues = fit(S, rank=4)
        >>> mu.shape, components.shape, eigenvalues.shape
        ((10,), (4, 10), (4,))
    """
    array = arguments.rows(array)
    n, p = array.shape
    rank, parts, tolerance, seed = arguments.of_fit(
        array, rank, solver=solver, parts=parts, tolerance=tolerance, seed=seed
    )
    total, size = summed(_row_sums, array, parts, "mean")
    mu, scale = total / n, _scale(array, total, size)
    if array.dtype in SINGLE and 2.0**-20 <= scale <= 2.0**20:
        rows, shift, scale = array, mu.astype(np.float32), 1.0
    else:
        # Centred in float64: rounding to float32 first would lose what is small beside the mean.
        # In units of the scale, squares neither overflow nor underflow.
        rows = array.map_blocks(_centred, mu, scale, dtype=np.float32)
        shift = np.zeros(p, dtype=np.float32)
    iterate = solvers.subspace if solver == "subspace" else solvers.incremental
    Q, ritz, V = iterate(rows, shift, rank, parts=parts, tolerance=tolerance, seed=seed)
    components = (Q @ V[:, ::-1][:, :rank].astype(np.float32)).T
    largest = np.abs(components).argmax(axis=1)[:, None]
    components *= np.sign(np.take_along_axis(components, largest, axis=1))
    kept = np.float64 if array.dtype.itemsize > 4 else np.float32
    return mu.astype(kept), components, ritz[::-1][:rank] * scale**2


def _row_sums(blocks: Iterator[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums of the rows of some blocks and of their moduli, (p,) float64 each.

    The second is 0 for numbers of 8 and 16 bits, whose range needs no scaling.
    """
    total = size = np.zeros(1)
    for block in blocks:
        total = total + block.sum(axis=0, dtype=np.float64)
        if block.dtype not in NARROW:
            size = size + np.abs(block.astype(np.float64)).sum(axis=0)
    return total, size


def _centred(block: np.ndarray, mu: np.ndarray, scale: float) -> np.ndarray:
    """Return the centred rows in units of the scale, float32."""
    return ((block.astype(np.float64) - mu) / scale).astype(np.float32)


def _scale(array: da.Array, total: np.ndarray, size: np.ndarray) -> float:
    """Return the size of the coefficients, a power of 2, once it and they are finite."""
    scale = np.inf
    if np.isfinite(total).all() and np.isfinite(size).all():
        scale = 2.0 ** np.frexp(size.max() / len(array))[1]
    elif (row := _first_fault(array)) is not None:
        raise ValueError(
            f"the coefficients must be finite: found NaN or infinity in row {row}; recompute the "
            "shard that holds it."
        )
    if not SMALLEST <= scale <= LARGEST:
        raise ValueError(
            f"the squares of the coefficients must be in the range of float64: got a size of "
            f"{scale:.0e}; use another unit."
        )
    return scale


def _first_fault(array: da.Array) -> int | None:
    """Return the first row that is not finite, or None."""
    finite = itertools.chain.from_iterable(np.isfinite(rows).all(axis=1) for rows in read(array))
    return next((i for i, good in enumerate(finite) if not good), None)


def whiten(
    S: np.ndarray, mu: np.ndarray, components: np.ndarray, eigenvalues: np.ndarray
) -> np.ndarray:
    """Return the whitened embedding z of coefficients S.

        z = D^{-1/2} Q^T (S - mu)

    z has covariance I over the training set. `components[:d]` and `eigenvalues[:d]` give the
    embedding of dimension d, for any d up to the rank of the fit.

    Args:
        S: Coefficients, (n, p).
        mu: Mean over the training set, (p,).
        components: Principal components, (d, p).
        eigenvalues: Variances of S along the components, (d,).

    Returns:
        z, (n, d) float32.

    Raises:
        ValueError: S is complex, the shapes do not fit together, or a z is not finite.

    References:
        T. Angles and S. Mallat, Generative networks as inverse problems with scattering
        transforms, ICLR, 2018.

    Example:
        >>> import numpy as np
        >>> from gsn.decomposition.whitening import fit, whiten
        >>> S = np.random.default_rng(0).standard_normal((200, 10), dtype=np.float32)
        >>> z = whiten(S, *fit(S, rank=4))
        >>> np.allclose(np.cov(z.T), np.eye(4), atol=1e-4)
        True
    """
    basis = {"mu": mu, "components": components, "eigenvalues": eigenvalues}
    S, mu, components, eigenvalues = arguments.operands(S=S, **basis)
    z = (((S - mu) @ components.T) / np.sqrt(eigenvalues)).astype(np.float32)
    if not np.isfinite(z).all():
        raise ValueError(
            "z must be finite: found NaN or infinity; make S and its principal components again, "
            "which must be finite, with eigenvalues above 0."
        )
    return z


def unwhiten(
    z: np.ndarray, mu: np.ndarray, components: np.ndarray, eigenvalues: np.ndarray
) -> np.ndarray:
    """Return the coefficients of embeddings z.

        mu + Q D^{1/2} z

    If z = whiten(S), they are the projection of S on these d components.

    Args:
        z: Embeddings, (n, d).
        mu: Mean over the training set, (p,).
        components: Principal components, (d, p).
        eigenvalues: Variances of S along the components, (d,).

    Returns:
        Coefficients, (n, p) float32.

    Raises:
        ValueError: z is complex, or the shapes do not fit together.

    Example:
        >>> import numpy as np
        >>> from gsn.decomposition.whitening import unwhiten
        >>> mu, Q, D = np.array([1.0, 1.0]), np.array([[0.0, 1.0]]), np.array([4.0])
        >>> unwhiten(np.array([[3.0]]), mu, Q, D).tolist()
        [[1.0, 7.0]]
    """
    basis = {"mu": mu, "components": components, "eigenvalues": eigenvalues}
    z, mu, components, eigenvalues = arguments.operands(z=z, **basis)
    return (mu + (z * np.sqrt(eigenvalues).astype(np.float32)) @ components).astype(np.float32)
