"""What a law of z is given, checked."""

import numpy as np

from gsn.runtime import arguments


def rows(z: np.ndarray, least: int = 2) -> np.ndarray:
    """Return the rows z that a law is fitted to, (n, d) float32, once they are fit for it.

    Args:
        z: Whitened coefficients, (n, d) real.
        least: Number of rows that the law needs.

    Raises:
        ValueError: z is complex, not of the shape (n, d), not finite, has fewer rows or a constant
            component.

    Example:
        >>> from gsn.samplers.arguments import rows
        >>> rows(np.eye(3)).dtype
        dtype('float32')
    """
    z = np.asarray(z)
    if z.ndim != 2 or z.dtype.kind not in "fiu" or not z.shape[1]:
        raise ValueError(
            f"z must be real, of the shape (n, d): got {z.dtype} of {z.shape}; change it."
        )
    if len(z) < least:
        raise ValueError(
            f"this law needs at least {least} rows of z: found {len(z)}; use more images."
        )
    with np.errstate(over="ignore"):
        z = np.ascontiguousarray(z, dtype=np.float32)
    _finite(z)
    constant = np.flatnonzero(np.ptp(z, axis=0) == 0)
    if len(constant):
        raise ValueError(
            f"each component of z must vary: found component {constant[0]} constant; leave it out."
        )
    return z


def points(z: np.ndarray, d: int) -> np.ndarray:
    """Return points at which a density is asked for, (n, d) float64.

    Raises:
        ValueError: z is complex, not of the shape (n, d) or not finite.
    """
    z = np.asarray(z)
    if z.ndim != 2 or z.shape[1] != d or z.dtype.kind not in "fiu":
        raise ValueError(
            f"z must be real, of the shape (n, {d}): got {z.dtype} of {z.shape}; change it."
        )
    _finite(z)
    return z.astype(np.float64)


def counts(**numbers: int) -> None:
    """Check that the sizes of a law are integers of at least 1."""
    for name, number in numbers.items():
        arguments.integer(name, number, least=1)


def draws(n: int, temperature: float) -> tuple[int, float]:
    """Return the number of draws and their temperature, checked."""
    temperature = arguments.real("temperature", temperature, least=0, such_as=1.0)
    return arguments.integer("n", n, least=0, such_as=16), temperature


def _finite(z: np.ndarray) -> None:
    if not np.isfinite(z).all():
        raise ValueError("z must be finite: found NaN or infinity; make it again, or leave it out.")
