"""Corruptions of images: noise, occlusion and translation, each of one size.

Images keep their units and become float32. The same seed corrupts the same images alike.
"""

import numpy as np


def noise(x: np.ndarray, sigma: float, *, seed: int) -> np.ndarray:
    """Return images plus white Gaussian noise, without clipping.

    Noise of another sigma and the same seed is the same up to the factor.

    Args:
        x: Images, (n, c, N, N) real.
        sigma: Standard deviation of the noise in the units of x.
        seed: Seed of the noise.

    Returns:
        Images, (n, c, N, N) float32.

    Example:
        >>> import numpy as np
        >>> from gsn.data.corruptions import noise
        >>> float(noise(np.zeros((1, 1, 64, 64)), 2, seed=0).std().round(1))
        2.0
    """
    drawn = np.random.default_rng(seed).standard_normal(x.shape, dtype=np.float32)
    return x.astype(np.float32) + np.float32(sigma) * drawn


def occlusion(x: np.ndarray, side: int, *, fill: float, seed: int) -> np.ndarray:
    """Return images of which a square at a random place is hidden, in all colours.

    Args:
        x: Images, (n, c, N, N) real.
        side: Side of the square in pixels, 0 to N.
        fill: Value within the square, in the units of x.
        seed: Seed of the places.

    Returns:
        Images, (n, c, N, N) float32.

    Raises:
        ValueError: The square is larger than an image.

    Example:
        >>> import numpy as np
        >>> from gsn.data.corruptions import occlusion
        >>> int(occlusion(np.zeros((1, 1, 8, 8)), 3, fill=1, seed=0).sum())
        9
    """
    N = x.shape[-1]
    if not 0 <= side <= N:
        raise ValueError(f"side must be from 0 to N={N}: got {side}; use a smaller square.")
    corners = np.random.default_rng(seed).integers(0, N - side, (len(x), 2), endpoint=True)
    y = x.astype(np.float32)
    for image, (row, column) in zip(y, corners, strict=True):
        image[:, row : row + side, column : column + side] = fill
    return y


def translation(x: np.ndarray, pixels: int, *, seed: int) -> np.ndarray:
    """Return images moved by whole pixels, down, up, right or left, drawn for each.

        y(u) = x(u - t)

    Beyond its border x is reflected, without a copy of the border itself, as for the scattering
    transform.

    Args:
        x: Images, (n, c, N, N) real.
        pixels: Length of t, at least 0.
        seed: Seed of the directions.

    Returns:
        Images, (n, c, N, N) float32.

    Example:
        >>> import numpy as np
        >>> from gsn.data.corruptions import translation
        >>> x = np.tile(np.arange(4.0), (1, 1, 4, 1))
        >>> moved = [translation(x, 1, seed=seed)[0, 0, 0].tolist() for seed in range(9)]
        >>> [1.0, 0.0, 1.0, 2.0] in moved  # to the right
        True
    """
    drawn = np.random.default_rng(seed).integers(0, 4, len(x))
    y = np.empty(x.shape, dtype=np.float32)
    for i, direction in enumerate(drawn):
        places = _reflected(np.arange(x.shape[-1]) - pixels * (-1) ** (direction // 2))
        y[i] = x[i].take(places, axis=1 + direction % 2)
    return y


def _reflected(places: np.ndarray) -> np.ndarray:
    """Return places within 0..N-1, where N is their number, of places anywhere on the line."""
    last = len(places) - 1
    return last - np.abs(last - places % max(2 * last, 1))
