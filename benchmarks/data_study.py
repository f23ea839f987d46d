"""What the data have to do with the PSNR of G, one change at a time, on polygons of 32 x 32: pooled PSNR, in dB.

    python benchmarks/data_study.py [--seed 0] [--only NAME ...]

The base is that of training_study.py, which has the changes of the network and of its training: 4,096 images (and 1,024
to test), J = 3, d = 128, a generator of width 8, 3,072 steps of batches of 32. Everything is made in memory from the
seed, by the functions of the stages.
"""

import argparse
import functools

import dask.array as da
import numpy as np
import torch
from training_study import run

from gsn import runtime, scattering, whitening
from gsn.images import polygons

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
    """Polygons (n, 3, 32, 32) uint8: of more pixels, those in the middle of 32 x 32."""
    side, middle = 32 * sharper, slice(sharper // 2, None, sharper)
    return np.stack([polygons.draw(i, side, split=split, seed=seed)[:, middle, middle] for i in range(n)])


@functools.cache
def coefficients(images, sharper, seed):
    """Images (n, 3, 32, 32) and their S (n, 10416) float16, of both splits."""
    x = {"train": draw("train", images, sharper, seed), "test": draw("test", 1024, sharper, seed)}
    transform, S = scattering.Scattering2D(3, (32, 32)), {}
    for split, stack in x.items():
        parts = np.split(stack, range(512, len(stack), 512))
        rows = scattering.of_images(transform, parts, device=runtime.device(), dtype=torch.float16)
        S[split] = np.concatenate([part.flatten(1).cpu().numpy() for part in rows])
    return x, S


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    names = " ".join(f'"{name}"' for name in CASES)
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES), metavar="NAME", help=names)
    arguments = parser.parse_args()
    runtime.keep_memory()
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads\n{'':26} seed   train    test  seconds")
    for name in arguments.only:
        case = BASE | CASES[name]
        x, S = coefficients(case["images"], case["sharper"], arguments.seed)
        basis = whitening.fit(da.from_array(S["train"], chunks=(512, -1)), case["d"], seed=arguments.seed)
        z = {split: whitening.whiten(rows, *basis) for split, rows in S.items()}
        run(name, {}, z, x, width=8, epochs=case["epochs"], seed=arguments.seed)


if __name__ == "__main__":
    main()
