"""The polyphase form of a convolution: filters between phases, and symmetric extension.

The phases of a line are its even and its odd samples. Those of an image are the four combinations
of even and odd rows and columns, in the order of `torch.nn.functional.pixel_shuffle`.
"""

import numpy as np
import torch


def bilinear_phases(kernel: int) -> np.ndarray:
    """Return the maps from a filter on the upsampled line to filters on the line, one per phase p.

    With r = k // 2 and u the upsampled x,

        sum_t w_t u(2i + p + t) = sum_a (T_p w)_a x(i + a),
        u(2m) = x(m - 1) / 4 + 3 x(m) / 4,        u(2m + 1) = 3 x(m) / 4 + x(m + 1) / 4.

    Args:
        kernel: Number k of taps, odd.

    Returns:
        T, (2, 1, taps, k) float32.

    Example:
        >>> from gsn.networks.phases import bilinear_phases
        >>> bilinear_phases(1)[:, 0, :, 0].tolist()
        [[0.25, 0.75, 0.0], [0.0, 0.75, 0.25]]
    """
    r = kernel // 2
    reach = (r + 2) // 2 if r else 1
    T = np.zeros((2, 1, 2 * reach + 1, kernel), dtype=np.float32)
    for p in range(2):
        for t in range(-r, r + 1):
            m, odd = divmod(p + t, 2)
            T[p, 0, m + reach, t + r] += 0.75
            T[p, 0, m + reach + (1 if odd else -1), t + r] += 0.25
    return T


def block_phases(kernel: int) -> np.ndarray:
    """Return the maps from a filter on the line to filters on blocks of 2, from phase q to phase p.

    Args:
        kernel: Number k of taps, odd.

    Returns:
        T, (p, q, taps, k) with two p and two q, float32.

    Example:
        >>> from gsn.networks.phases import block_phases
        >>> block_phases(3)[0, 1].argmax(axis=1).tolist()  # the taps -1 and 1 are of odd phase
        [0, 2, 0]
    """
    r = kernel // 2
    reach = (r + 1) // 2
    T = np.zeros((2, 2, 2 * reach + 1, kernel), dtype=np.float32)
    for p in range(2):
        for t in range(-r, r + 1):
            m, q = divmod(p + t, 2)
            T[p, q, m + reach, t + r] = 1
    return T


def phase_weight(weight: torch.Tensor, phases: torch.Tensor) -> torch.Tensor:
    """Return a filter between phases, in the order of `pixel_shuffle`.

    Args:
        weight: Filter, (c', c, k, k).
        phases: Maps from a filter to its phases, (P, Q, taps, k).

    Returns:
        Filter, (c' P^2, c Q^2, taps, taps).

    Example:
        >>> import torch
        >>> from gsn.networks.phases import bilinear_phases, phase_weight
        >>> phases = torch.from_numpy(bilinear_phases(7))
        >>> phase_weight(torch.rand(2, 3, 7, 7), phases).shape
        torch.Size([8, 3, 5, 5])
    """
    with torch.autocast(weight.device.type, enabled=False):  # these few sums are to be exact
        P, Q, taps, _ = phases.shape
        # rows: output phase p, input phase q, taps a and y; columns: r, s, b and x
        maps = torch.einsum("pqay,rsbx->prqsabyx", phases, phases)
        maps = maps.flatten(6)  # (p, r, q, s, a, b, k^2)
        maps = maps.flatten(0, 5)  # (P^2 Q^2 taps^2, k^2)
        between = weight.flatten(2).flatten(0, 1)  # (c' c, k^2)
        between = between @ maps.T  # (c' c, P^2 Q^2 taps^2)
        between = between.view(*weight.shape[:2], P * P, Q * Q, taps, taps)
        between = between.transpose(1, 2)  # (c', P^2, c, Q^2, taps, taps)
        return between.flatten(2, 3).flatten(0, 1)  # (c' P^2, c Q^2, taps, taps)


def pad_symmetric(x: torch.Tensor, r: int, more: int = 0) -> torch.Tensor:
    """Return x with half-sample symmetric extension, ... x1 x0 | x0 x1 ..., on its last two axes.

    Args:
        x: Images, (..., H, W).
        r: Width of the extension on each side, in pixels.
        more: Additional width after the last row and column, in pixels.

    Returns:
        Extended images, (..., H + 2 r + more, W + 2 r + more).

    Example:
        >>> import torch
        >>> from gsn.networks.phases import pad_symmetric
        >>> pad_symmetric(torch.tensor([[1, 2], [3, 4]]), 1)[1].tolist()
        [1, 1, 2, 2]
    """
    for axis in (-2, -1):
        side = x.shape[axis]
        before, after = x.narrow(axis, 0, r), x.narrow(axis, side - r - more, r + more)
        x = torch.cat([before.flip(axis), x, after.flip(axis)], axis)
    return x
