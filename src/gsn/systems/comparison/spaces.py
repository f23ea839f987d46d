"""The space in which draws are judged, as arrays of a store: made once for all methods."""

from collections.abc import Callable

import numpy as np

from gsn.metrics import frechet
from gsn.systems.latent_laws import quality
from gsn.transforms import scattering2d

AXES = {
    "kept": ("coefficient",),
    "mean": ("feature",),
    "deviation": ("feature",),
    "components": ("component", "feature"),
    "features": ("image", "component"),
    "real": ("test_image",),
}


def arrays(space: quality.Space) -> dict[str, np.ndarray]:
    """Return what a space consists of, without its classifier, by the names of AXES."""
    return {name: np.asarray(getattr(space, name)) for name in AXES}


def opened(read: Callable[[str], np.ndarray], *, N: int, J: int) -> quality.Space:
    """Return the space of some arrays.

    Args:
        read: Function of a name of AXES that returns its array.
        N: Side of the images in pixels.
        J: Scale of the z that is judged, which the space avoids.
    """
    S = scattering2d.Scattering2D(quality.scale(N, J), (N, N), quality.L)
    kept, mean, deviation, components, features, real = map(read, AXES)
    moments = frechet.moments([features])
    return quality.Space(
        S, kept.astype(bool), mean, deviation, components, features, moments, real, None
    )
