"""Figure 1 of Ziomek & Farrahi: G over the first two principal components of S.

    x = G(z),        z_1 = a,  z_2 = b,  z_3 = ... = z_d = 0

The paper gives the components the values -10, -5, 5 and 10 before whitening: a and b are these over
the square roots of the variances of the components. Its unit of S is not said. In ours, of pixels
in [0, 1], 10 may be twenty deviations. So the same is drawn at one and two deviations too.
"""

import numpy as np

from gsn.networks import generator

VALUES = np.array([-10.0, -5.0, 5.0, 10.0])  # before whitening
DEVIATIONS = np.array([-2.0, -1.0, 1.0, 2.0])  # after it


def images(
    G: generator.Generator, values: np.ndarray, variances: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the images, and the values of their rows and columns.

    Args:
        G: Generator, in evaluation mode, of d at least 2.
        values: Values of the two components, (k,).
        variances: Variances of the first two principal components in the unit of the values, (2,).

    Returns:
        Images, (k, k, c, N, N) uint8: the first component grows from row to row, the second from
        column to column, as in the caption of the paper. The values, twice.
    """
    first, second = np.meshgrid(values, values, indexing="ij")
    z = np.zeros((first.size, G.settings["d"]), dtype=np.float32)
    z[:, 0] = first.ravel() / np.sqrt(variances[0])
    z[:, 1] = second.ravel() / np.sqrt(variances[1])
    x = np.rint(np.concatenate(list(generator.decode(G, z)))).astype(np.uint8)
    return x.reshape(*first.shape, *x.shape[1:]), values, values


def names(variances: np.ndarray) -> dict[str, str]:
    """Return the names of the rows and columns, with the deviations over the training images."""
    said = [f"deviation {value:.2f}" if value != 1 else "in deviations" for value in variances**0.5]
    return {
        "row_name": f"component 1 ({said[0]})",
        "column_name": f"component 2 ({said[1]})",
    }
