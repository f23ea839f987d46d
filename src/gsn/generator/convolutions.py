"""The convolutions of G, in the forms in which they take the fewest and the fastest operations.

Upsampling by 2 and a k x k convolution are together a linear map from the input to the four phases of the output, the
places of even and of odd rows and columns. Each phase is a convolution of the input (polyphase form), of side 5 for
k = 7, so that the layer is one convolution at the low resolution with 4 c' channels, then a pixel shuffle: half of the
multiplications, and no upsampled copy. It is equal to the plain form at the border too, since a bilinear upsampling
commutes with symmetric extension.

On a CPU that convolution is computed by Winograd's minimal filtering, from windows of 8 x 8 to tiles of 4 x 4,

    y = A^T [ sum_c (G w_c G^T) * (B^T x_c B) ] A        (Lavin & Gray 2016, section 4.2, with Toom-Cook's points)

where the products over c are one matrix product for each of the 64 places: a sixth of the polyphase form's
multiplications, a twelfth of the plain form's. In float32 it costs a digit of the seven.
"""

import functools

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

TILE = 4
POINTS = (0, 1, -1, 2, -2, 1 / 2, -1 / 2)  # of Toom-Cook, with infinity; those for more than 5 taps would lose digits


class Conv(nn.Conv2d):
    """k x k convolution with a padding that keeps the size: (n, c, H, W) -> (n, c', H, W).

    With symmetric padding, k of 7 or more and even H and W it acts on blocks of 2 x 2 pixels, from 4 c to 4 c'
    channels: twice the multiplications, which machines do faster than those of a few colours.
    """

    def __init__(self, channels_in: int, channels_out: int, kernel: int, *, bias: bool, padding: str):
        super().__init__(channels_in, channels_out, kernel, bias=bias)
        self.reflects = padding == "reflect"
        self.register_buffer("phases", torch.from_numpy(self.maps(kernel)), persistent=False)

    @staticmethod
    def maps(kernel: int) -> np.ndarray:
        return block_phases(kernel)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        r, reach = self.kernel_size[0] // 2, self.phases.shape[2] // 2
        if self.reflects:
            return F.conv2d(F.pad(x, (r, r, r, r), mode="reflect"), self.weight, self.bias)
        if r < 3 or x.shape[-1] % 2 or x.shape[-2] % 2:
            return F.conv2d(pad_symmetric(x, r), self.weight, self.bias)
        x = F.pixel_unshuffle(pad_symmetric(x, 2 * reach), 2)
        return self.shuffled(x)

    def shuffled(self, x: torch.Tensor) -> torch.Tensor:
        """The convolution between phases of what was padded, its four phases at their places, and the bias."""
        weight = phase_weight(self.weight, self.phases)
        if x.is_cuda:  # in the order of memory that its convolutions are fastest in
            x, weight = (tensor.contiguous(memory_format=torch.channels_last) for tensor in (x, weight))
        y = F.pixel_shuffle(F.conv2d(x, weight), 2)
        return y if self.bias is None else y + self.bias[:, None, None]


class UpsampledConv(Conv):
    """Bilinear upsampling by 2, then a k x k convolution: (n, c, H, W) -> (n, c', 2H, 2W)."""

    @staticmethod
    def maps(kernel: int) -> np.ndarray:
        return bilinear_phases(kernel)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.reflects:
            return super().forward(F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False))
        taps = self.phases.shape[2]
        if self.minimal(x, taps):
            return winograd(x, self.weight, self.bias, taps)
        return self.shuffled(pad_symmetric(x, taps // 2))

    def minimal(self, x: torch.Tensor, taps: int) -> bool:
        """Whether minimal filtering is the faster form: on a CPU, with enough channels and enough tiles.

        For few channels the transform of the images takes what the products save, for few tiles that of the weights.
        In half precision it would lose too many digits.
        """
        tiles = len(x) * -(-x.shape[-2] // TILE) * -(-x.shape[-1] // TILE)
        precise = x.dtype in (torch.float32, torch.float64) and not torch.is_autocast_enabled("cpu")
        possible = x.device.type == "cpu" and precise and taps + TILE - 2 <= len(POINTS)
        return possible and x.shape[1] >= 32 and tiles >= 16


def bilinear_phases(kernel: int) -> np.ndarray:
    """Maps of a filter on the upsampled line to filters on the line, one for each phase p: (2, 1, taps, k) float32.

    With r = k // 2 and u the upsampled x, sum_t w_t u(2i + p + t) = sum_a (T_p w)_a x(i + a), where the bilinear
    u(2m) = x(m - 1) / 4 + 3 x(m) / 4 and u(2m + 1) = 3 x(m) / 4 + x(m + 1) / 4.
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
    """Maps of a filter on the line to filters on blocks of 2, from phase q to phase p: (2, 2, taps, k) float32."""
    r = kernel // 2
    reach = (r + 1) // 2
    T = np.zeros((2, 2, 2 * reach + 1, kernel), dtype=np.float32)
    for p in range(2):
        for t in range(-r, r + 1):
            m, q = divmod(p + t, 2)
            T[p, q, m + reach, t + r] = 1
    return T


def phase_weight(weight: torch.Tensor, phases: torch.Tensor) -> torch.Tensor:
    """A filter as pixel_shuffle orders phases: (c', c, k, k), (P, Q, taps, k) -> (c' P^2, c Q^2, taps, taps)."""
    with torch.autocast(weight.device.type, enabled=False):  # its sums are made once, and exactly
        P, Q, taps, _ = phases.shape
        maps = torch.einsum("pqay,rsbx->prqsabyx", phases, phases).flatten(6).flatten(0, 5)
        between = weight.flatten(2).flatten(0, 1) @ maps.T
        between = between.view(*weight.shape[:2], P * P, Q * Q, taps, taps)
        return between.transpose(1, 2).flatten(2, 3).flatten(0, 1)


def pad_symmetric(x: torch.Tensor, r: int, more: int = 0) -> torch.Tensor:
    """Half-sample symmetric extension by r on each side, ... x1 x0 | x0 x1 ..., and by `more` after the last ones."""
    for axis in (-2, -1):
        side = x.shape[axis]
        before, after = x.narrow(axis, 0, r), x.narrow(axis, side - r - more, r + more)
        x = torch.cat([before.flip(axis), x, after.flip(axis)], axis)
    return x


def winograd(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, taps: int) -> torch.Tensor:
    """Upsampling by 2 and convolution by minimal filtering: (n, c, H, H), (c', c, k, k) -> (n, c', 2H, 2H)."""
    At, W, Bt = _matrices(weight.shape[-1], weight.dtype)
    (n, c, H, _), out, size = x.shape, len(weight), len(Bt)
    t = -(-H // TILE)
    x = pad_symmetric(x, taps // 2, t * TILE - H).permute(0, 2, 3, 1)
    x = Bt @ _Windows.apply(x.reshape(n, -1, x.shape[2] * c), size).view(size, -1)
    x = Bt @ _Windows.apply(x.view(size * n * t, -1, c), size).view(size, -1)  # (v), (u n t t c)
    weight = (W @ weight.permute(2, 3, 0, 1).flatten(2).flatten(0, 1)).view(size**2, 4 * out, c)  # (v u), (p q c'), c
    y = _Products.apply(x.view(size**2, n * t * t, c), weight)
    y = At @ (At @ y.view(size, -1)).view(TILE, size, -1)
    y = y.view(TILE, TILE, n, t, t, 2, 2, out).permute(2, 3, 1, 5, 4, 0, 6, 7)  # b a n i j p q c' -> n i a p j b q c'
    y = y.reshape(n, 2 * t * TILE, 2 * t * TILE, out)
    y = y if bias is None else y + bias
    return y.permute(0, 3, 1, 2)[..., : 2 * H, : 2 * H]


@functools.cache
def _matrices(kernel: int, dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A^T (TILE, size), the map of weights (size^2 4, k^2), B^T (size, size), for the phases of an upsampling.

    By the transposition principle: polynomials are multiplied by their values at points, V(size)^-1 (V a * V b), hence
    y = V(TILE)^T [(V(taps) w) * (V(size)^-T x)]. Rows of G and of B are scaled to norm 1, which keeps more digits.
    """
    T = bilinear_phases(kernel).astype(np.float64)[:, 0]
    size = TILE + T.shape[1] - 1
    points = np.array(POINTS[: size - 1])

    def values(degree: int) -> np.ndarray:
        return np.vstack([points[:, None] ** np.arange(degree), np.eye(degree)[-1]])  # and at infinity

    G, Bt = values(T.shape[1]), np.linalg.inv(values(size)).T
    norms = np.linalg.norm(G, axis=1), np.linalg.norm(Bt, axis=1)
    At = values(TILE).T * (norms[0] * norms[1])
    G, Bt = G / norms[0][:, None], Bt / norms[1][:, None]
    W = np.einsum("ua,pay,vb,qbx->vupqyx", G, T, G, T, optimize=True).reshape(4 * size**2, kernel**2)
    with torch.inference_mode(False):
        return tuple(torch.from_numpy(np.ascontiguousarray(matrix)).to(dtype) for matrix in (At, W, Bt))


class _Windows(torch.autograd.Function):
    """Overlapping windows along the middle axis, TILE apart: (a, h, b) -> (size, a, (h - size) / TILE + 1, b)."""

    @staticmethod
    def forward(ctx, x, size):
        a, h, b = ctx.shape = x.shape
        ctx.size = size
        x = x.contiguous()
        return x.as_strided((size, a, (h - size) // TILE + 1, b), (b, h * b, TILE * b, 1)).contiguous()

    @staticmethod
    def backward(ctx, slope):
        a, h, b = ctx.shape
        count, extra = slope.shape[2], ctx.size - TILE  # a window's last samples are the next one's first
        slope = slope.permute(1, 2, 0, 3)
        x = slope.new_empty(a, h, b)
        tiles = x[:, : count * TILE].view(a, count, TILE, b)
        tiles.copy_(slope[:, :, :TILE])
        x[:, count * TILE :] = slope[:, -1, TILE:]
        tiles[:, 1:, :extra] += slope[:, :-1, TILE:]
        return x, None


class _Products(torch.autograd.Function):
    """x W^T for each place: (places, rows, c), (places, c', c) -> (places, rows, c'), with slopes that need no copy."""

    @staticmethod
    def forward(ctx, x, weight):
        ctx.save_for_backward(x, weight)
        return torch.bmm(x, weight.mT)

    @staticmethod
    def backward(ctx, slope):
        x, weight = ctx.saved_tensors
        return torch.bmm(slope, weight), torch.bmm(slope.mT, x)
