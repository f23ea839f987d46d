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
    arguments    checks of the arguments
    tracing      whether torch records or replaces the operations
    images       the transform of 8-bit images, batch by batch
    filters      psi and phi
    cascade      the transform in operations of torch
    folding      product and fold, with gradients
    nonzeros     the wavelets for the compiled loops
    compiled     the whole transform in compiled loops, for a CPU
    adjoint      its gradient in compiled loops; path_loops has the loops of both
    differentiable  both as an operation of torch
    fused        product and fold in one kernel, for a GPU when no gradient is needed
    kernels      whether that kernel can be compiled
    stored       the coefficients of a data set as arrays of a store; cosine has their transform
"""

import dataclasses
import math
import re
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from gsn.runtime import precision
from gsn.transforms.scattering2d import (
    arguments,
    cascade,
    compiled,
    filters,
    kernels,
    tracing,
)
from gsn.transforms.scattering2d.differentiable import Scattering, coefficients
from gsn.transforms.scattering2d.images import of_images
from gsn.transforms.scattering2d.path_table import alpha, listed, paths

__all__ = ["Scattering2D", "alpha", "of_images", "paths"]


class Scattering2D(nn.Module):
    """The scattering transform S_J of images of one shape.

        (..., H, W) -> (..., K, H/2^J, W/2^J),        K = 1 + L J + L^2 J (J - 1) / 2

    The module docstring has the equations. The transform computes on the device and in the
    precision of x, float32 or float64, whatever autocast and the default dtype say. It is
    differentiable, and the gradient of the modulus at 0 is 0. Where nothing traces the operations,
    a faster path gives the same numbers: compiled loops on a CPU, with a gradient in compiled loops
    too; on a GPU, when no gradient is needed, one kernel per pair of scales.

    The arguments and the numbers are kymatio's. A side that is not a multiple of 2^J is padded as
    kymatio does, and the output has floor(H/2^J) rows. Periodic images are not padded, and with
    `moments` the last average is the mean over all pixels:

        (..., H, W) -> (..., K)

    Args:
        J: Scale of averaging, as log2, at least 1.
        shape: Height and width (H, W) of the images in pixels, at least 2^J.
        L: Number of angles, at least 1.
        max_order: Largest number of wavelets on a path, 1 or 2.
        pre_pad: Whether the images are padded already, to `padded`.
        backend, frontend: `torch`, for programs that were written for kymatio.
        boundary: `reflect`, as in kymatio, or `periodic`, for even sides.
        moments: Whether the coefficients are means over the pixels of periodic images. Otherwise
            the sides of periodic images must be multiples of 2^J.
        oversampling: Log2 of the factor by which a modulus has finer samples than 2^j. With 0, as
            in kymatio, aliases change a coefficient by some tenths of a per cent.
        out_type: `array`, or `list` for one dictionary a channel, with `coef`, `j`, `n`, `theta`.

    Attributes:
        K: Number of scattering channels of one colour.
        padded: Sides of the padded images, in pixels.

    Raises:
        ValueError: An argument is of the wrong kind or out of range, or a side is less than 2^J.

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

    def __init__(
        self,
        J: int,
        shape: tuple[int, int],
        L: int = 8,
        max_order: int = 2,
        pre_pad: bool = False,
        backend: str | None = None,
        out_type: str = "array",
        frontend: str = "torch",
        *,
        boundary: str = "reflect",
        moments: bool = False,
        oversampling: int = 0,
    ):
        super().__init__()
        arguments.of_kymatio(pre_pad=pre_pad, out_type=out_type, backend=backend, frontend=frontend)
        self.J, self.L, self.max_order = arguments.scales_and_angles(J, L, max_order)
        self.shape = arguments.sides(shape, self.J)
        arguments.boundary(self.shape, self.J, boundary, moments, pre_pad, oversampling)
        self.pre_pad, self.out_type, self.moments = pre_pad, out_type, moments
        grids = {"periodic": boundary == "periodic", "means": moments, "oversampling": oversampling}
        self.boundary, self._bank = boundary, filters.bank(self.J, self.shape, self.L, **grids)
        if pre_pad:
            self._bank = dataclasses.replace(self._bank, reflect=tuple(map(np.arange, self.padded)))
        self.K = len(self.meta()["order"])
        self._known = {}  # filters already converted, for each precision and device

    @property
    def padded(self) -> tuple[int, int]:
        """Sides of the padded images, in pixels."""
        return self._bank.shape

    @property
    def _sides(self) -> tuple[int, ...]:
        """Sides of the output, 1 x 1 for moments."""
        return len(self._bank.rows[0]), len(self._bank.columns[0])

    def meta(self) -> dict[str, np.ndarray]:
        """Return the path of each channel, as `paths` does."""
        return paths(self.J, self.L, self.max_order)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the scattering coefficients of a batch.

        Args:
            x: Images, (..., H, W) float32 or float64, in any range. The pipeline uses [0, 1]. A
                numpy array is accepted too.

        Returns:
            Coefficients, (..., K, H/2^J, W/2^J), in the kind, dtype and units of x. With
            out_type="list", one dictionary a channel with the coefficients `coef`, (..., H/2^J,
            W/2^J), the scales `j`, the numbers of the filters `n` and the angles `theta`.

        Raises:
            ValueError: x is not a dense array of float32 or float64, or its last two axes do not
                have the shape of the filters.
        """
        if isinstance(x, np.ndarray):
            S = self.forward(arguments.tensor(x))
            as_list = isinstance(S, list)
            return [c | {"coef": c["coef"].numpy()} for c in S] if as_list else S.numpy()
        arguments.image(x, self.padded if self.pre_pad else self.shape, self.pre_pad)
        with precision.without_autocast(x.device):
            S = self._coefficients(x.reshape(math.prod(x.shape[:-2]), *x.shape[-2:]))
        S = S.reshape(*x.shape[:-2], *(S.shape[1:2] if self.moments else S.shape[1:]))
        return listed(S, self.meta(), self.L, self.moments) if self.out_type == "list" else S

    scattering = forward  # kymatio's name

    def averaged(self, x: torch.Tensor, average: Callable) -> torch.Tensor:
        """Return the coefficients of planes, (n, H, W), with another average than the low-pass.

        The average is a function of a modulus, (..., h, w), and its scale j, as in `cascade`.
        """
        return self._scatter(x, None, average)

    def _coefficients(self, x: torch.Tensor) -> torch.Tensor:
        """Return the coefficients of planes, (n, H, W), by the fastest path that is allowed."""
        recorded = tracing.records()
        if not recorded and not len(x):
            return x.reshape(0, self.K, *self._sides)
        x, scale = cascade.scaled(x)
        differentiable = (torch.is_grad_enabled() and x.requires_grad) or tracing.follows(x)
        if x.device.type == "cpu" and not tracing.follows(x):
            loops, shape = self._loops(x.dtype), (self.K, *self._sides)
            if differentiable:
                S = Scattering.apply(x, loops, shape, lambda x: self._scatter(x, None))
            else:
                S = coefficients(x, loops, shape)
        else:
            kernel = kernels.product_and_fold() if x.is_cuda and not differentiable else None
            parts = [x] if recorded else x.split(cascade.batch(x, self.L * math.prod(self.padded)))
            S = torch.cat([self._scatter(part, kernel) for part in parts])
        return S if scale is None else S * scale[:, None]

    def __prepare_scriptable__(self) -> None:
        """Refuse torch.jit.script, which compiles the source and not the operations."""
        raise TypeError("torch.jit.script cannot compile Scattering2D; use torch.jit.trace.")

    def __getstate__(self) -> dict:
        """Return the state without the converted filters, for a copy or a pickle."""
        return self.__dict__ | {"_known": {}}

    def _load_from_state_dict(self, state: dict, prefix: str, *rest: object) -> None:
        """Ignore the filters of a transform of kymatio, which its state dict holds."""
        for key in [k for k in state if re.fullmatch(re.escape(prefix) + r"tensor\d+", k)]:
            del state[key]
        super()._load_from_state_dict(state, prefix, *rest)

    def extra_repr(self) -> str:
        """Return the parameters, for the representation of the module."""
        return f"J={self.J}, shape={self.shape}, L={self.L}, max_order={self.max_order}"

    def _loops(self, dtype: torch.dtype) -> compiled.Transform:
        """Return the compiled transform of a precision."""
        if dtype not in self._known:
            kind = np.dtype(str(dtype).removeprefix("torch."))
            self._known[dtype] = compiled.Transform(self._bank, self.max_order, kind)
        return self._known[dtype]

    def _filter(self, x: torch.Tensor, name: str, *key: int) -> torch.Tensor:
        """Return a filter of the bank on the device and in the precision of x."""
        dtype, device = x.real.dtype, x.device  # a wrapped x has no real part in the block below
        known = (dtype, device, name, *key)
        if known not in self._known:
            with tracing.paused():  # no transform, mode or trace may wrap what is kept
                psi = name == "psi"  # of one scale, at all resolutions
                matrices = self._bank.psi(key[0]) if psi else getattr(self._bank, name)
                for r, matrix in enumerate(matrices):
                    if name != "reflect":
                        matrix = matrix.astype(str(dtype).removeprefix("torch."))
                    place = (*known[:3], r) if not psi else (*known[:4], r)
                    self._known[place] = torch.from_numpy(matrix).to(device)
        return tracing.beside(self._known[known], x)

    def _scatter(
        self, x: torch.Tensor, kernel: Callable | None, average: Callable | None = None
    ) -> torch.Tensor:
        """Scatter (n, H, W) with operations of torch: (n, K, H/2^J, W/2^J)."""
        tree = {"resolution": self._bank.resolution, "max_order": self.max_order}
        return cascade.scatter(x, self._filter, **tree, kernel=kernel, average=average)
