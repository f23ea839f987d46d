"""The geometry of an embedding: equations (2) and (3) of Angles & Mallat (2018), measured.

    (2)   1/alpha ||x - x'|| <= ||P S(x) - P S(x')|| <= ||x - x'||
    (3)   ||P S(x) - P S(x_tau)|| <= C ||x|| (2^-J |tau|_inf + |grad tau|_inf)

Equation (2) is for all pairs of training images, and x_tau(u) = x(u - tau(u)) in (3). P is the
projection on the first d principal components of S, or the identity.

S is subsampled by 2^J along both axes, so each coefficient stands for 4^J pixels: norms of S must
be multiplied by 2^J. S then contracts, except at the border. Its samples lie at the rows and
columns 0, 2^J, 2 2^J, ... The first samples also average the reflection of the image, and the
last ones are far from any reflection. Images that differ only in the first four of 32 rows have
the ratio 1.2. Images that differ only in the last four have the ratio 0.4 (J = 3).

References:
    T. Angles and S. Mallat, Generative networks as inverse problems with scattering transforms,
    ICLR, 2018.
"""

from collections.abc import Callable

import numpy as np

from gsn.metrics.displacements import deform, deformations, sizes, translations

__all__ = [
    "bilipschitz",
    "continuity",
    "deform",
    "deformations",
    "different_pairs",
    "distances",
    "sizes",
    "translations",
]

BLOCK = 64  # pairs whose differences are in memory at once


def distances(y: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Return the distance `||y_i - y_j||` of each pair of rows.

    Memory holds the differences of BLOCK pairs.

    Args:
        y: Rows, (n, ...) of any dtype.
        pairs: Indices of two rows of y each, (m, 2).

    Returns:
        Distances, (m,) float64.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.geometry import distances
        >>> distances(np.array([[0, 0], [3, 4]]), np.array([[0, 1]])).tolist()
        [5.0]
    """
    y = y.reshape(len(y), -1)
    blocks = (pairs[start : start + BLOCK] for start in range(0, len(pairs), BLOCK))
    norms = [
        np.linalg.norm(np.subtract(y[i], y[j], dtype=np.float64), axis=1)
        for i, j in (b.T for b in blocks)
    ]
    return np.concatenate([np.empty(0), *norms])


def different_pairs(x: np.ndarray, count: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return random pairs of different images, and their distances.

    Pairs are drawn without replacement. Pairs of identical images are then left out.

    Args:
        x: Images, (n, ...).
        count: Number of pairs to draw. All pairs are taken if there are fewer.
        seed: Seed of the draw.

    Returns:
        Indices of two rows of x each, (m, 2) int64, and distances in the units of x, (m,) float64.

    Raises:
        ValueError: No two of the images differ.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.geometry import different_pairs
        >>> pairs, apart = different_pairs(np.array([[0], [0], [2]]), 100, seed=0)
        >>> pairs.tolist(), apart.tolist()
        ([[0, 2], [1, 2]], [2.0, 2.0])
    """
    pairs = np.stack(np.triu_indices(len(x), 1), axis=1)
    if len(pairs) > count:
        pairs = np.random.default_rng(seed).choice(pairs, count, replace=False)
    apart = distances(x, pairs)
    if not apart.any():
        raise ValueError(
            f"distances need at least 2 different images: found none among {len(x)}; "
            "use more varied ones."
        )
    return pairs[apart > 0], apart[apart > 0]


def bilipschitz(ratios: np.ndarray) -> dict[str, float]:
    """Return alpha of equation (2), and the share of pairs that shrink by a factor of at most 3.

    Args:
        ratios: Ratio `||P S(x) - P S(x')|| / ||x - x'||` of each pair, (m,).

    Returns:
        `alpha`, 1 / min ratio, which is infinite if different images coincide, and
        `share_within_3`, the share of ratios of at least 1/3.

    References:
        T. Angles and S. Mallat, Generative networks as inverse problems with scattering
        transforms, ICLR, 2018.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.geometry import bilipschitz
        >>> bilipschitz(np.array([0.25, 0.5]))
        {'alpha': 4.0, 'share_within_3': 0.5}
    """
    with np.errstate(divide="ignore"):
        return {
            "alpha": float(1 / np.float64(ratios.min())),
            "share_within_3": float(np.mean(ratios >= 1 / 3)),
        }


def continuity(
    S: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    tau: np.ndarray,
    *,
    components: np.ndarray,
    eigenvalues: np.ndarray,
    J: int,
) -> dict[str, np.ndarray]:
    """Return how far each image moves under a displacement, in several spaces.

    The spaces are the pixels, the embedding before the whitening, and z.

    Args:
        S: Scattering transform, (n, c, N, N) -> (n, p).
        x: Images in the units of S, (n, c, N, N) float32.
        tau: Displacements in pixels along rows and columns, (n, 2, N, N).
        components: Principal components, (d, p).
        eigenvalues: Variances of S along the components, (d,).
        J: Scale of averaging, as log2.

    Returns:
        `pixels`, the distance of x and x_tau; `S`, that of the projections of their coefficients,
        times 2^J; `z`, that of Phi(x) and Phi(x_tau); and `C`, the smallest constant for which
        equation (3) holds. Each is (n,) float64 or float32. C is 0 for a black image, which no
        displacement moves.

    Raises:
        ValueError: The shapes of x and tau do not match.

    References:
        T. Angles and S. Mallat, Generative networks as inverse problems with scattering
        transforms, ICLR, 2018.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.geometry import continuity, translations
        >>> x, mean = np.eye(4)[None, None], lambda x: x.mean(axis=(2, 3))
        >>> basis = {"components": np.eye(1), "eigenvalues": np.ones(1), "J": 2}
        >>> {name: v.shape for name, v in continuity(mean, x, translations(1, 4), **basis).items()}
        {'pixels': (1,), 'S': (1,), 'z': (1,), 'C': (1,)}
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
