"""How float16 storage of the coefficients changes z, in standard deviations of z.

    python studies/storage_dtype.py [--N 128] [--J 4] [--d 512] [--images 2048]

The coefficients are those of polygons, with a quarter as many for test as for training. z is
computed three times: from float32 coefficients; from rounded ones, with the PCA of float32; and
from rounded ones with a PCA of their own. The components of that PCA may rotate among nearly equal
eigenvalues, so that it is compared by the distances between the z of training images only.
"""

import argparse

import dask.array as da
import numpy as np
import torch

from gsn.data import polygons
from gsn.decomposition import whitening
from gsn.transforms import scattering2d


def coefficients(split, n, N, J):
    """Return the coefficients of n polygons, (n, p) float32."""
    S = scattering2d.Scattering2D(J, (N, N))
    drawn = (
        np.stack([polygons.draw(i, N, split=split) for i in range(first, min(first + 64, n))])
        for first in range(0, n, 64)
    )
    computed = scattering2d.of_images(S, drawn, device=torch.device("cpu"), dtype=torch.float32)
    return np.concatenate([rows.flatten(1).numpy() for rows in computed])


def distances(z, pairs):
    return np.linalg.norm(z[pairs[0]] - z[pairs[1]], axis=1)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--N", type=int, default=128, help="side of the images")
    parser.add_argument("--J", type=int, default=4, help="log2 of the scale of averaging")
    parser.add_argument("--d", type=int, default=512, help="dimension of z")
    parser.add_argument("--images", type=int, default=2048, help="number of training images")
    arguments = parser.parse_args()
    N, J, d, n = arguments.N, arguments.J, arguments.d, arguments.images
    S = {"train": coefficients("train", n, N, J), "test": coefficients("test", n // 4, N, J)}
    rounded = {split: rows.astype(np.float16) for split, rows in S.items()}
    exact = whitening.fit(da.from_array(S["train"], chunks=(512, -1)), d)
    own = whitening.fit(da.from_array(rounded["train"], chunks=(512, -1)), d)
    print(f"{n} + {n // 4} polygons of {N} x {N}, J = {J}, d = {d}")
    for split, rows in S.items():
        change = np.abs(whitening.whiten(rounded[split], *exact) - whitening.whiten(rows, *exact))
        numbers = f"mean {change.mean():.5f}, largest {change.max():.4f}"
        print(f"{split:6} change of z, same PCA: {numbers}")
    pairs = np.random.default_rng(0).integers(0, n, (2, 4096))
    pairs = pairs[:, pairs[0] != pairs[1]]
    before = distances(whitening.whiten(S["train"], *exact), pairs)
    after = distances(whitening.whiten(rounded["train"], *own), pairs)
    change, shift = np.abs(after / before - 1), np.abs(own[2] / exact[2] - 1)
    print(f"own PCA: eigenvalues change by {shift.max():.1e} at most,")
    numbers = f"{change.mean():.1e} in the mean, {change.max():.1e} at most"
    print(f"         distances between images by {numbers}")


if __name__ == "__main__":
    main()
