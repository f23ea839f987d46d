"""A tour of the associative memory: store images at their z, and recall them by corrupted copies.

    python examples/memory.py [FOLDER] [--output PICTURE]

FOLDER is a trained experiment, results/polygon5-32/J3_L8/d128 by default, which `make table1`
makes. The picture shows queries, the images that are retrieved, and what G makes of the z of the
queries.
"""

import argparse
from pathlib import Path

import numpy as np

import gsn
from gsn.data import corruptions
from gsn.figures.memory import examples
from gsn.runtime import store
from gsn.systems.memory import recall

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("folder", nargs="?", default="results/polygon5-32/J3_L8/d128", type=Path)
parser.add_argument("--output", help="the picture; FOLDER/figures/recall.png by default", type=Path)
given = parser.parse_args()
output = given.output or given.folder / "figures/recall.png"

# The memory: the z of every training image. The images themselves lie beside it.
experiment = gsn.load(given.folder)
addresses = store.read(given.folder / "z/train.zarr", "z")
images = store.read(given.folder.parents[1] / "images/train.zarr", "x")
print(f"{addresses.shape[0]} images at addresses of {addresses.shape[1]} numbers")

# Nine corrupted copies of the first image that are not in the memory.
x, N = images[:1], images.shape[-1]
queries = {
    **{f"noise\n{sigma}": corruptions.noise(x, 255 * sigma, seed=0) for sigma in (0.05, 0.1, 0.2)},
    **{
        f"square\n{side} px": corruptions.occlusion(x, side, fill=127.5, seed=0)
        for side in (N // 8, N // 4, N // 2)
    },
    **{f"moved\n{t} px": corruptions.translation(x, t, seed=0) for t in (1, N // 16, N // 8)},
}
asked = np.concatenate(list(queries.values())).clip(0, 255) / 255

# Recall by the nearest address, or without any search: decode the address of the query.
z = experiment.embed(asked)
rows, distances = recall(addresses, z)
for name, row, distance in zip(queries, rows, distances, strict=True):
    print(f"{' '.join(name.split())}: image {row}, at distance {distance:.2f}")
retrieved = np.stack([images[int(row)] for row in rows]) / 255

picture = np.stack([np.repeat(x, len(asked), axis=0) / 255, asked, retrieved, experiment.decode(z)])
labels = ["stored", "query", "retrieved", "G(z)"]
figure = examples(np.rint(255 * picture).astype(np.uint8), labels, list(queries), list(rows == 0))
figure.savefig(output)
print(f"saved {output}")
