"""Phase harmonics [z]^k = |z| e^{i k arg z}: the phase of a number times k, its modulus kept.

[z]^0 is the modulus and [z]^1 is z. With z = e^{i a} r, a change of z by e^{i a} (dr + i r da)
changes [z]^k by e^{i k a} (dr + i k r da), which gives the gradient. It is set to 0 at z = 0, where
there is none.

Real and imaginary parts lie side by side as planes of real numbers: no operation is complex. On a
CPU, the usual k = 0 and 2 and their gradient are one pass each in compiled loops.

References:
    S. Mallat, S. Zhang and G. Rochette, Phase harmonic correlations and convolutional neural
    networks, Information and Inference 9(3), 2020.
"""

import numpy as np
import torch
from torch.autograd import Function

from gsn.runtime import loops

jit = loops.compiled(nogil=True, fastmath=loops.FAST)


def harmonics(z: torch.Tensor, ks: tuple[int, ...]) -> torch.Tensor:
    """Return phase harmonics of complex planes.

    Args:
        z: Real parts of L planes, then their imaginary parts, (..., 2 L, h, w) real.
        ks: Harmonics k, at least 0.

    Returns:
        For each k the planes of [z]^k, L of them for k = 0 and 2 L otherwise, (..., planes, h, w).

    References:
        S. Mallat, S. Zhang and G. Rochette, Phase harmonic correlations and convolutional neural
        networks, Information and Inference 9(3), 2020.

    Example:
        >>> import torch
        >>> from gsn.transforms.harmonics import harmonics
        >>> z = torch.tensor([0.0, 2.0]).view(2, 1, 1)  # 2i
        >>> [round(part, 6) for part in harmonics(z, (0, 2)).flatten().tolist()]
        [2.0, -2.0, 0.0]
    """
    return _Harmonics.apply(z, ks)


class _Harmonics(Function):
    @staticmethod
    def forward(ctx, z, ks):
        ctx.save_for_backward(z)
        ctx.ks = ks
        if not _is_compiled(z, ks):
            return _forward(z, ks)
        *batch, L, h, w = z.shape
        planes = z.new_empty(*batch, L // 2 if ks == (0,) else 3 * L // 2, h, w)
        _compiled_forward(_parts(z, 2), _tiny(z), _parts(planes, 1 if ks == (0,) else 3))
        return planes

    @staticmethod
    def backward(ctx, g):
        (z,) = ctx.saved_tensors
        if torch.is_grad_enabled() or not _is_compiled(z, ctx.ks):  # for a second derivative
            return _backward(z, g, ctx.ks), None
        slope, parts = torch.empty_like(z), 1 if ctx.ks == (0,) else 3
        _compiled_backward(_parts(z, 2), _parts(g.contiguous(), parts), _tiny(z), _parts(slope, 2))
        return slope, None


def _is_compiled(z: torch.Tensor, ks: tuple[int, ...]) -> bool:
    """Return whether the compiled loops serve these planes."""
    return ks in ((0,), (0, 2)) and z.device.type == "cpu" and z.is_contiguous()


def _tiny(z: torch.Tensor) -> np.floating:
    """Return what is added to |z|^2, so that it may be divided by."""
    return np.dtype(str(z.dtype).removeprefix("torch.")).type(torch.finfo(z.dtype).tiny)


def _parts(planes: torch.Tensor, parts: int) -> np.ndarray:
    """Return contiguous planes as an array, (n, parts, points)."""
    n = int(np.prod(planes.shape[:-3]))
    return planes.detach().view(n, parts, -1).numpy()


@jit
def _compiled_forward(z, tiny, planes):
    for i in range(len(z)):
        if planes.shape[1] == 1:
            for u in range(z.shape[2]):
                real, imaginary = z[i, 0, u], z[i, 1, u]
                planes[i, 0, u] = np.sqrt(real * real + imaginary * imaginary + tiny)
        else:
            for u in range(z.shape[2]):
                real, imaginary = z[i, 0, u], z[i, 1, u]
                r = np.sqrt(real * real + imaginary * imaginary + tiny)
                planes[i, 0, u] = r
                planes[i, 1, u] = (real * real - imaginary * imaginary) / r
                planes[i, 2, u] = (real * imaginary + imaginary * real) / r


@jit
def _compiled_backward(z, g, tiny, slope):
    for i in range(len(z)):
        if g.shape[1] == 1:
            for u in range(z.shape[2]):
                real, imaginary = z[i, 0, u], z[i, 1, u]
                ratio = g[i, 0, u] / np.sqrt(real * real + imaginary * imaginary + tiny)
                slope[i, 0, u] = real * ratio
                slope[i, 1, u] = imaginary * ratio
        else:
            for u in range(z.shape[2]):
                real, imaginary = z[i, 0, u], z[i, 1, u]
                r = np.sqrt(real * real + imaginary * imaginary + tiny)
                c, s = real / r, imaginary / r
                c2, s2 = c * c - s * s, c * s + s * c
                radial = g[i, 0, u] + g[i, 1, u] * c2 + g[i, 2, u] * s2
                half = g[i, 2, u] * c2 - g[i, 1, u] * s2
                slope[i, 0, u] = c * radial - s * (half + half)
                slope[i, 1, u] = s * radial + c * (half + half)


def _polar(z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return modulus, cosine and sine of complex planes, 0 at z = 0 in the last two."""
    real, imaginary = z.chunk(2, dim=-3)
    r = (real * real + imaginary * imaginary + torch.finfo(z.dtype).tiny).sqrt()
    return r, real / r, imaginary / r


def _power(cosine: torch.Tensor, sine: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return cosine and sine of k times an angle, k at least 1."""
    c, s = cosine, sine
    for _ in range(k - 1):
        c, s = c * cosine - s * sine, c * sine + s * cosine
    return c, s


def _forward(z: torch.Tensor, ks: tuple[int, ...]) -> torch.Tensor:
    """Return the harmonics by torch."""
    r, cosine, sine = _polar(z)
    planes = []
    for k in ks:
        planes += [r * part for part in _power(cosine, sine, k)] if k else [r]
    return torch.cat(planes, dim=-3)


def _backward(z: torch.Tensor, g: torch.Tensor, ks: tuple[int, ...]) -> torch.Tensor:
    """Return the gradient from that of the harmonics by torch."""
    _, cosine, sine = _polar(z)
    parts = iter(g.split(cosine.shape[-3], dim=-3))
    radial, tangential = torch.zeros_like(cosine), torch.zeros_like(cosine)
    for k in ks:
        if k == 0:
            radial = radial + next(parts)
            continue
        (c, s), real, imaginary = _power(cosine, sine, k), next(parts), next(parts)
        radial = radial + real * c + imaginary * s
        tangential = tangential + k * (imaginary * c - real * s)
    real = cosine * radial - sine * tangential
    return torch.cat([real, sine * radial + cosine * tangential], dim=-3)
