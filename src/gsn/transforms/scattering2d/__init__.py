"""The wavelet scattering transform S_J of images.

    S_J x = { x * phi_J,
              |x * psi_{j1,t1}| * phi_J,
              ||x * psi_{j1,t1}| * psi_{j2,t2}| * phi_J },        0 <= j1 < j2 < J,

subsampled by 2^J (Bruna & Mallat 2013; Angles & Mallat 2018, section 3). The psi are Morlet
wavelets at L angles, and phi_J is a Gaussian. The filters, the padding and the order of the
channels are kymatio's (Andreux et al. 2020), so the coefficients are the same numbers.

All filters of a scale are applied at once. A convolution is a product in the Fourier domain. A
subsampling then folds the spectrum: it adds up the aliases. The last low-pass and its
subsampling are two small matrix products, because phi is separable.

    path_table   the path of each channel
    images       the transform of 8-bit images, batch by batch
    filters      psi and phi
    folding      product and fold, with gradients
    compiled     the whole transform in compiled loops, for a CPU when no gradient is needed
    fused        product and fold in one kernel, for a GPU when no gradient is needed
    stored       the coefficients of a data set as arrays of a store
"""

import functools
import logging
from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.autograd import forward_ad

from gsn.runtime import machine
from gsn.transforms.scattering2d import compiled, filters, folding
from gsn.transforms.scattering2d.images import of_images
from gsn.transforms.scattering2d.path_table import alpha, paths

__all__ = ["Scattering2D", "alpha", "of_images", "paths"]

log = logging.getLogger(__name__)


class Scattering2D(nn.Module):
    """The scattering transform S_J of images of one shape.

        (..., H, W) -> (..., K, H/2^J, W/2^J),        K = 1 + L J + L^2 J (J - 1) / 2

    The module docstring has the equations. The transform computes on the device and in the
    precision of x, float32 or float64. It is differentiable, and the gradient of the modulus at 0
    is 0. When no gradient is needed, a faster path gives the same numbers: compiled loops on a
    CPU, one kernel per pair of scales on a GPU.

    Args:
        J: Scale of averaging, as log2, at least 1.
        shape: Height and width (H, W) of the images in pixels, multiples of 2^J.
        L: Number of angles, at least 1.
        max_order: Largest number of wavelets on a path, 1 or 2.

    Attributes:
        K: Number of scattering channels of one colour.

    Raises:
        ValueError: J, L or max_order is out of range, or a side is not a multiple of 2^J.

    References:
        J. Bruna and S. Mallat, Invariant scattering convolution networks, IEEE TPAMI 35(8), 2013.

        T. Angles and S. Mallat, Generative networks as inverse problems with scattering
        transforms, ICLR, 2018.

        M. Andreux et al., Kymatio: Scattering transforms in Python, JMLR 21, 2020.

    Example:
        >>> import torch
        >>> from gsn.transforms import Scattering2D
        >>> Scattering2D(J=3, shape=(32, 32))(torch.rand(8, 3, 32, 32)).shape
        torch.Size([8, 3, 217, 4, 4])
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
                    f"each side must be a multiple of 2**J: got shape={tuple(shape)}, J={J}; "
                    "crop or use a smaller J."
                )
        self.J, self.L, self.shape, self.max_order = J, L, tuple(shape), max_order
        self.K = len(paths(J, L, max_order)["order"])
        self._bank = filters.bank(J, self.shape, L)
        self._known = {}  # filters already converted, for each precision and device

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the scattering coefficients of a batch.

        Args:
            x: Images, (..., H, W) float32 or float64, in any range. The pipeline uses [0, 1].

        Returns:
            Coefficients, (..., K, H/2^J, W/2^J), in the dtype and units of x.

        Raises:
            ValueError: x is not a tensor of float32 or float64, or its last two axes do not have
                the shape of the filters.
        """
        if not isinstance(x, torch.Tensor):
            raise ValueError(
                f"x must be a torch.Tensor: got {type(x).__name__}; use torch.from_numpy(x)."
            )
        if x.shape[-2:] != self.shape:
            raise ValueError(
                f"x must have the shape (..., {self.shape[0]}, {self.shape[1]}): "
                f"got {tuple(x.shape)}."
            )
        if x.dtype not in (torch.float32, torch.float64):
            scale = " / 255" if x.dtype == torch.uint8 else ""
            raise ValueError(f"x must be float32 or float64: got {x.dtype}; use x.float(){scale}.")
        planes = x.reshape(-1, *self.shape)
        differentiable = (torch.is_grad_enabled() and x.requires_grad) or _transformed(x)
        if x.device.type == "cpu" and not differentiable:
            S = self._compiled(planes.detach().contiguous())
        else:
            kernel = _kernel() if x.is_cuda and not differentiable else None
            S = torch.cat([self._scatter(part, kernel) for part in planes.split(self._batch(x))])
        return S.reshape(*x.shape[:-2], *S.shape[1:])

    def extra_repr(self) -> str:
        """Return the parameters, for the representation of the module."""
        return f"J={self.J}, shape={self.shape}, L={self.L}, max_order={self.max_order}"

    def _compiled(self, x: torch.Tensor) -> torch.Tensor:
        """Scatter (n, H, W) in compiled loops: (n, K, H/2^J, W/2^J)."""
        if (transform := self._known.get(x.dtype)) is None:
            transform = compiled.Transform(self._bank, self.max_order, x.numpy().dtype)
            self._known[x.dtype] = transform
        S = x.new_empty(len(x), self.K, *(side // 2**self.J for side in self.shape))
        transform(x.numpy(), S.numpy(), torch.get_num_threads())
        return S

    def _filter(self, x: torch.Tensor, name: str, *key: int) -> torch.Tensor:
        """Return a filter of the bank on the device and in the precision of x."""
        known = (x.real.dtype, x.device, name, *key)
        if known not in self._known:
            matrices = getattr(self._bank, name)
            with torch.inference_mode(False):  # gradients may be needed later
                matrix = matrices[key if len(key) > 1 else key[0]]
                if name != "reflect":  # numpy casts it: torch.func would wrap a cast by torch
                    matrix = matrix.astype(str(x.real.dtype).removeprefix("torch."))
                self._known[known] = torch.from_numpy(matrix).to(x.device)
        return self._known[known]

    def _batch(self, x: torch.Tensor) -> int:
        """Return the batch for which the spectra of all angles of a scale stay within a budget."""
        budget = 2**29 if x.is_cuda else 2**23  # bytes
        padded = np.prod([len(places) for places in self._bank.reflect])
        return max(1, int(budget // (2 * x.element_size() * self.L * padded)))

    def _scatter(self, x: torch.Tensor, kernel: Callable | None) -> torch.Tensor:
        """Scatter (n, H, W) with operations of torch: (n, K, H/2^J, W/2^J)."""
        fft2 = torch.fft.rfft2 if kernel else torch.fft.fft2
        fold = kernel or folding.product_and_fold
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
                second = torch.stack(below, dim=2)  # (n, t1, j2, t2, h, w)
                S2.append(second.flatten(1, 3))  # (n, paths of j1, h, w)
        return torch.cat(S0 + S1 + S2, dim=1)

    def _propagate(self, U_hat: torch.Tensor, j: int, r: int, fold: Callable) -> torch.Tensor:
        """Return |U * psi_{j,t}| at the resolution 2^-j, for U at the resolution 2^-r.

        (..., H, W) -> (..., L, H / 2^(j - r), W / 2^(j - r)).
        """
        folded = fold(U_hat, self._filter(U_hat, "psi", j, r), 2 ** (j - r))
        return torch.fft.ifft2(folded, norm="forward").abs()

    def _lowpass(self, U: torch.Tensor, r: int) -> torch.Tensor:
        """Return U * phi_J, subsampled to 2^-J and unpadded.

        (..., H_padded/2^r, W_padded/2^r) -> (..., H/2^J, W/2^J).
        """
        return self._filter(U, "rows", r) @ (U @ self._filter(U, "columns", r).T)


def _transformed(x: torch.Tensor) -> bool:
    """Return whether x carries a tangent or is wrapped by torch.func.

    Only torch's own operations can handle such tensors.
    """
    return (
        torch._C._functorch.is_functorch_wrapped_tensor(x)
        or forward_ad.unpack_dual(x).tangent is not None
    )


@functools.cache
def _kernel() -> Callable | None:
    """Return `fused.product_and_fold`, or None if Triton cannot compile it.

    Triton needs Linux and a C compiler.
    """
    try:
        from gsn.transforms.scattering2d.fused import product_and_fold

        x_hat, f_hat = torch.zeros(1, 2, 2, dtype=torch.complex64), torch.zeros(1, 2, 2)
        product_and_fold(x_hat.to(machine.device()), f_hat.to(machine.device()), 1)
    except Exception as error:  # Triton raises many kinds
        log.warning("scattering runs without its kernel, which is slower: %s", error)
        return None
    return product_and_fold
