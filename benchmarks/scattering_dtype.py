"""What float16 storage of the coefficients does to the whitened embedding z, in units of z's standard deviation.

    python benchmarks/scattering_dtype.py [--N 128] [--J 4] [--d 512] [--images 2048]

Polygons: as many for training, a quarter for test. z is computed three times: from float32; from rounded coefficients,
with the PCA of float32; and from rounded coefficients with their own PCA, whose components may turn within nearly equal
eigenvalues, so that only the distances between the z of training images are compared there.
"""

import argparse

import dask.array as da
import numpy as np
import torch

from gsn import scattering, whitening
from gsn.images import polygons


def coefficients(split, n, N, J):
    S = scattering.Scattering2D(J, (N, N))
    drawn = (np.stack([polygons.draw(i, N, split=split) for i in range(k, min(k + 64, n))]) for k in range(0, n, 64))
    computed = scattering.of_images(S, drawn, device=torch.device("cpu"), dtype=torch.float32)
    return np.concatenate([rows.flatten(1).numpy() for rows in computed])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--N", type=int, default=128, help="side of the images")
    parser.add_argument("--J", type=int, default=4)
    parser.add_argument("--d", type=int, default=512)
    parser.add_argument("--images", type=int, default=2048)
    arguments = parser.parse_args()
    N, J, d, n = arguments.N, arguments.J, arguments.d, arguments.images
    S = {"train": coefficients("train", n, N, J), "test": coefficients("test", n // 4, N, J)}
    rounded = {split: rows.astype(np.float16) for split, rows in S.items()}
    exact = whitening.fit(da.from_array(S["train"], chunks=(512, -1)), d)
    own = whitening.fit(da.from_array(rounded["train"], chunks=(512, -1)), d)
    print(f"{n} + {n // 4} polygons of {N} x {N}, J = {J}, d = {d}")
    for split, rows in S.items():
        change = np.abs(whitening.whiten(rounded[split], *exact) - whitening.whiten(rows, *exact))
        print(f"{split:6} change of z, same PCA: mean {change.mean():.5f}, largest {change.max():.4f}")
    pairs = np.random.default_rng(0).integers(0, n, (2, 4096))
    pairs = pairs[:, pairs[0] != pairs[1]]
    z, z16 = whitening.whiten(S["train"], *exact), whitening.whiten(rounded["train"], *own)
    before, after = (np.linalg.norm(u[pairs[0]] - u[pairs[1]], axis=1) for u in (z, z16))
    print(f"own PCA: eigenvalues change by {np.abs(own[2] / exact[2] - 1).max():.1e} at most,")
    change = np.abs(after / before - 1)
    print(f"         distances between images by {change.mean():.1e} in the mean, {change.max():.1e} at most")


if __name__ == "__main__":
    main()
