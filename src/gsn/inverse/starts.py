"""Noise to start a descent from.

    white      x = m + s w
    coloured   x = m + (example - m) * w / sqrt(d)

w is Gaussian white noise, m and s are mean and standard deviation of the example, d its number of
points, and * is the periodic convolution. The first is the law of maximum entropy that has the mean
and the variance of the example, the second the Gaussian law that has its power spectrum (Galerne,
Gousseau & Morel 2011). A descent that keeps symmetries keeps those of its start: both laws are
stationary.

References:
    B. Galerne, Y. Gousseau and J.-M. Morel, Random phase textures: theory and synthesis, IEEE
    TIP 20(1), 2011.
"""

import numpy as np
import torch

from gsn.runtime import arguments


def white(example: torch.Tensor, n: int, seed: int) -> torch.Tensor:
    """Return Gaussian white noise of the example's mean and variance.

    Args:
        example: Field, (..., H, W) real; each channel has its own mean and variance.
        n: Number of fields. The first ones of a seed do not depend on it.
        seed: Seed of the random generator.

    Returns:
        Fields, (n, ..., H, W), of the type and on the device of the example.

    Raises:
        ValueError: The example is constant or not finite.

    Example:
        >>> import torch
        >>> from gsn.inverse.starts import white
        >>> x = white(torch.arange(4096.0).reshape(64, 64), 2, seed=0)
        >>> x.shape, 1950 < float(x[0].mean()) < 2150
        (torch.Size([2, 64, 64]), True)
    """
    m, centred = _centred(example)
    s = centred.square().mean(dim=(-2, -1), keepdim=True).sqrt()
    return m + s * _noise(n, example, tuple(example.shape), seed)


def coloured(example: torch.Tensor, n: int, seed: int) -> torch.Tensor:
    """Return Gaussian noise of the example's mean and power spectrum.

    The channels of an example in colour are convolved with the same noise, so their spectra across
    channels are kept too.

    Args:
        example: Field, (..., H, W) real.
        n: Number of fields. The first ones of a seed do not depend on it.
        seed: Seed of the random generator.

    Returns:
        Fields, (n, ..., H, W), of the type and on the device of the example.

    Raises:
        ValueError: The example is constant or not finite.

    References:
        B. Galerne, Y. Gousseau and J.-M. Morel, Random phase textures: theory and synthesis, IEEE
        TIP 20(1), 2011.

    Example:
        >>> import torch
        >>> from gsn.inverse.starts import coloured
        >>> wave = torch.cos(torch.arange(64) * torch.pi / 8).expand(64, 64)
        >>> x = coloured(wave, 1, seed=0)  # a wave of the same period
        >>> torch.allclose(x, -x.roll(8, -1), atol=1e-5)
        True
    """
    m, centred = _centred(example)
    H, W = example.shape[-2:]
    w = _noise(n, example, (*(1,) * (example.ndim - 2), H, W), seed)
    spectrum = torch.fft.rfft2(w) * torch.fft.rfft2(centred)  # (n, ..., H, W/2 + 1)
    return m + torch.fft.irfft2(spectrum, s=(H, W)) / (H * W) ** 0.5


def _centred(example: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the mean of each channel, and the example without it."""
    if example.dtype not in (torch.float32, torch.float64) or example.ndim < 2:
        raise ValueError(
            f"example must be a float32 or float64 field (..., H, W): got {example.dtype} of the "
            f"shape {tuple(example.shape)}; use example.float()."
        )
    if not torch.isfinite(example).all():
        raise ValueError("example must be finite: got NaN or infinity; fill them.")
    if bool((example.amax(dim=(-2, -1)) == example.amin(dim=(-2, -1))).any()):
        raise ValueError("example must vary: got a constant field; use another one.")
    m = example.mean(dim=(-2, -1), keepdim=True)
    return m, example - m


def _noise(n: int, like: torch.Tensor, shape: tuple[int, ...], seed: int) -> torch.Tensor:
    """Return standard normal noise (n, *shape), the same on every device."""
    n = arguments.integer("n", n, least=1)
    seed = arguments.integer("seed", seed, least=0)
    drawn = np.random.default_rng(seed).standard_normal((n, *shape), dtype=np.float32)
    return torch.from_numpy(drawn).to(like)
