"""A tour of generation: reconstruct, sample and morph images with a trained generator.

    python examples/generation.py [FOLDER] [--output PICTURE]

FOLDER is a trained experiment, results/polygon5-32/J3_L8/d128 by default, which `make table1`
makes. The picture shows test images, their reconstructions from z, samples of z ~ N(0, I), and
morphs between pairs of the images.
"""

import argparse
from pathlib import Path

import numpy as np

import gsn
from gsn.figures.images import image_rows
from gsn.runtime import store

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("folder", nargs="?", default="results/polygon5-32/J3_L8/d128", type=Path)
parser.add_argument("--output", help="the picture; FOLDER/figures/tour.png by default", type=Path)
given = parser.parse_args()
output = given.output or given.folder / "figures/tour.png"

# Phi and G, and eight test images.
experiment = gsn.load(given.folder)
x = store.read(given.folder.parents[1] / "images/test.zarr", "x")[:8]
print(experiment)

# z = Phi(x) is d numbers for each image; on the training set its covariance is the identity.
z = experiment.embed(x)
print(f"z: {z.shape}, standard deviation {z.std():.2f}")

# G(z) is an image; G(Phi(x)) nearly the same image again.
y = experiment.decode(z)
error = np.mean((y - x / 255) ** 2)
print(f"PSNR of the reconstructions: {-10 * np.log10(error):.2f} dB")

# New images: decode white noise. Morphs: decode the line between two embeddings.
samples = experiment.sample(8, seed=0)
morphs = [experiment.interpolate(x[i], x[i + 1], 8) for i in (0, 2)]

rows = np.stack([x / 255, y, samples, *morphs])
labels = ["x", "G(Φ(x))", "samples", "morphs", ""]
title = f"{experiment.d} numbers an image"
image_rows(np.rint(255 * rows).astype(np.uint8), labels, title=title).savefig(output)
print(f"saved {output}")
