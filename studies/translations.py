"""What lowers the error of a simple classifier of scattering coefficients, one change at a time.

    python studies/translations.py [--folder results/mnist/images] [--only NAME ...]

Random subsets of the training images of a store train the classifiers, other training images
measure them; no test image is read. Printed are errors in per cent of affine PCA and of the SVM,
the means over the subsets. `.venv/bin/snakemake results/mnist/images/train.zarr/zarr.json` makes
the images.
"""

import argparse
from pathlib import Path

import numpy as np

from gsn.runtime import machine, store
from gsn.systems.classification import features, least, measurement, subsets

HELD = 5000  # training images that measure
BASE = {"J": 3, "L": 8, "kind": "order2", "root": False, "train": 1, "test": 1}
BOTH = {"train": 5, "test": 5}
CASES = {
    "as it is": {},
    "J = 2": {"J": 2},
    "L = 6": {"L": 6},
    "L = 12": {"L": 12},
    "cosine transform": {"kind": "cosine"},
    "square roots": {"root": True},
    "translations in training": {"train": 5},
    "translations of test images": {"test": 5},
    "both": BOTH,
    "both, cosine transform": BOTH | {"kind": "cosine"},
    "both, square roots": BOTH | {"root": True},
}


def rows(x, count, case):
    """Return the features of the first translations of images, (count, n, p), and the positions."""
    known = {"J": case["J"], "L": case["L"]}
    found = []
    for by in least.TRANSLATIONS[:count]:
        S = features.scattered(least.translated(x, by), **known)
        own, positions = features.rows(
            np.sqrt(np.maximum(S, 0)) if case["root"] else S, case["kind"], **known
        )
        found.append(own)
    return np.stack(found), positions


def errors(x, y, case, sizes, repeats):
    """Yield the size and the errors of both classifiers, means over the subsets."""
    held = subsets.drawn(y, HELD, seed=10_000)
    others = np.setdiff1d(np.arange(len(y)), held)
    test, positions = rows(x[held], case["test"], case)
    for n in sizes:
        found = []
        for seed in range(repeats):
            own = others[subsets.drawn(y[others], n, seed=seed)]
            X, labels = rows(x[own], case["train"], case)[0], y[own]
            kept = {"positions": positions, "seed": seed}
            models = [least.affine(X, labels, **kept)[0]]
            chosen, _ = measurement.chosen("svm", X[0], labels, **kept)
            models.append(chosen.fit(np.concatenate(X), np.tile(labels, len(X))))
            found.append([np.mean(least.predicted(model, test) != y[held]) for model in models])
        yield n, 100 * np.mean(found, axis=0)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = " ".join(f'"{name}"' for name in CASES)
    add = parser.add_argument
    add("--folder", type=Path, default=Path("results/mnist/images"), help="folder of the images")
    add("--sizes", nargs="+", type=int, default=[300, 1000], metavar="N", help="training images")
    add("--repeats", type=int, default=5, help="random subsets of each size")
    add("--only", nargs="+", choices=CASES, default=CASES, metavar="NAME", help=names)
    given = parser.parse_args()
    machine.keep_memory()
    folder = given.folder / "train.zarr"
    x, y = (store.read(folder, name)[...] for name in ("x", "label"))
    print(f"{'':28}      n  affine PCA     SVM")
    for name in given.only:
        for n, found in errors(x, y, BASE | CASES[name], given.sizes, given.repeats):
            print(f"{name:28} {n:6,} {found[0]:11.2f} {found[1]:7.2f}", flush=True)


if __name__ == "__main__":
    main()
