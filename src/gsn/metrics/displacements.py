"""Displacements of images: translations, smooth deformations, their sizes, and their action.

    x_tau(u) = x(u - tau(u))

The size of tau in equation (3) of Angles & Mallat (2018) is `|tau|_inf` and `|grad tau|_inf`.

References:
    T. Angles and S. Mallat, Generative networks as inverse problems with scattering transforms,
    ICLR, 2018.
"""

import numpy as np
from scipy import ndimage


def translations(n: int, N: int) -> np.ndarray:
    """Return displacements by one pixel, uniform over the image, in n directions of the circle.

    Args:
        n: Number of displacements.
        N: Side of the images in pixels.

    Returns:
        tau, in pixels along rows and columns, (n, 2, N, N) float64.

    Example:
        >>> from gsn.metrics.displacements import translations
        >>> translations(4, 8)[1, :, 0, 0].round(3).tolist()  # a quarter of a turn: along rows
        [1.0, 0.0]
    """
    angles = 2 * np.pi * np.arange(n) / n
    directions = np.stack([np.sin(angles), np.cos(angles)], axis=1)  # (n, 2): rows, columns
    return np.tile(directions[:, :, None, None], (1, 1, N, N))


def deformations(n: int, N: int, *, smoothing: float = 1 / 8, seed: int) -> np.ndarray:
    """Return random smooth displacements without translation, with `|grad tau|_inf` 1.

    Multiply them by the size that is needed.

    Args:
        n: Number of displacements.
        N: Side of the images in pixels.
        smoothing: Standard deviation of the Gaussian that smooths white noise, as a fraction of N.
        seed: Seed of the noise.

    Returns:
        tau, in pixels along rows and columns, (n, 2, N, N) float64.

    Example:
        >>> from gsn.metrics.displacements import deformations, sizes
        >>> sizes(deformations(2, 16, seed=0))[1].round(3).tolist()
        [1.0, 1.0]
    """
    noise = np.random.default_rng(seed).standard_normal((n, 2, N, N))
    tau = ndimage.gaussian_filter(noise, smoothing * N, axes=(2, 3), mode="reflect")
    tau -= tau.mean(axis=(2, 3), keepdims=True)
    return tau / sizes(tau)[1][:, None, None, None]


def sizes(tau: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the sizes `|tau|_inf` and `|grad tau|_inf` of displacements.

    They are the maxima over the pixels of the Euclidean norm of tau, and of the spectral norm of
    its Jacobian, by central differences (Angles & Mallat 2018, section 2.2).

    Args:
        tau: Displacements in pixels, (n, 2, N, N).

    Returns:
        `|tau|_inf` in pixels, (n,) float64, and `|grad tau|_inf`, (n,) float64.

    References:
        T. Angles and S. Mallat, Generative networks as inverse problems with scattering
        transforms, ICLR, 2018.

    Example:
        >>> from gsn.metrics.displacements import sizes, translations
        >>> [size.round(3).tolist() for size in sizes(3 * translations(2, 8))]
        [[3.0, 3.0], [0.0, 0.0]]
    """
    jacobian = np.stack(np.gradient(tau, axis=(2, 3)), axis=2)  # (n, 2, 2, N, N)
    norms = np.linalg.norm(np.moveaxis(jacobian, (1, 2), (-2, -1)), ord=2, axis=(-2, -1))
    return np.linalg.norm(tau, axis=1).max(axis=(1, 2)), norms.max(axis=(1, 2))


def deform(x: np.ndarray, tau: np.ndarray) -> np.ndarray:
    """Return the deformed images x_tau(u) = x(u - tau(u)), by cubic splines.

    Beyond its border x is reflected, as for the scattering transform.

    Args:
        x: Images, (n, c, N, N) float.
        tau: Displacements in pixels along rows and columns, (n, 2, N, N).

    Returns:
        Images, (n, c, N, N), in the dtype of x. Splines may overshoot its range a little at edges.

    Raises:
        ValueError: The shapes do not match.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.displacements import deform, translations
        >>> x = np.arange(16.0).reshape(1, 1, 4, 4)
        >>> deform(x, translations(1, 4)).round(3)[0, 0, 0].tolist()  # by a column to the right
        [1.0, 0.0, 1.0, 2.0]
    """
    if tau.shape != (len(x), 2, *x.shape[2:]):
        raise ValueError(
            f"tau must have the shape {(len(x), 2, *x.shape[2:])}, for these images: "
            f"got {tau.shape}."
        )
    u = np.indices(x.shape[2:]) - tau
    moved = [
        [ndimage.map_coordinates(plane, v, order=3, mode="mirror") for plane in y]
        for y, v in zip(x, u, strict=True)
    ]
    return np.array(moved, dtype=x.dtype)
