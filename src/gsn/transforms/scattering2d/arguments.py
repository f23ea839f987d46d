"""Checks of the arguments of the transform, and of those that only kymatio uses."""

import operator
from collections.abc import Mapping, Set

import numpy as np
import torch


def scales_and_angles(J: int, L: int, max_order: int = 2) -> tuple[int, int, int]:
    """Return J, L and max_order as Python integers.

    Raises:
        ValueError: One of them is not an integer or is out of range.
    """
    J, L, max_order = (
        _integer(name, value) for name, value in (("J", J), ("L", L), ("max_order", max_order))
    )
    if J < 1 or L < 1:
        raise ValueError(f"J and L must be at least 1: got J={J}, L={L}.")
    if max_order not in (1, 2):
        raise ValueError(f"max_order must be 1 or 2: got {max_order}.")
    return J, L, max_order


def sides(shape: tuple[int, int], J: int) -> tuple[int, int]:
    """Return the shape as Python integers.

    Raises:
        ValueError: It is not two integers, or a side is less than 2^J.
    """
    ordered = hasattr(shape, "__iter__") and not isinstance(shape, Set | Mapping | str | bytes)
    lengths = tuple(shape) if ordered else ()
    if len(lengths) != 2:
        raise ValueError(f"shape must be a height and a width: got {shape!r}; use shape=(H, W).")
    H, W = (_integer("each side", side) for side in lengths)
    if min(H, W) < 2**J:
        raise ValueError(
            f"each side must be at least 2**J: got shape={(H, W)}, J={J}; use a smaller J."
        )
    return H, W


def boundary(
    shape: tuple[int, int], J: int, kind: str, moments: bool, pre_pad: bool, oversampling: int
) -> None:
    """Check the boundary and what is asked for at it.

    Raises:
        ValueError: The boundary is unknown, or does not fit the shape or the other arguments.
    """
    if _integer("oversampling", oversampling) < 0:
        raise ValueError(f"oversampling must be at least 0: got {oversampling}; use 0 or 1.")
    if kind not in ("reflect", "periodic"):
        raise ValueError(f"boundary must be 'reflect' or 'periodic': got {kind!r}.")
    if kind == "reflect":
        if moments:
            raise ValueError(
                "moments must be of periodic images: got boundary='reflect'; use 'periodic'."
            )
        return
    if pre_pad:
        raise ValueError("a periodic image has no padding: got pre_pad=True; leave it out.")
    unit = 2 if moments else 2**J
    if any(side % unit for side in shape):
        known = "the maps of a periodic image need sides that are multiples of 2**J"
        needed = "a periodic image needs even sides" if moments else known
        raise ValueError(
            f"{needed}: got shape={shape}, J={J}; crop it to "
            f"{shape[0] // unit * unit} x {shape[1] // unit * unit}"
            f"{'.' if moments else ', or take moments.'}"
        )


def _integer(name: str, value: int) -> int:
    try:
        if isinstance(value, bool):
            raise TypeError
        return operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be an integer: got {value!r}; use int(...).") from None


def of_kymatio(*, pre_pad: bool, out_type: str, backend: str | None, frontend: str) -> None:
    """Check the arguments of kymatio that the transform itself does not use.

    Raises:
        ValueError: One of them asks for something that only kymatio has.
    """
    if pre_pad not in (False, True):
        raise ValueError(f"pre_pad must be True or False: got {pre_pad!r}.")
    if out_type not in ("array", "list"):
        raise ValueError(f"out_type must be 'array' or 'list': got {out_type!r}.")
    name = getattr(backend, "name", backend)  # kymatio takes a name or a module
    if frontend != "torch" or (backend is not None and "torch" not in str(name)):
        raise ValueError(
            f"Scattering2D must compute with torch: got backend={backend!r}, "
            f"frontend={frontend!r}; leave both out; numpy arrays are accepted."
        )


def image(x: torch.Tensor, shape: tuple[int, int], pre_pad: bool) -> None:
    """Check a batch of images.

    Raises:
        ValueError: x is not a dense tensor of float32 or float64, or its last two axes do not have
            the shape of the filters.
    """
    if isinstance(x, torch.fx.Proxy):
        raise ValueError(
            "torch.fx must take Scattering2D as a leaf: got a Proxy for x; "
            "use a Tracer whose is_leaf_module is true for it."
        )
    if not isinstance(x, torch.Tensor):
        raise ValueError(
            f"x must be a torch.Tensor or a numpy array: got {type(x).__name__}; "
            "use torch.as_tensor(x)."
        )
    if x.is_nested:
        raise ValueError("x must be dense: got a nested tensor; use torch.stack(x.unbind()).")
    if x.layout != torch.strided:
        raise ValueError(f"x must be dense: got {x.layout}; use x.to_dense().")
    if tuple(x.shape[-2:]) != shape:
        padded = " of a padded image, as pre_pad says" if pre_pad else ""
        raise ValueError(
            f"x must have the shape (..., {shape[0]}, {shape[1]}){padded}: got {tuple(x.shape)}."
        )
    if x.dtype not in (torch.float32, torch.float64):
        scale = " / 255" if x.dtype == torch.uint8 else ""
        remedy = "x.real and x.imag apart" if x.is_complex() else f"x.float(){scale}"
        raise ValueError(f"x must be float32 or float64: got {x.dtype}; use {remedy}.")


def tensor(x: np.ndarray) -> torch.Tensor:
    """Return an array of images as a tensor, in the order of bytes of this machine.

    Raises:
        ValueError: The array has masked values, or is not of float32 or float64.
    """
    if np.ma.is_masked(x):
        raise ValueError("x must have no masked values: got some; use x.filled(0).")
    dtype = x.dtype.newbyteorder("=")
    if dtype not in (np.float32, np.float64):
        remedy = "x.astype('float32')" + (" / 255" if dtype == np.uint8 else "")
        if dtype.kind == "c":
            remedy = "x.real and x.imag apart"
        raise ValueError(f"x must be float32 or float64: got {x.dtype}; use {remedy}.")
    return torch.from_numpy(np.array(x, dtype=dtype, order="C"))
