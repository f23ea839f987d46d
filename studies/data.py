"""How the data affect the PSNR of G, one change at a time, on polygons of 32 x 32: pooled, in dB.

    python studies/data.py [--seed 0] [--only NAME ...]

The base is that of training.py, which studies the network and its training: 4,096 images and 1,024
to test, J = 3, d = 128, a generator of width 8, 3,072 steps of batches of 32. Everything is made in
memory from the seed, by the functions of the pipeline.
"""

import argparse
import functools

import dask.array as da
import numpy as np
import torch
from training import run

from gsn.data import polygons
from gsn.decomposition import whitening
from gsn.runtime import machine
from gsn.transforms import scattering2d

BASE = {"images": 4096, "sharper": 1, "d": 128, "epochs": 24}
CASES = {
    "as it is": {},
    "1,024 images, same steps": {"images": 1024, "epochs": 96},
    "16,384 images, same steps": {"images": 16384, "epochs": 6},
    "d = 32": {"d": 32},
    "d = 64": {"d": 64},
    "d = 256": {"d": 256},
    "edges 8 times as sharp": {"sharper": 8},
}


def draw(split, n, sharper, seed):
    """Return n polygons drawn on a finer grid, every `sharper`-th pixel: (n, 3, 32, 32) uint8."""
    side, middle = 32 * sharper, slice(sharper // 2, None, sharper)
    drawn = (polygons.draw(i, side, split=split, seed=seed) for i in range(n))
    return np.stack([image[:, middle, middle] for image in drawn])


@functools.cache
def coefficients(images, sharper, seed):
    """Return images (n, 3, 32, 32) and their S (n, 10416) float16, both by split."""
    x = {
        "train": draw("train", images, sharper, seed),
        "test": draw("test", 1024, sharper, seed),
    }
    transform, S = scattering2d.Scattering2D(3, (32, 32)), {}
    for split, stack in x.items():
        parts, device = np.split(stack, range(512, len(stack), 512)), machine.device()
        rows = scattering2d.of_images(transform, parts, device=device, dtype=torch.float16)
        S[split] = np.concatenate([part.flatten(1).cpu().numpy() for part in rows])
    return x, S


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = " ".join(f'"{name}"' for name in CASES)
    add = parser.add_argument
    add("--seed", type=int, default=0, help="seed of the polygons, of the PCA and of the training")
    add("--only", nargs="+", choices=CASES, default=CASES, metavar="NAME", help=names)
    arguments = parser.parse_args()
    seed = arguments.seed
    machine.keep_memory()
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    print(f"{'':26} seed   train    test  seconds")
    for name in arguments.only:
        case = BASE | CASES[name]
        x, S = coefficients(case["images"], case["sharper"], seed)
        basis = whitening.fit(da.from_array(S["train"], chunks=(512, -1)), case["d"], seed=seed)
        z = {split: whitening.whiten(rows, *basis) for split, rows in S.items()}
        run(name, {}, z, x, width=8, epochs=case["epochs"], seed=seed)


if __name__ == "__main__":
    main()
