"""A tour of tomography: an image from a sinogram of few angles, or of a limited view.

    python examples/tomography.py [--angles 20] [--range 180] [--output PICTURE]

The model is fitted to random ellipses. The picture shows some others, and the phantom of Shepp and
Logan, by filtered back-projection, total variation, and with the scattering prior.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from gsn.data import phantoms
from gsn.inverse import backprojection
from gsn.metrics.reconstruction import mean_psnr
from gsn.systems import tomography
from gsn.systems.tomography import data, peers, pictures

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("--angles", type=int, default=20, help="number of angles")
parser.add_argument("--range", type=float, default=180.0, help="their range in degrees")
parser.add_argument("--N", type=int, default=64, help="side of the images in pixels")
parser.add_argument("--examples", type=int, default=200, help="number of examples for the fit")
parser.add_argument("--output", help="the picture", type=Path, default="tomography.png")
given = parser.parse_args()

# Fit the estimates to phantoms, drawn on a grid that is twice as fine.
angles = np.arange(given.angles) * given.range / given.angles
examples = data.images("ellipses", "train", given.examples, given.N, seed=0)
model = tomography.fit(examples, angles)

# Sinograms of other phantoms, with noise.
fine = data.images("ellipses", "test", 5, given.N, seed=0)
fine = np.concatenate([fine, phantoms.draw("shepp_logan", 2 * given.N, seed=0)[None]])
x = data.reduced(fine)
y, _ = data.sinograms(fine, angles, noise=0.02, seed=1)

sinograms = torch.from_numpy(y)
found = {
    "fbp": backprojection.filtered(model.radon, sinograms, cutoff=0.5),
    "tv, validated": peers.variation(model, sinograms, model.weights.tv).x,
    "scattering": model.reconstruct(sinograms),
}
for name, images in found.items():
    own = name.split(",")[0]
    print(f"{own:12} {mean_psnr(x, images.numpy()):.2f} dB")
images = {name: one.numpy() for name, one in found.items()}
pictures.rows(x, images).savefig(given.output)
print(f"saved {given.output}")
