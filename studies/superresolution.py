"""What each part of the regression of super-resolution buys.

    python studies/superresolution.py [--factor 4] [--N 64] [--J 3] [--L 8] [--each 240]

Each line is another regression from crops of ten photographs, judged on crops of four others before
any image is made: the relative errors of the coefficients of order 1 and 2 below the factor, their
ratio to those of the best linear estimate u, and the bias. `neighbours` are the windows around.
The last lines correct the estimate for the variance of the roots, or have no roots.
"""

import argparse

import numpy as np
import torch

from gsn.data import crops
from gsn.decomposition import windows
from gsn.inverse.operators.sampling import Decimation
from gsn.systems.superresolution import fitting, linear
from gsn.systems.superresolution.model import coarse_paths
from gsn.transforms import Scattering2D

TRAIN = ["astronaut", "brick", "cat", "china", "coffee", "grass", "moon", "motorcycle", "retina"]
TRAIN += ["rocket"]
TEST = ["camera", "coins", "flower", "gravel"]
# Roots that count at all 3 x 3 windows, and at the window itself; `c` are the paths that y knows.
PARTS = {
    "y": lambda f, c: (f[:, :1], f[:, c]),
    "y, neighbours": lambda f, c: (f[:, c], f[:, :1]),
    "u": lambda f, c: (f[:, :1], f),
    "u, neighbours": lambda f, c: (f, f[:, :1]),
    "y, neighbours, and u": lambda f, c: (f[:, c], f[:, ~c]),
}


def coefficients(A, transform, u, x):
    """Return the coefficients of first estimates and of images."""
    pairs = [
        (transform(u(A, A(images))), transform(images))
        for images in fitting.batches(x, torch.device("cpu"), "transform")
    ]
    return [torch.cat(part) for part in zip(*pairs, strict=True)]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, value in (("factor", 4), ("N", 64), ("J", 3), ("L", 8), ("each", 240)):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    shape = given.N, given.N
    x = crops.draw(TRAIN, given.N, each=given.each, seed=0)
    test = crops.draw(TEST, given.N, each=16, seed=0)
    A, transform = Decimation(given.factor, shape), Scattering2D(given.J, shape, given.L)
    blocks = given.each * int(np.prod(A.measured))
    batches = fitting.batches(x, torch.device("cpu"), "fit linear estimate")
    u = linear.fit(batches, given.factor, together=blocks)
    (Su, Sx), (Tu, Tx) = (coefficients(A, transform, u, part) for part in (x, test))
    means = Sx.mean(dim=(0, 2, 3))[:, None, None]
    e, coarse = fitting.FLOOR * means, coarse_paths(transform, given.factor)
    orders = [torch.as_tensor(transform.meta()["order"] == m) & ~coarse for m in (1, 2)]

    def show(name, S, penalty=float("nan")):
        numbers = [penalty]
        for paths in orders:
            error, own, true = (S - Tx)[:, paths], (Tu - Tx)[:, paths], Tx[:, paths]
            numbers += [error.norm() / true.norm(), error.norm() / own.norm()]
            numbers += [error.sum() / true.sum()]
        print(f"{name:32}", *(f"{float(number):8.3f}" for number in numbers), flush=True)

    print(f"{'x' + str(given.factor) + ', order 1 and order 2':32}", "penalty ", end="")
    print(2 * "   error    ratio     bias")
    show("best linear estimate", Tu)
    images, windows_of_one = 60, given.each * Sx[0, 0].numel()

    def regression(parts, *roots):
        batches = zip(*(part.split(images) for part in roots), strict=True)
        triples = ((*parts(f, coarse), r) for f, r in batches)
        return windows.fit(triples, together=windows_of_one)

    f, r, g = ((S.clamp(min=0) + e).sqrt() for S in (Su, Sx, Tu))
    for name, parts in PARTS.items():
        own = regression(parts, f, r)
        t = own(*parts(g, coarse))
        show(name, t.square() - e, own.penalty)
    variance = own.residual.square()[:, None, None]
    gain = (means + e) / (means + e - variance).clamp(min=0.05 * means)
    show("  plus the variance", t.square() + variance - e)
    show("  times a gain", gain * t.square() - e)
    own = regression(parts, Su / means, Sx / means)
    show("  coefficients, not roots", means * own(*parts(Tu / means, coarse)), own.penalty)


if __name__ == "__main__":
    main()
