"""Phantoms for tomography, drawn on a grid that may be finer than that of a reconstruction.

    ellipses    a body with ellipses in it, each of a constant value
    textured    the same, each with its own texture: filtered noise of one direction and scale
    shepp_logan the phantom of Shepp & Logan, with the contrasts of Toft (1996)

Values are in [0, 1], and 0 outside of the disc that the image contains. A pixel has the mean of
2 x 2 places in it.

# ASSUME: the slides on tomography (Bruna, Dokmanic, de Hoop) show pictures without a recipe.
# Numbers, sizes and textures of the ellipses are our choice.

References:
    L. A. Shepp and B. F. Logan, The Fourier reconstruction of a head section, IEEE Transactions on
    Nuclear Science 21(3), 1974.

    P. Toft, The Radon transform: theory and implementation, PhD thesis, Technical University of
    Denmark, 1996.
"""

import numpy as np

from gsn.runtime import arguments

KINDS = ("ellipses", "textured", "shepp_logan")
PLACES = 2  # along each side of a pixel
INNER = (6, 13)  # ellipses in a body: at least, and below
CONTRAST, WAVES = 0.5, 16  # of a texture
# Value, half axes, centre and angle in degrees, on [-1, 1]^2.
SHEPP_LOGAN = (
    (1.0, 0.69, 0.92, 0.0, 0.0, 0),
    (-0.8, 0.6624, 0.874, 0.0, -0.0184, 0),
    (-0.2, 0.11, 0.31, 0.22, 0.0, -18),
    (-0.2, 0.16, 0.41, -0.22, 0.0, 18),
    (0.1, 0.21, 0.25, 0.0, 0.35, 0),
    (0.1, 0.046, 0.046, 0.0, 0.1, 0),
    (0.1, 0.046, 0.046, 0.0, -0.1, 0),
    (0.1, 0.046, 0.023, -0.08, -0.605, 0),
    (0.1, 0.023, 0.023, 0.0, -0.606, 0),
    (0.1, 0.023, 0.046, 0.06, -0.605, 0),
)


def draw(kind: str, N: int, *, seed: int, index: int = 0) -> np.ndarray:
    """Return a phantom, which depends on the arguments only.

    Args:
        kind: One of KINDS.
        N: Side in pixels, at least 8.
        seed: Seed of the phantoms.
        index: Number of the phantom. That of Shepp & Logan is always the same.

    Returns:
        Image, (N, N) float32 in [0, 1].

    Raises:
        ValueError: There is no such kind, or N is too small.

    Example:
        >>> from gsn.data import phantoms
        >>> x = phantoms.draw("ellipses", 32, seed=0)
        >>> x.shape, float(x[0, 0]), bool(x.max() <= 1)
        ((32, 32), 0.0, True)
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}: got {kind!r}.")
    N = arguments.integer("N", N, least=8)
    centres = ((np.arange(PLACES * N) + 0.5) / (PLACES * N) * 2 - 1).astype(np.float32)
    v, u = np.meshgrid(-centres, centres, indexing="ij")
    if kind == "shepp_logan":
        x = sum(value * inside(u, v, *place) for value, *place in SHEPP_LOGAN)
    else:
        rng = np.random.default_rng([seed, KINDS.index(kind), index])
        x = _body(u, v, rng, textured=kind == "textured")
    x = np.clip(x, 0, 1) * (np.hypot(u, v) < 1)
    return x.reshape(N, PLACES, N, PLACES).mean(axis=(1, 3)).astype(np.float32)


def inside(
    u: np.ndarray, v: np.ndarray, a: float, b: float, u_0: float, v_0: float, angle: float
) -> np.ndarray:
    """Return which places lie in an ellipse with half axes a and b, turned by an angle."""
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    along, across = (u - u_0) * cos + (v - v_0) * sin, (v - v_0) * cos - (u - u_0) * sin
    return (along / a) ** 2 + (across / b) ** 2 <= 1


def _body(u: np.ndarray, v: np.ndarray, rng: np.random.Generator, *, textured: bool) -> np.ndarray:
    """Return a body, an ellipse, with smaller ellipses whose values replace what is below."""
    a, b = rng.uniform(0.65, 0.92, size=2)
    body = inside(u, v, a, b, 0, 0, rng.uniform(0, 180))
    x = body * rng.uniform(0.25, 0.5)
    for _ in range(rng.integers(*INNER)):
        axes = rng.uniform(0.05, 0.35, size=2)
        radius, direction = 0.8 * np.sqrt(rng.uniform()), rng.uniform(0, 2 * np.pi)
        centre = radius * a * np.cos(direction), radius * b * np.sin(direction)
        near = _around(u, v, centre, axes.max())  # nothing changes elsewhere
        angle = rng.uniform(0, 180)
        part = body[near] & inside(u[near], v[near], axes[0], axes[1], *centre, angle)
        value = rng.uniform(0.05, 0.95)
        pattern = value * (1 + _texture(u[near], v[near], rng)) if textured else value
        x[near] = np.where(part, pattern, x[near])
    return x


def _around(
    u: np.ndarray, v: np.ndarray, centre: tuple[float, float], reach: float
) -> tuple[slice, slice]:
    """Return the rows and columns of the places within a distance of a centre, along each axis."""
    rows = np.flatnonzero(np.abs(v[:, 0] - centre[1]) <= reach)
    columns = np.flatnonzero(np.abs(u[0] - centre[0]) <= reach)
    return tuple(slice(k[0], k[-1] + 1) if len(k) else slice(0) for k in (rows, columns))


def _texture(u: np.ndarray, v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return noise of deviation CONTRAST / 2 around one direction and scale, the same on any grid.

    It is a sum of waves.
    """
    frequency, direction = rng.uniform(20, 60), rng.uniform(0, np.pi)  # radians by half a side
    total = np.zeros_like(u)
    for _ in range(WAVES):
        k, turn = frequency * rng.uniform(0.7, 1.3), direction + rng.normal(0, 0.4)
        across = u * float(k * np.cos(turn)) + v * float(k * np.sin(turn))
        total += np.cos(across + float(rng.uniform(0, 2 * np.pi)))
    return total * (CONTRAST / 2 / (WAVES / 2) ** 0.5)
