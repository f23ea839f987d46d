"""Figure 1 of Ziomek & Farrahi: G over the first two principal components of S, before whitening.

    x = G(z),        z_1 = a / sqrt(lambda_1),  z_2 = b / sqrt(lambda_2),  z_3 = ... = z_d = 0

lambda are the variances of the components. a and b take the values -10, -5, 5 and 10.
"""

import numpy as np

from gsn.networks import generator

VALUES = np.array([-10.0, -5.0, 5.0, 10.0])


def images(
    G: generator.Generator, variances: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the images, and the values of their rows and columns.

    Args:
        G: Generator, in evaluation mode, of d at least 2.
        variances: Variances of the first two principal components of S, (2,).

    Returns:
        Images, (4, 4, c, N, N) uint8: the second component grows from column to column, the first
        one from row to row, as in the paper. VALUES, twice.
    """
    first, second = np.meshgrid(VALUES, VALUES, indexing="ij")
    z = np.zeros((VALUES.size**2, G.settings["d"]), dtype=np.float32)
    z[:, 0] = first.ravel() / np.sqrt(variances[0])
    z[:, 1] = second.ravel() / np.sqrt(variances[1])
    x = np.concatenate(list(generator.decode(G, z)))
    x = np.rint(x).astype(np.uint8).reshape(VALUES.size, VALUES.size, *x.shape[1:])
    return x, VALUES, VALUES


def names(variances: np.ndarray) -> dict[str, str]:
    """Return the names of the rows and columns, with the deviations over the training images."""
    deviations = np.sqrt(variances)
    return {
        "row_name": f"component 1 (deviation {deviations[0]:.2f})",
        "column_name": f"component 2 (deviation {deviations[1]:.2f})",
    }
