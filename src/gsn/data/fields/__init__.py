"""Stationary processes to learn from, and fields of the user: (n, N, N) float32 from a seed.

    ising            spins +-1 at a temperature T, on the torus
    bernoulli        independent points
    cox              points whose density is the exponential of a Gaussian field
    turbulence       vorticity of two-dimensional Navier-Stokes flows, decaying or forced
    gaussian_fields  Gaussian fields of power spectrum 1/f^alpha
    multifractal     log-normal multifractal measure
    dead_leaves      discs of all sizes in front of each other
    textures         crops of brick, grass and gravel
    files            crops of an image or an array of the user

Each has a function `draw(N, *, seed, index, ...) -> (N, N) float32`. Realisation `index` is a
function of the seed and its index alone, whatever else is drawn. All but the last two are
stationary and periodic.

    kaufman   exact partition function, entropy and energy of the Ising model
    coupling  exact samples of the Ising model, to check `ising` with

    realisations, crops   random streams, many realisations at once, and crops of one image
"""

import functools
import importlib
import inspect

import numpy as np

from gsn.data.fields import realisations
from gsn.runtime import arguments

GIVEN = ("N", "seed", "index")  # arguments of `draw` that are no settings
PROCESSES = (
    "ising",
    "bernoulli",
    "cox",
    "turbulence",
    "gaussian_fields",
    "multifractal",
    "dead_leaves",
    "textures",
    "files",
)


def new(process: str, N: int, *, n: int = 1, seed: int = 0, **settings) -> np.ndarray:
    """Return realisations of a process.

    Args:
        process: One of PROCESSES.
        N: Side of the fields, even, at least 4.
        n: Number of realisations.
        seed: Seed of the random generators.
        settings: Other keywords of `draw` of the process, such as T.

    Returns:
        The fields, (n, N, N) float32.

    Raises:
        ValueError: There is no such process or setting, N is odd or too small, or a setting is out
            of range.

    Example:
        >>> from gsn.data import fields
        >>> x = fields.new("ising", 16, n=3, T=4)
        >>> x.shape, sorted(set(x.flat))
        ((3, 16, 16), [np.float32(-1.0), np.float32(1.0)])
    """
    if process not in PROCESSES:
        raise ValueError(f"process must be one of {', '.join(PROCESSES)}: got {process!r}.")
    N = arguments.integer("N", N, least=4)
    if N % 2:
        raise ValueError(f"N must be even: got N={N}; use {N - 1} or {N + 1}.")
    module = importlib.import_module(f"gsn.data.fields.{process}")
    known = [name for name in inspect.signature(module.draw).parameters if name not in GIVEN]
    for name in settings:
        if name not in known:
            listed = ", ".join(known) or "none"
            raise ValueError(f"{process} must have known settings: got {name!r}; use {listed}.")
    draw = functools.partial(module.draw, N, seed=seed, **settings)
    return realisations.many(draw, n, process)
