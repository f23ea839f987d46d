"""The path of each scattering channel: the scales and angles of its wavelets."""

import numpy as np
import torch

from gsn.transforms.scattering2d import arguments


def paths(J: int, L: int, max_order: int = 2) -> dict[str, np.ndarray]:
    """Return the path of each of the K scattering channels, in the order of the channels.

    A channel of order m is the average of the modulus of m wavelet transforms in cascade, with
    scales j1 < j2 < J. The order of the channels is kymatio's. There are
    K = 1 + L J + L^2 J (J - 1) / 2 of them.

    Args:
        J: Scale of averaging, as log2, at least 1.
        L: Number of angles, at least 1.
        max_order: Largest number of wavelets on a path, 1 or 2.

    Returns:
        The columns `order`, `j1`, `theta1`, `j2` and `theta2`, each (K,) int8, or int16 for more
        than 127 angles. The scale or angle of a missing wavelet is -1. The angle of index t is
        (L//2 - 1 - t) pi / L.

    Raises:
        ValueError: An argument is not an integer or is out of range.

    References:
        J. Bruna and S. Mallat, Invariant scattering convolution networks, IEEE TPAMI 35(8), 2013.

        M. Andreux et al., Kymatio: Scattering transforms in Python, JMLR 21, 2020.

    Example:
        >>> from gsn.transforms.scattering2d import paths
        >>> table = paths(J=2, L=2)
        >>> table["order"].tolist()
        [0, 1, 1, 1, 1, 2, 2, 2, 2]
        >>> table["j1"].tolist()
        [-1, 0, 0, 1, 1, 0, 0, 0, 0]
    """
    J, L, max_order = arguments.scales_and_angles(J, L, max_order)
    rows = [(0, -1, -1, -1, -1)]
    rows += [(1, j1, t1, -1, -1) for j1 in range(J) for t1 in range(L)]
    if max_order == 2:
        rows += [
            (2, j1, t1, j2, t2)
            for j1 in range(J)
            for t1 in range(L)
            for j2 in range(j1 + 1, J)
            for t2 in range(L)
        ]
    names = ("order", "j1", "theta1", "j2", "theta2")
    dtype = np.promote_types(np.int8, np.min_scalar_type(-max(J, L)))
    return dict(zip(names, np.array(rows, dtype=dtype).T, strict=True))


def alpha(J: int, L: int = 8) -> float:
    """Return alpha_J, the number of scattering coefficients per pixel.

        alpha_J = K / 4^J

    S_J is expected to be invertible as long as alpha_J exceeds 1 (Angles & Mallat 2018, section 3).

    Args:
        J: Scale of averaging, as log2, at least 1.
        L: Number of angles, at least 1.

    References:
        T. Angles and S. Mallat, Generative networks as inverse problems with scattering
        transforms, ICLR, 2018.

    Example:
        >>> from gsn.transforms.scattering2d import alpha
        >>> round(alpha(4), 2), round(alpha(5), 2)
        (1.63, 0.67)
    """
    return len(paths(J, L)["order"]) / 4**J


def listed(
    S: torch.Tensor, table: dict[str, np.ndarray], L: int, moments: bool = False
) -> list[dict]:
    """Return the channels as kymatio lists them, one dictionary each.

    Args:
        S: Coefficients, (..., K, h, w), or moments, (..., K).
        table: Path of each channel, as `paths` gives it.
        L: Number of angles.
        moments: Whether S are moments.
    """
    channels, axis = [], -1 if moments else -3
    for k, order in enumerate(table["order"]):
        j, theta = (
            tuple(int(table[f"{name}{m}"][k]) for m in range(1, order + 1))
            for name in ("j", "theta")
        )
        n = tuple(scale * L + angle for scale, angle in zip(j, theta, strict=True))
        channels.append({"coef": S.select(axis, k), "j": j, "n": n, "theta": theta})
    return channels
