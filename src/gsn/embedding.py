"""The paper's claims about the embedding, measured: its whiteness, and equations (2) and (3).

    (2)   1/alpha ||x - x'|| <= ||P S(x) - P S(x')|| <= ||x - x'||        for pairs of training images
    (3)   ||P S(x) - P S(x_tau)|| <= C ||x|| (2^-J |tau|_inf + |grad tau|_inf),        x_tau(u) = x(u - tau(u))

P projects on the first d principal components of S, or is the identity. S is subsampled by 2^J along both axes, so that
each coefficient stands for 4^J pixels: norms of S are to be multiplied by 2^J. Except at the border, S then contracts.
Its samples are at the rows and columns 0, 2^J, ...: the first ones average their reflection too, the last ones are far
from any. Images that differ in the first four of 32 rows alone have the ratio 1.2, and in the last four 0.4 (J = 3).
"""

from collections.abc import Callable, Iterable

import numpy as np
from scipy import ndimage

BLOCK = 64  # pairs whose differences are held at once


def variance_share(S: np.ndarray, coordinates: np.ndarray) -> np.ndarray:
    """Share of the variance of some images that the first k principal components hold, for each k.

    Args:
        S: (n, p) float32, less its mean over the training set.
        coordinates: (n, rank), its products with the components.

    Returns:
        (rank,) float64, sum_i ||P_k S_i||^2 / sum_i ||S_i||^2 for k = 1, ..., rank.
    """
    total = sum(np.square(row, dtype=np.float64).sum() for row in S)
    return np.cumsum(np.square(coordinates, dtype=np.float64).sum(axis=0)) / total


def covariance(blocks: Iterable[np.ndarray]) -> np.ndarray:
    """Covariance of rows that come in blocks, about their own mean, with the denominator n - 1.

    Makes one pass, with sums in float64, and holds d x d numbers beside a block. The mean is to be of the order of the
    deviations, as that of z is.

    Args:
        blocks: of rows, (any number, d) each.

    Returns:
        (d, d) float64.

    Raises:
        ValueError: for fewer than two rows.
    """
    n, total, products = 0, 0.0, 0.0
    for block in blocks:
        z = block.astype(np.float64)
        n, total, products = n + len(z), total + z.sum(axis=0), products + z.T @ z
    if n < 2:
        raise ValueError(f"a covariance needs at least 2 images: got {n}; use more.")
    return (products - np.outer(total, total) / n) / (n - 1)


def whiteness(C: np.ndarray) -> dict[str, float]:
    """How far a covariance (d, d) of z is from the identity: max |C - I|, and what its diagonal is."""
    variances = C.diagonal()
    return {
        "z_covariance_error": float(np.abs(C - np.eye(len(C))).max()),
        "z_variance_mean": float(variances.mean()),
        "z_variance_min": float(variances.min()),
        "z_variance_max": float(variances.max()),
    }


def distances(y: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """||y_i - y_j|| for each pair: (n, ...) of any dtype, (m, 2) rows of y -> (m,) float64."""
    y = y.reshape(len(y), -1)
    blocks = (pairs[start : start + BLOCK] for start in range(0, len(pairs), BLOCK))
    norms = [np.linalg.norm(np.subtract(y[i], y[j], dtype=np.float64), axis=1) for i, j in (b.T for b in blocks)]
    return np.concatenate([np.empty(0), *norms])


def different_pairs(x: np.ndarray, count: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Random pairs of images that are not identical, and how far apart they are.

    Args:
        x: (n, ...) images.
        count: of pairs to draw without replacement, if there are so many; identical images among them are left out.
        seed: of the draw.

    Returns:
        (m, 2) rows of x, and (m,) float64 distances in the units of x.

    Raises:
        ValueError: if no two images differ.
    """
    pairs = np.stack(np.triu_indices(len(x), 1), axis=1)
    if len(pairs) > count:
        pairs = np.random.default_rng(seed).choice(pairs, count, replace=False)
    apart = distances(x, pairs)
    if not apart.any():
        raise ValueError(
            f"distances need at least 2 different images: found none among {len(x)}; use more varied ones."
        )
    return pairs[apart > 0], apart[apart > 0]


def bilipschitz(ratios: np.ndarray) -> dict[str, float]:
    """alpha of equation (2), and the share of the pairs whose distances shrink by a factor of at most 3.

    Args:
        ratios: (m,), ||P S(x) - P S(x')|| / ||x - x'|| of each pair.

    Returns:
        `alpha` = 1 / min ratio, infinite where different images coincide; `share_within_3`, of the ratios >= 1/3.
    """
    with np.errstate(divide="ignore"):
        return {"alpha": float(1 / np.float64(ratios.min())), "share_within_3": float(np.mean(ratios >= 1 / 3))}


def translations(n: int, N: int) -> np.ndarray:
    """Displacements of one pixel, all over the image, in n directions around the circle: (n, 2, N, N) float64."""
    angles = 2 * np.pi * np.arange(n) / n
    directions = np.stack([np.sin(angles), np.cos(angles)], axis=1)  # (n, 2): rows, columns
    return np.tile(directions[:, :, None, None], (1, 1, N, N))


def deformations(n: int, N: int, *, smoothing: float = 1 / 8, seed: int) -> np.ndarray:
    """Random smooth displacements without translation, with |grad tau|_inf = 1: to be scaled to what is wanted.

    Args:
        n: how many.
        N: side of the image, in pixels.
        smoothing: standard deviation of the Gaussian that smooths white noise, as a fraction of N.
        seed: of the noise.

    Returns:
        (n, 2, N, N) float64, in pixels; rows and columns.
    """
    noise = np.random.default_rng(seed).standard_normal((n, 2, N, N))
    tau = ndimage.gaussian_filter(noise, smoothing * N, axes=(2, 3), mode="reflect")
    tau -= tau.mean(axis=(2, 3), keepdims=True)
    return tau / sizes(tau)[1][:, None, None, None]


def sizes(tau: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """|tau|_inf in pixels, and |grad tau|_inf, of displacements (n, 2, N, N): (n,), (n,).

    The maxima over the pixels of the Euclidean norm and of the spectral norm of the Jacobian, by central differences.
    """
    jacobian = np.stack(np.gradient(tau, axis=(2, 3)), axis=2)  # (n, 2, 2, N, N)
    norms = np.linalg.norm(np.moveaxis(jacobian, (1, 2), (-2, -1)), ord=2, axis=(-2, -1))
    return np.linalg.norm(tau, axis=1).max(axis=(1, 2)), norms.max(axis=(1, 2))


def deform(x: np.ndarray, tau: np.ndarray) -> np.ndarray:
    """x_tau(u) = x(u - tau(u)), by cubic splines; beyond its border x is reflected, as for the scattering transform.

    Args:
        x: (n, c, N, N) float.
        tau: (n, 2, N, N), in pixels; rows and columns.

    Returns:
        (n, c, N, N) of the dtype of x; splines may overshoot its range a little at edges.

    Raises:
        ValueError: if the shapes do not fit together.
    """
    if tau.shape != (len(x), 2, *x.shape[2:]):
        raise ValueError(f"tau must have the shape {(len(x), 2, *x.shape[2:])}, for these images: got {tau.shape}.")
    u = np.indices(x.shape[2:]) - tau
    moved = [
        [ndimage.map_coordinates(plane, v, order=3, mode="mirror") for plane in y] for y, v in zip(x, u, strict=True)
    ]
    return np.array(moved, dtype=x.dtype)


def continuity(
    S: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    tau: np.ndarray,
    *,
    components: np.ndarray,
    eigenvalues: np.ndarray,
    J: int,
) -> dict[str, np.ndarray]:
    """How far each image is from the displaced one, before the embedding, after it, and after the whitening.

    Args:
        S: (n, c, N, N) -> (n, p), the scattering transform.
        x: (n, c, N, N) float32, in the units of S.
        tau: (n, 2, N, N), in pixels.
        components: (d, p).
        eigenvalues: (d,).
        J: log2 of the scale of averaging.

    Returns:
        Each (n,): `pixels` ||x - x_tau||, `S` 2^J ||P S(x) - P S(x_tau)||, `z` ||Phi(x) - Phi(x_tau)||, and `C`, the
        least with which equation (3) holds; it is 0 for a black image, which no displacement moves.
    """
    x_tau = deform(x, tau)
    change = (S(x_tau) - S(x)) @ components.T
    distance = 2**J * np.linalg.norm(change, axis=1)
    displacement, jacobian = sizes(tau)
    bound = np.linalg.norm(x.reshape(len(x), -1), axis=1) * (displacement / 2**J + jacobian)
    return {
        "pixels": np.linalg.norm((x_tau - x).reshape(len(x), -1), axis=1),
        "S": distance,
        "z": np.linalg.norm(change / np.sqrt(eigenvalues), axis=1),
        "C": np.divide(distance, bound, out=np.zeros(len(x)), where=bound > 0),
    }
