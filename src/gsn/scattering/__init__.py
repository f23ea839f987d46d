"""The wavelet scattering transform S_J of images (section 3 of the paper; Bruna & Mallat 2013).

    S_J x = { x * phi_J,   |x * psi_{j1,t1}| * phi_J,   ||x * psi_{j1,t1}| * psi_{j2,t2}| * phi_J,   j1 < j2 < J }

subsampled by 2^J. psi are Morlet wavelets at L angles and phi_J is a Gaussian: the filters, the padding and the
order of the channels are kymatio's, so that the coefficients are the same numbers; the computation is batched over
filters. Convolutions are products in the Fourier domain; a subsampled convolution keeps the aliases only (product
and fold); the last low-pass and its subsampling are two small matrix products, because phi is separable.

    filters      psi and phi
    compiled     the same transform in compiled loops, for a CPU and where no gradient is wanted
    fused        product and fold in one kernel, for a GPU and where no gradient is wanted
"""

import functools
import logging
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch
from torch import nn
from torch.autograd import forward_ad

from gsn import runtime
from gsn.scattering import compiled, filters

log = logging.getLogger(__name__)


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


@torch.inference_mode()
def of_images(
    S: "Scattering2D", batches: Iterable[np.ndarray], *, device: torch.device, dtype: torch.dtype
) -> Iterator[torch.Tensor]:
    """S_J of images of 8 bits, taken to be in [0, 1], with the channels of all colours in a row.

    Args:
        S: the transform.
        batches: of images, (n, c, H, W) uint8.
        device: where to compute.
        dtype: of the results. float16 has 11 bits: coefficients below 1 are rounded by at most 2^-12.

    Yields:
        (n, c K, H/2^J, W/2^J) of each batch, on the device; the K paths of the first colour come first.
    """
    for x in batches:
        yield S(torch.from_numpy(x).to(device).float() / 255).flatten(1, 2).to(dtype)


class Scattering2D(nn.Module):
    """S_J on images of one shape: (..., H, W) -> (..., K, H/2^J, W/2^J), in float32 or float64, where x is.

    Differentiable; at zero the modulus is given the gradient 0. The filters follow the device and the precision of x.
    Where no gradient is wanted the same numbers come faster, from compiled loops on a CPU and from a kernel on a GPU.

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
        self._bank = filters.bank(J, self.shape, L)
        self._known = {}  # what was made of the bank, for each precision and device

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scatter a batch.

        Args:
            x: (..., H, W) real, any range (the pipeline gives [0, 1]).

        Returns:
            (..., K, H/2^J, W/2^J), in the units of x.

        Raises:
            ValueError: if the last two axes of x are not the shape that the filters were built for, or its numbers
                neither float32 nor float64.
        """
        if not isinstance(x, torch.Tensor):
            raise ValueError(f"x must be a torch.Tensor: got {type(x).__name__}; use torch.from_numpy(x).")
        if x.shape[-2:] != self.shape:
            raise ValueError(f"x must have the shape (..., {self.shape[0]}, {self.shape[1]}): got {tuple(x.shape)}.")
        if x.dtype not in (torch.float32, torch.float64):
            scale = " / 255" if x.dtype == torch.uint8 else ""
            raise ValueError(f"x must be of float32 or float64: got {x.dtype}; use x.float(){scale}.")
        planes = x.reshape(-1, *self.shape)
        differentiable = (torch.is_grad_enabled() and x.requires_grad) or _transformed(x)
        if x.device.type == "cpu" and not differentiable:
            S = self._compiled(planes.detach().contiguous())
        else:
            kernel = _kernel() if x.is_cuda and not differentiable else None
            S = torch.cat([self._scatter(part, kernel) for part in planes.split(self._batch(x))])
        return S.reshape(*x.shape[:-2], *S.shape[1:])

    def extra_repr(self) -> str:
        return f"J={self.J}, shape={self.shape}, L={self.L}, max_order={self.max_order}"

    def _compiled(self, x: torch.Tensor) -> torch.Tensor:
        if (transform := self._known.get(x.dtype)) is None:
            transform = compiled.Transform(self._bank, self.max_order, x.numpy().dtype)
            self._known[x.dtype] = transform
        S = x.new_empty(len(x), self.K, *(side // 2**self.J for side in self.shape))
        transform(x.numpy(), S.numpy(), torch.get_num_threads())
        return S

    def _filter(self, x: torch.Tensor, name: str, *key: int) -> torch.Tensor:
        """A filter of the bank, where x is and as precise as x."""
        known = (x.real.dtype, x.device, name, *key)
        if known not in self._known:
            matrices = getattr(self._bank, name)
            with torch.inference_mode(False):  # or no gradient could be taken later
                matrix = matrices[key if len(key) > 1 else key[0]]
                if name != "reflect":  # here, since torch.func would wrap what torch casts
                    matrix = matrix.astype(str(x.real.dtype).removeprefix("torch."))
                self._known[known] = torch.from_numpy(matrix).to(x.device)
        return self._known[known]

    def _batch(self, x: torch.Tensor) -> int:
        """Images at once, so that the spectra of all angles of a scale stay within a budget."""
        budget = 2**29 if x.is_cuda else 2**23  # bytes
        padded = np.prod([len(places) for places in self._bank.reflect])
        return max(1, int(budget // (2 * x.element_size() * self.L * padded)))

    def _scatter(self, x: torch.Tensor, kernel: Callable | None) -> torch.Tensor:
        """(n, H, W) -> (n, K, H/2^J, W/2^J)."""
        fft2, fold = (torch.fft.rfft2, kernel) if kernel else (torch.fft.fft2, _product_and_fold)
        reflect0, reflect1 = (self._filter(x, "reflect", axis) for axis in (0, 1))
        U0 = x[:, reflect0][:, :, reflect1]  # (n, H_padded, W_padded)
        S0, S1, S2 = [self._lowpass(U0, 0)[:, None]], [], []
        U0_hat = fft2(U0)
        for j1 in range(self.J):
            U1 = self._propagate(U0_hat, j1, 0, fold)  # (n, L, H/2^j1, W/2^j1)
            S1.append(self._lowpass(U1, j1))
            if self.max_order == 2 and j1 < self.J - 1:
                U1_hat = fft2(U1)
                deeper = range(j1 + 1, self.J)
                below = [self._lowpass(self._propagate(U1_hat, j2, j1, fold), j2) for j2 in deeper]
                S2.append(torch.stack(below, dim=2).flatten(1, 3))  # (n, t1, j2, t2, h, w) -> (n, paths of j1, h, w)
        return torch.cat(S0 + S1 + S2, dim=1)

    def _propagate(self, U_hat: torch.Tensor, j: int, r: int, fold: Callable) -> torch.Tensor:
        """|U * psi_{j,t}| subsampled from the resolution 2^-r to 2^-j: (..., H, W) -> (..., L, H', W')."""
        return torch.fft.ifft2(fold(U_hat, self._filter(U_hat, "psi", j, r), 2 ** (j - r)), norm="forward").abs()

    def _lowpass(self, U: torch.Tensor, r: int) -> torch.Tensor:
        """U * phi_J subsampled to 2^-J and unpadded: (..., H/2^r, W/2^r) -> (..., H/2^J, W/2^J)."""
        return self._filter(U, "rows", r) @ (U @ self._filter(U, "columns", r).T)


def _transformed(x: torch.Tensor) -> bool:
    """Whether x carries a tangent, or is one of torch.func's: only torch's own operations know what to do then."""
    return torch._C._functorch.is_functorch_wrapped_tensor(x) or forward_ad.unpack_dual(x).tangent is not None


@functools.cache
def _kernel() -> Callable | None:
    """`fused.product_and_fold`; None where Triton cannot compile it (it needs Linux and a C compiler)."""
    try:
        from gsn.scattering.fused import product_and_fold

        x_hat, f_hat = torch.zeros(1, 2, 2, dtype=torch.complex64), torch.zeros(1, 2, 2)
        product_and_fold(x_hat.to(runtime.device()), f_hat.to(runtime.device()), 1)
    except Exception as error:  # Triton has many
        log.warning("scattering runs without its kernel, more slowly: %s", error)
        return None
    return product_and_fold


def _product_and_fold(x_hat: torch.Tensor, f_hat: torch.Tensor, k: int) -> torch.Tensor:
    """The sum over the k^2 aliases of each frequency of x_hat f_hat, over H W.

    That is the spectrum of x * f subsampled by k, for an inverse FFT without a norm: (..., H, W) complex and (L, H, W)
    real -> (..., L, H/k, W/k) complex. For a large k it is one product of matrices per output frequency, (batch, k^2)
    with (k^2, L); for a small one, a short sum of products.
    """
    *batch, H, W = x_hat.shape
    L, h, w = len(f_hat), H // k, W // k
    f_hat = f_hat / (H * W)
    if k == 1:
        return x_hat.unsqueeze(-3) * f_hat
    if k == 2:
        planes = torch.view_as_real(x_hat).movedim(-1, 0).reshape(2, -1, 1, k, h, k, w)
        f_hat = f_hat.reshape(L, k, h, k, w)
        folded = planes[:, :, :, 0, :, 0] * f_hat[:, 0, :, 0]
        for a, b in ((0, 1), (1, 0), (1, 1)):
            folded.addcmul_(planes[:, :, :, a, :, b], f_hat[:, a, :, b])
        return torch.complex(folded[0], folded[1]).reshape(*batch, L, h, w)
    aliases = torch.view_as_real(x_hat).reshape(-1, k, h, k, w, 2).permute(2, 4, 0, 5, 1, 3).reshape(h * w, -1, k * k)
    f_hat = f_hat.reshape(L, k, h, k, w).permute(2, 4, 1, 3, 0).reshape(h * w, k * k, L)
    folded = torch.bmm(aliases, f_hat).reshape(h, w, -1, 2, L).permute(2, 4, 0, 1, 3).contiguous()
    return torch.view_as_complex(folded).reshape(*batch, L, h, w)
