"""Arguments as tensors of one kind, or one sentence about what is wrong.

Those of a descent are fields, targets and numbers; those of an inverse problem, its measurements
and the images that it learns from.
"""

from collections.abc import Callable

import numpy as np
import torch

from gsn.runtime import arguments

METHODS = ("lbfgs", "gradient", "mean_field")


def fields(name: str, x: torch.Tensor) -> torch.Tensor:
    """Return a batch of fields, (n, *shape), as a plain tensor that shares no gradient.

    Raises:
        ValueError: It is no batch of finite float32 or float64 numbers.
    """
    if not isinstance(x, torch.Tensor):
        raise ValueError(
            f"{name} must be a tensor of torch: got a {type(x).__name__}; use torch.as_tensor."
        )
    if x.dtype not in (torch.float32, torch.float64):
        raise ValueError(f"{name} must be float32 or float64: got {x.dtype}; use x.float().")
    if x.ndim < 2 or not x.numel():
        raise ValueError(
            f"{name} must be a batch of fields, (n, ...) with n of at least 1: got the shape "
            f"{tuple(x.shape)}; use x[None] for one field."
        )
    x = x.detach()
    _finite(name, x)
    return x.contiguous()


def targets(y: torch.Tensor, x: torch.Tensor, *, one: bool = False) -> torch.Tensor:
    """Return the targets of n fields, (n, M), in the type and on the device of the fields.

    Args:
        y: Target of all fields, (M,), or one of each, (n, M).
        x: Fields, (n, *shape).
        one: Whether all fields must have one target.

    Raises:
        ValueError: It has another shape, is not finite, or zero.
    """
    y = torch.as_tensor(y).detach().to(x)
    if one and y.ndim != 1:
        raise ValueError(
            f"y must be one vector (M,) for mean_field: got the shape {tuple(y.shape)}; use the "
            "mean over its rows."
        )
    if y.ndim not in (1, 2) or not y.numel() or (y.ndim == 2 and len(y) != len(x)):
        raise ValueError(
            f"y must be one vector (M,) or one for each of the {len(x)} fields: got the shape "
            f"{tuple(y.shape)}; use phi of the example."
        )
    _finite("y", y)
    y = y.expand(len(x), -1).contiguous()
    if not (y.norm(dim=1) > 0).all():
        raise ValueError(
            "y must have a norm above 0, by which errors are divided: got zeros; add a constant "
            "to y and phi."
        )
    return y


def free(mask: torch.Tensor | None, x: torch.Tensor) -> torch.Tensor | None:
    """Return the points that may change, (*shape) bool, on the device of the fields.

    Raises:
        ValueError: It has another shape or type, or no point is free.
    """
    if mask is None:
        return None
    mask, shape = torch.as_tensor(mask), tuple(x.shape[1:])
    if mask.dtype != torch.bool or tuple(mask.shape) != shape:
        raise ValueError(
            f"mask must be bool of the shape of a field, {shape}: got {mask.dtype} of "
            f"{tuple(mask.shape)}; use mask.bool(), True at the points that may change."
        )
    if not mask.any():
        raise ValueError("mask must leave points that may change: got none; invert it.")
    return mask.to(x.device)


def settings(method: str, steps: int, tolerance: float, step: float | None) -> tuple:
    """Return the numbers of a descent, checked: steps, tolerance and step.

    Raises:
        ValueError: One is out of its range, there is no such method, or it takes no step.
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}: got {method!r}.")
    if step is not None and method == "lbfgs":
        raise ValueError(
            f"step must be left out for lbfgs, which finds its own: got {step}; use gradient."
        )
    return (
        arguments.integer("steps", steps, least=1, such_as=500),
        arguments.real("tolerance", tolerance, least=0, such_as=1e-3),
        None if step is None else arguments.real("step", step, above=0, such_as=0.1),
    )


def scaled(name: str, x: np.ndarray) -> np.ndarray:
    """Return images as float32: uint8 divided by 255, floats as they are.

    Args:
        name: Name of the argument.
        x: Images, uint8 or float, of any shape.

    Raises:
        ValueError: They are of another type of integers, whose range is not known.

    Example:
        >>> import numpy as np
        >>> from gsn.inverse import operands
        >>> operands.scaled("x", np.array([0, 255], np.uint8)).tolist()
        [0.0, 1.0]
    """
    if x.dtype.kind in "iu" and x.dtype != np.uint8:
        raise ValueError(
            f"{name} must be float or uint8: got {x.dtype}; use {name} / its largest value."
        )
    return np.asarray(x, dtype=np.float32) / (255 if x.dtype == np.uint8 else 1)


def measurements(
    name: str,
    y: torch.Tensor | np.ndarray,
    measured: tuple[int, int] | None = None,
    *,
    required: str,
    remedy: str,
) -> tuple[torch.Tensor, Callable[[torch.Tensor], torch.Tensor | np.ndarray]]:
    """Return measurements as one batch, and a function that gives images back as y was given.

    Args:
        name: Name of the argument.
        y: Measurements, (..., a, b) float, an array or a tensor.
        measured: Numbers a and b; None for any.
        required: Requirement, for messages, such as "float images (..., H, W)".
        remedy: Remedy, for messages.

    Returns:
        Measurements, (n, a, b) float32 or float64, and a function from images, (n, H, W), to
        (..., H, W) of the kind and dtype of y.

    Raises:
        ValueError: They are of another shape or kind, none, or not finite.

    Example:
        >>> import numpy as np
        >>> from gsn.inverse import operands
        >>> says = {"required": "float images (..., H, W)", "remedy": "use y / 255"}
        >>> y, give = operands.measurements("y", np.ones((2, 3, 8, 8)), **says)
        >>> y.shape, give(torch.zeros(6, 16, 16)).shape
        (torch.Size([6, 8, 8]), (2, 3, 16, 16))
    """
    tensor = y if isinstance(y, torch.Tensor) else torch.from_numpy(arguments.array(name, y))
    fits = tensor.ndim >= 2 and measured in (None, tuple(tensor.shape[-2:])) and tensor.numel()
    if not fits or not tensor.is_floating_point():
        raise ValueError(
            f"{name} must be {required}: got {tensor.dtype} of the shape {tuple(tensor.shape)}; "
            f"{remedy}."
        )
    _finite(name, tensor)
    flat = tensor.detach().reshape(-1, *tensor.shape[-2:])
    kept = flat if flat.dtype in (torch.float32, torch.float64) else flat.float()

    def give(x: torch.Tensor) -> torch.Tensor | np.ndarray:
        x = x.to(tensor.dtype).reshape(*tensor.shape[:-2], *x.shape[1:])
        return x if isinstance(y, torch.Tensor) else x.numpy()

    return kept, give


def _finite(name: str, values: torch.Tensor) -> None:
    wrong = int((~torch.isfinite(values)).sum())
    if wrong:
        raise ValueError(
            f"{name} must be finite: got NaN or infinity at {wrong} of {values.numel()} places; "
            "fill them."
        )
