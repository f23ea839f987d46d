"""Linear operators A and their adjoints A^T, for batches of images.

    <A x, y> = <x, A^T y>

An operator maps images, (..., H, W), to measurements, (..., *measured). It computes on the device
and in the precision of its argument, and its gradient is its adjoint, so it may stand anywhere in a
function that torch differentiates.

    sampling    blur and decimation, and their exact pseudo-inverse
    radon       the Radon transform with parallel beams

An object of deepinv's `physics` becomes an operator by `Physics`.
"""

import abc
from typing import Any

import torch

from gsn.runtime import arguments

__all__ = ["Identity", "Mask", "Operator", "Physics", "square_norm"]


class _Product(torch.autograd.Function):
    """A x with the gradient A^T g, which is differentiable in its turn."""

    @staticmethod
    def forward(ctx, x, product, adjoint):
        ctx.product, ctx.adjoint = product, adjoint
        return product(x)

    @staticmethod
    def backward(ctx, g):
        return _Product.apply(g, ctx.adjoint, ctx.product), None, None


class Operator(abc.ABC):
    """A linear operator on images of one shape.

    Args:
        shape: Height and width (H, W) of the images.
        measured: Shape of a measurement.
    """

    def __init__(self, shape: tuple[int, int], measured: tuple[int, ...]):
        self.shape, self.measured = tuple(shape), tuple(measured)
        self._known: dict = {}

    @abc.abstractmethod
    def product(self, x: torch.Tensor) -> torch.Tensor:
        """Return A x of images, (n, H, W) -> (n, *measured)."""

    @abc.abstractmethod
    def transposed(self, y: torch.Tensor) -> torch.Tensor:
        """Return A^T y of measurements, (n, *measured) -> (n, H, W)."""

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Return A x, (..., H, W) -> (..., *measured).

        Raises:
            ValueError: The images have another shape.
        """
        return self._applied("x", x, self.shape, self.product, self.transposed)

    def adjoint(self, y: torch.Tensor) -> torch.Tensor:
        """Return A^T y, (..., *measured) -> (..., H, W).

        Raises:
            ValueError: The measurements have another shape.
        """
        return self._applied("y", y, self.measured, self.transposed, self.product)

    def _applied(self, name, values, shape, product, adjoint):
        batch = values.shape[: values.ndim - len(shape)]
        if tuple(values.shape[len(batch) :]) != shape or not values.is_floating_point():
            raise ValueError(
                f"{name} must be float of the shape (..., {', '.join(map(str, shape))}): got "
                f"{values.dtype} of {tuple(values.shape)}; use the operator of its shape."
            )
        found = _Product.apply(values.reshape(-1, *shape), product, adjoint)
        return found.reshape(*batch, *found.shape[1:])

    def _as(self, like: torch.Tensor, name: str, matrix: torch.Tensor) -> torch.Tensor:
        """Return a matrix of the operator in the precision and on the device of a tensor."""
        key = name, like.dtype, like.device
        if key not in self._known:
            self._known[key] = matrix.to(like.device, like.dtype)
        return self._known[key]


class Identity(Operator):
    """The identity, whose measurements are the images: noise is all that is removed.

    Example:
        >>> import torch
        >>> from gsn.inverse.operators import Identity
        >>> Identity((2, 2))(torch.ones(3, 2, 2)).shape
        torch.Size([3, 2, 2])
    """

    def __init__(self, shape: tuple[int, int]):
        super().__init__(shape, shape)

    def product(self, x: torch.Tensor) -> torch.Tensor:
        """Return x."""
        return x.clone()

    def transposed(self, y: torch.Tensor) -> torch.Tensor:
        """Return y."""
        return y.clone()


class Mask(Operator):
    """The product with a mask, such as 1 at the pixels that are known and 0 at the others.

    Args:
        mask: Weights of the pixels, (H, W) bool or float.

    Example:
        >>> import torch
        >>> from gsn.inverse.operators import Mask
        >>> Mask(torch.tensor([[True, False]]))(torch.tensor([[3.0, 4.0]]))
        tensor([[3., 0.]])
    """

    def __init__(self, mask: torch.Tensor):
        mask = torch.as_tensor(mask)
        if mask.ndim != 2 or not torch.isfinite(mask).all():
            raise ValueError(
                f"mask must be finite of the shape (H, W): got {tuple(mask.shape)}; "
                "use one of an image."
            )
        super().__init__(tuple(mask.shape), tuple(mask.shape))
        self.mask = mask.double()

    def product(self, x: torch.Tensor) -> torch.Tensor:
        """Return the product of x and the mask."""
        return x * self._as(x, "mask", self.mask)

    transposed = product


class Physics(Operator):
    """An operator of deepinv, or any object with the methods `A` and `A_adjoint`.

    These take and return batches with an axis of channels, (n, 1, ...). deepinv need not be
    installed: the object is used as it is.

    Args:
        physics: Object, such as `deepinv.physics.Tomography(angles, img_width=64)`.
        shape: Height and width (H, W) of its images.

    Example:
        >>> import torch
        >>> from gsn.inverse.operators import Physics
        >>> class Halved:
        ...     def A(self, x):
        ...         return x / 2
        ...     A_adjoint = A
        >>> Physics(Halved(), (4, 4))(torch.ones(1, 4, 4))[0, 0, 0]
        tensor(0.5000)
    """

    def __init__(self, physics: Any, shape: tuple[int, int]):
        self.physics = physics
        probe = physics.A(torch.zeros(1, 1, *shape))
        super().__init__(shape, tuple(probe.shape[2:]))

    def product(self, x: torch.Tensor) -> torch.Tensor:
        """Return A x by the object."""
        return self.physics.A(x[:, None])[:, 0]

    def transposed(self, y: torch.Tensor) -> torch.Tensor:
        """Return A^T y by the object."""
        return self.physics.A_adjoint(y[:, None])[:, 0]


def square_norm(A: Operator, *, steps: int = 100, seed: int = 0) -> float:
    """Return ||A||^2, the largest eigenvalue of A^T A, by the power method from below.

    Args:
        A: Operator.
        steps: Number of steps.
        seed: Seed of the first vector.

    Example:
        >>> from gsn.inverse.operators import Identity, square_norm
        >>> round(square_norm(Identity((4, 4))), 6)
        1.0
    """
    steps = arguments.integer("steps", steps, least=1)
    x = torch.rand(1, *A.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    norm = x.norm()
    for _ in range(steps):
        x = A.adjoint(A(x / norm))
        norm = x.norm()
    return float(norm)
