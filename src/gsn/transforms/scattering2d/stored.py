"""The scattering coefficients of a data set as arrays of a store, with the path of each channel."""

import numpy as np

from gsn.runtime.store import Variable
from gsn.transforms.scattering2d import paths

MEANINGS = {
    "order": "number of wavelets on the path",
    "j1": "log2 of the scale of the first wavelet, -1 if none",
    "theta1": "index of the angle of the first wavelet, -1 if none",
    "j2": "log2 of the scale of the second wavelet, -1 if none",
    "theta2": "index of the angle of the second wavelet, -1 if none",
}


def variables(
    images: tuple[int, int, int, int], *, J: int, L: int, dtype: str, shard: int
) -> dict[str, Variable]:
    """Return the array `S`, whose values are written later, and the paths of its channels.

    Args:
        images: Shape of the images, (n, c, N, N).
        J: Scale of averaging, as log2.
        L: Number of angles.
        dtype: Type of the stored coefficients, `float16` or `float32`.
        shard: Number of images in a shard.

    Returns:
        `S`, (n, c K, N/2^J, N/2^J), and the tables `colour`, `order`, `j1`, `theta1`, `j2` and
        `theta2`, each (c K,) int8. `paths` describes the last five.

    Example:
        >>> from gsn.transforms.scattering2d.stored import variables
        >>> made = variables((100, 3, 32, 32), J=3, L=8, dtype="float16", shard=50)
        >>> made["S"].shape, made["theta2"].shape
        ((100, 651, 4, 4), (651,))
    """
    n, channels, N, _ = images
    path = paths(J, L)
    K, side = len(path["order"]), N // 2**J
    attrs = {"long_name": "scattering coefficient", "units": "1", "J": J, "L": L, "N": N}
    axes, shape = ("image", "channel", "row", "column"), (n, channels * K, side, side)
    return {
        "S": Variable(axes, shape=shape, dtype=dtype, shard=shard, attrs=attrs),
        "colour": Variable(("channel",), np.repeat(np.arange(channels, dtype=np.int8), K)),
        **{
            name: Variable(
                ("channel",), np.tile(path[name], channels), attrs={"long_name": meaning}
            )
            for name, meaning in MEANINGS.items()
        },
    }
