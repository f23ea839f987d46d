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
    compiled     the whole transform in compiled loops, for a CPU when no gradient is needed
    fused        product and fold in one kernel, for a GPU when no gradient is needed
    stored       the coefficients of a data set as arrays of a store
"""

import dataclasses
import functools
import logging
import math
import re
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from gsn.runtime import machine, precision
from gsn.transforms.scattering2d import arguments, cascade, compiled, filters, tracing
from gsn.transforms.scattering2d.images import of_images
from gsn.transforms.scattering2d.path_table import alpha, paths

__all__ = ["Scattering2D", "alpha", "of_images", "paths"]

log = logging.getLogger(__name__)


class Scattering2D(nn.Module):
    """The scattering transform S_J of images of one shape.

        (..., H, W) -> (..., K, H/2^J, W/2^J),        K = 1 + L J + L^2 J (J - 1) / 2

    The module docstring has the equations. The transform computes on the device and in the
    precision of x, float32 or float64, whatever autocast and the default dtype say. It is
    differentiable, and the gradient of the modulus at 0 is 0. When no gradient is needed and
    nothing traces the operations, a faster path gives the same numbers: compiled loops on a CPU,
    one kernel per pair of scales on a GPU.

    The arguments and the numbers are kymatio's. A side that is not a multiple of 2^J is padded as
    kymatio does, and the output has floor(H/2^J) rows.

    Args:
        J: Scale of averaging, as log2, at least 1.
        shape: Height and width (H, W) of the images in pixels, at least 2^J.
        L: Number of angles, at least 1.
        max_order: Largest number of wavelets on a path, 1 or 2.
        pre_pad: Whether the images are padded already, to `padded`.
        backend, frontend: `torch`, for programs that were written for kymatio.
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
    ):
        super().__init__()
        arguments.of_kymatio(pre_pad=pre_pad, out_type=out_type, backend=backend, frontend=frontend)
        self.J, self.L, self.max_order = arguments.scales_and_angles(J, L, max_order)
        self.shape = arguments.sides(shape, self.J)
        self.pre_pad, self.out_type = pre_pad, out_type
        self._bank = filters.bank(self.J, self.shape, self.L)
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
        """Sides of the output."""
        return tuple(side // 2**self.J - 2 for side in self.padded)

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
            listed = isinstance(S, list)
            return [c | {"coef": c["coef"].numpy()} for c in S] if listed else S.numpy()
        arguments.image(x, self.padded if self.pre_pad else self.shape, self.pre_pad)
        with precision.without_autocast(x.device):
            S = self._coefficients(x.reshape(math.prod(x.shape[:-2]), *x.shape[-2:]))
        S = S.reshape(*x.shape[:-2], *S.shape[1:])
        return self._listed(S) if self.out_type == "list" else S

    scattering = forward  # kymatio's name

    def _listed(self, S: torch.Tensor) -> list[dict]:
        """Return the channels as kymatio lists them."""
        table, channels = self.meta(), []
        for k, order in enumerate(table["order"]):
            j, theta = (
                tuple(int(table[f"{name}{m}"][k]) for m in range(1, order + 1))
                for name in ("j", "theta")
            )
            n = tuple(scale * self.L + angle for scale, angle in zip(j, theta, strict=True))
            channels.append({"coef": S[..., k, :, :], "j": j, "n": n, "theta": theta})
        return channels

    def _coefficients(self, x: torch.Tensor) -> torch.Tensor:
        """Return the coefficients of planes, (n, H, W), by the fastest path that is allowed."""
        recorded = tracing.records()
        if not recorded and not len(x):
            return x.reshape(0, self.K, *self._sides)
        x, scale = cascade.scaled(x)
        differentiable = (torch.is_grad_enabled() and x.requires_grad) or tracing.follows(x)
        if x.device.type == "cpu" and not differentiable:
            S = self._compiled(x.detach().resolve_neg().contiguous())
        else:
            kernel = _kernel() if x.is_cuda and not differentiable else None
            parts = [x] if recorded else x.split(self._batch(x))
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

    def _compiled(self, x: torch.Tensor) -> torch.Tensor:
        """Scatter (n, H, W) in compiled loops: (n, K, H/2^J, W/2^J)."""
        if (transform := self._known.get(x.dtype)) is None:
            transform = compiled.Transform(self._bank, self.max_order, x.numpy().dtype)
            self._known[x.dtype] = transform
        S = x.new_empty(len(x), self.K, *self._sides)
        transform(x.numpy(), S.numpy(), torch.get_num_threads())
        return S

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

    def _batch(self, x: torch.Tensor) -> int:
        """Return the batch for which the spectra of all angles of a scale stay within a budget."""
        budget = 2**29 if x.is_cuda else 2**23  # bytes
        return max(1, budget // (2 * x.element_size() * self.L * math.prod(self.padded)))

    def _scatter(self, x: torch.Tensor, kernel: Callable | None) -> torch.Tensor:
        """Scatter (n, H, W) with operations of torch: (n, K, H/2^J, W/2^J)."""
        return cascade.scatter(x, self._filter, J=self.J, max_order=self.max_order, kernel=kernel)


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
