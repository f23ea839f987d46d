"""What fields, bins and samples must be to be measured, or one sentence about what is wrong."""

from typing import Any

import numpy as np

from gsn.runtime import arguments


def fields(name: str, x: Any) -> np.ndarray:
    """Return a batch of fields in float64.

    Args:
        name: Name of the fields, for the messages.
        x: Fields, (n, H, W) real, at least one of at least 2 x 2 points.

    Raises:
        ValueError: The shape is another one, or a field has a NaN or an infinity.

    Example:
        >>> import numpy as np
        >>> from gsn.metrics.fields.arguments import fields
        >>> fields("x", np.ones((3, 4, 6), dtype=np.float32)).dtype
        dtype('float64')
    """
    x = arguments.array(name, x)
    if x.ndim != 3 or not len(x) or min(x.shape[1:]) < 2:
        raise ValueError(
            f"{name} must be at least one field of at least 2x2 points, (n, H, W): "
            f"got the shape {x.shape}; reshape it."
        )
    x = np.ascontiguousarray(x, dtype=np.float64)
    finite = np.isfinite(x).all(axis=(1, 2))
    if not finite.all():
        raise ValueError(
            f"{name} must be finite: field {np.argmin(finite)} has a NaN or an infinity; "
            "leave it out."
        )
    return x


def edges(name: str, values: Any) -> np.ndarray:
    """Return the edges of bins in float64, (bins + 1,).

    Args:
        name: Name of the edges, for the messages.
        values: At least two finite numbers, increasing.

    Raises:
        ValueError: The values are fewer, or do not increase.

    Example:
        >>> from gsn.metrics.fields.arguments import edges
        >>> edges("edges", [-1, 0, 1])
        array([-1.,  0.,  1.])
    """
    found = np.asarray(arguments.array(name, values), dtype=np.float64)
    if found.ndim != 1 or len(found) < 2 or not (np.diff(found) > 0).all():
        raise ValueError(
            f"{name} must be at least two increasing numbers: got {arguments.shown(values)}; "
            "use np.linspace."
        )
    if not np.isfinite(found).all():
        raise ValueError(f"{name} must be finite: got {arguments.shown(values)}; use finite ones.")
    return found


def samples(name: str, values: Any, *, axes: int) -> np.ndarray:
    """Return at least two samples of a number or of a vector in float64.

    Args:
        name: Name of the samples, for the messages.
        values: Samples, (n,) or (n, M) real.
        axes: Number of axes, 1 or 2.

    Raises:
        ValueError: The samples are fewer, of another shape, or not finite.

    Example:
        >>> from gsn.metrics.fields.arguments import samples
        >>> samples("m", [0, 1], axes=1)
        array([0., 1.])
    """
    found = np.asarray(arguments.array(name, values), dtype=np.float64)
    if found.ndim != axes or len(found) < 2 or not found.size:
        shape = "(n,)" if axes == 1 else "(n, M)"
        raise ValueError(
            f"{name} must be at least two samples, {shape}: got the shape {found.shape}; use more."
        )
    if not np.isfinite(found).all():
        raise ValueError(f"{name} must be finite: got a NaN or an infinity; leave the sample out.")
    return found
