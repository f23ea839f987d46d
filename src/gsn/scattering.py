"""The wavelet scattering transform S_J of images (section 3 of the paper; Bruna & Mallat 2013).

    S_J x = { x * phi_J,   |x * psi_{j1,t1}| * phi_J,   ||x * psi_{j1,t1}| * psi_{j2,t2}| * phi_J,   j1 < j2 < J }

subsampled by 2^J. psi are Morlet wavelets at L angles and phi_J is a Gaussian: the filters, the padding and the
order of the channels are kymatio's, so that the coefficients are the same numbers; the computation is batched over
filters. Convolutions are products in the Fourier domain; a subsampled convolution keeps the aliases only (product
and fold); the last low-pass and its subsampling are two small matrix products, because phi is separable.
"""

import numpy as np
import torch
from kymatio.scattering2d.filter_bank import gabor_2d, morlet_2d
from torch import nn


def paths(J: int, L: int, max_order: int = 2) -> dict[str, np.ndarray]:
    """The path of each of the K scattering channels, in their order.

    Args:
        J: log2 of the scale of averaging.
        L: number of angles.
        max_order: 1 or 2.

    Returns:
        `order`, `j1`, `theta1`, `j2`, `theta2`, each (K,) int8; scales and angles that a path lacks are -1. The
        angle of index t is (L//2 - 1 - t) pi / L.
    """
    rows = [(0, -1, -1, -1, -1)]
    rows += [(1, j1, t1, -1, -1) for j1 in range(J) for t1 in range(L)]
    if max_order == 2:
        rows += [
            (2, j1, t1, j2, t2) for j1 in range(J) for t1 in range(L) for j2 in range(j1 + 1, J) for t2 in range(L)
        ]
    names = ("order", "j1", "theta1", "j2", "theta2")
    return dict(zip(names, np.array(rows, dtype=np.int8).T, strict=True))


def alpha(J: int, L: int = 8) -> float:
    """Scattering coefficients per pixel, K / 4^J; the paper expects S_J to be invertible while it exceeds 1."""
    return len(paths(J, L)["order"]) / 4**J


class Scattering2D(nn.Module):
    """S_J on images of one shape: (..., H, W) -> (..., K, H/2^J, W/2^J).

    Differentiable; at zero the modulus is given the gradient 0.

    Args:
        J: log2 of the scale of averaging, at least 1.
        shape: (H, W), multiples of 2^J.
        L: number of angles.
        max_order: 1 or 2.

    Raises:
        ValueError: for a J, L, order or shape that the transform is not defined for.
    """

    def __init__(self, J: int, shape: tuple[int, int], L: int = 8, max_order: int = 2):
        super().__init__()
        if J < 1 or L < 1:
            raise ValueError(f"J and L must be at least 1: got J={J}, L={L}.")
        if max_order not in (1, 2):
            raise ValueError(f"max_order must be 1 or 2: got {max_order}.")
        for side in shape:
            if side < 2**J or side % 2**J:
                raise ValueError(
                    f"each side must be a multiple of 2**J: got shape={tuple(shape)}, J={J}; crop or use a smaller J."
                )
        self.J, self.L, self.shape, self.max_order = J, L, tuple(shape), max_order
        self.K = len(paths(J, L, max_order)["order"])
        H, W = (side + 2 ** (J + 1) for side in shape)  # padded by 2^J on each side
        for axis, side in enumerate(shape):
            reflected = np.pad(np.arange(side), 2**J, mode="reflect")
            self.register_buffer(f"reflect{axis}", torch.from_numpy(reflected), persistent=False)
        self._register_wavelets(H, W)
        self._register_lowpass(H, W)

    def _register_wavelets(self, H: int, W: int) -> None:
        """psi{j}_at{r}: (L, H/2^r, W/2^r), the Fourier transforms of scale j at the resolution 2^-r."""
        J, L = self.J, self.L
        for j in range(J):
            psi = np.stack(
                [
                    np.fft.fft2(
                        morlet_2d(H, W, 0.8 * 2**j, (int(L - L / 2 - 1) - t) * np.pi / L, 0.75 * np.pi / 2**j, 4 / L)
                    ).real
                    for t in range(L)
                ]
            )
            for r in range(max(j, 1)):  # from the image (r = 0) or from a finer scale j1 = r < j
                self.register_buffer(f"psi{j}_at{r}", torch.from_numpy(_periodise(psi, r)).float(), persistent=False)

    def _register_lowpass(self, H: int, W: int) -> None:
        """rows{r}, columns{r}: (side/2^J, side_padded/2^r), filter with phi, subsample by 2^(J-r) and unpad."""
        phi = np.fft.fft2(gabor_2d(H, W, 0.8 * 2 ** (self.J - 1), 0, 0)).real
        for r in range(self.J):
            level = _periodise(phi, r)
            scale = np.sqrt(level[0, 0])
            for name, spectrum in (("rows", level[:, 0]), ("columns", level[0])):
                matrix = _subsampling_matrix(spectrum / scale, 2 ** (self.J - r))
                self.register_buffer(f"{name}{r}", torch.from_numpy(matrix).float(), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scatter a batch.

        Args:
            x: (..., H, W) real, any range (the pipeline gives [0, 1]).

        Returns:
            (..., K, H/2^J, W/2^J), in the units of x.

        Raises:
            ValueError: if the last two axes of x are not the shape that the filters were built for.
        """
        if x.shape[-2:] != self.shape:
            raise ValueError(f"x must have the shape (..., {self.shape[0]}, {self.shape[1]}): got {tuple(x.shape)}.")
        S = torch.cat([self._scatter(part) for part in x.reshape(-1, *self.shape).split(self._batch(x))])
        return S.reshape(*x.shape[:-2], *S.shape[1:])

    def _batch(self, x: torch.Tensor) -> int:
        """Images at once: on a CPU, few enough that the L complex planes of an image stay in the cache."""
        budget = 2**30 if x.is_cuda else 2**23  # bytes
        padded = len(self.reflect0) * len(self.reflect1)
        return max(1, budget // (2 * x.element_size() * self.L * padded))

    def _scatter(self, x: torch.Tensor) -> torch.Tensor:
        """(n, H, W) -> (n, K, H/2^J, W/2^J)."""
        U0 = x[:, self.reflect0][:, :, self.reflect1]  # (n, H_padded, W_padded)
        S0, S1, S2 = [self._lowpass(U0, 0)[:, None]], [], []
        U0_hat = torch.fft.fft2(U0)
        for j1 in range(self.J):
            U1 = self._propagate(U0_hat, j1, 0)  # (n, L, H/2^j1, W/2^j1)
            S1.append(self._lowpass(U1, j1))
            if self.max_order == 2 and j1 < self.J - 1:
                U1_hat = torch.fft.fft2(U1)
                below = [self._lowpass(self._propagate(U1_hat, j2, j1), j2) for j2 in range(j1 + 1, self.J)]
                S2.append(torch.stack(below, dim=2).flatten(1, 3))  # (n, t1, j2, t2, h, w) -> (n, paths of j1, h, w)
        return torch.cat(S0 + S1 + S2, dim=1)

    def _propagate(self, U_hat: torch.Tensor, j: int, r: int) -> torch.Tensor:
        """|U * psi_{j,t}| subsampled from the resolution 2^-r to 2^-j: (..., H, W) -> (..., L, H', W')."""
        return _modulus(torch.fft.ifft2(_product_and_fold(U_hat, getattr(self, f"psi{j}_at{r}"), 2 ** (j - r))))

    def _lowpass(self, U: torch.Tensor, r: int) -> torch.Tensor:
        """U * phi_J subsampled to 2^-J and unpadded: (..., H/2^r, W/2^r) -> (..., H/2^J, W/2^J)."""
        return getattr(self, f"rows{r}") @ (U @ getattr(self, f"columns{r}").T)


def _product_and_fold(x_hat: torch.Tensor, f_hat: torch.Tensor, k: int) -> torch.Tensor:
    """Mean over the k^2 aliases of each frequency of x_hat f_hat: the spectrum of x * f subsampled by k.

    (..., H, W) complex and (L, H, W) real -> (..., L, H/k, W/k) complex. For a large k this is one product of
    matrices per output frequency, (batch, k^2) with (k^2, L); for a small one, a short sum of products.
    """
    *batch, H, W = x_hat.shape
    L, h, w = len(f_hat), H // k, W // k
    if k == 1:
        return x_hat.unsqueeze(-3) * f_hat
    if k == 2:
        planes = torch.view_as_real(x_hat).movedim(-1, 0).reshape(2, -1, 1, k, h, k, w)
        f_hat = f_hat.reshape(L, k, h, k, w) / k**2
        folded = planes[:, :, :, 0, :, 0] * f_hat[:, 0, :, 0]
        for a, b in ((0, 1), (1, 0), (1, 1)):
            folded.addcmul_(planes[:, :, :, a, :, b], f_hat[:, a, :, b])
        return torch.complex(folded[0], folded[1]).reshape(*batch, L, h, w)
    aliases = torch.view_as_real(x_hat).reshape(-1, k, h, k, w, 2).permute(2, 4, 0, 5, 1, 3).reshape(h * w, -1, k * k)
    f_hat = f_hat.reshape(L, k, h, k, w).permute(2, 4, 1, 3, 0).reshape(h * w, k * k, L) / k**2
    folded = torch.bmm(aliases, f_hat).reshape(h, w, -1, 2, L).permute(2, 4, 0, 1, 3).contiguous()
    return torch.view_as_complex(folded).reshape(*batch, L, h, w)


def _modulus(u: torch.Tensor) -> torch.Tensor:
    """|u|; where no gradient is wanted, by a sum of squares, several times as fast as the complex absolute value."""
    if torch.is_grad_enabled() and u.requires_grad:
        return u.abs()
    u = torch.view_as_real(u)
    return torch.addcmul(u[..., 0] * u[..., 0], u[..., 1], u[..., 1]).sqrt_()


def _periodise(f_hat: np.ndarray, r: int) -> np.ndarray:
    """A filter at the resolution 2^-r: its spectrum cut to the band that remains, then folded, as kymatio does."""
    *_, H, W = f_hat.shape
    k = 2**r
    kept = np.ones((H, W))
    kept[H // (2 * k) : H // (2 * k) + int(H * (1 - 1 / k))] = 0
    kept[:, W // (2 * k) : W // (2 * k) + int(W * (1 - 1 / k))] = 0
    return (f_hat * kept).reshape(*f_hat.shape[:-2], k, H // k, k, W // k).sum(axis=(-4, -2))


def _subsampling_matrix(spectrum: np.ndarray, step: int) -> np.ndarray:
    """Circular convolution with a 1-D filter, every step-th sample kept, the first and the last dropped."""
    f = np.fft.ifft(spectrum).real
    side = len(f)
    kept = np.arange(0, side, step)[1:-1]
    return f[(kept[:, None] - np.arange(side)[None, :]) % side]
