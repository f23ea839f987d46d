"""A tour of super-resolution: a photograph from a small copy of it.

    python examples/superresolution.py [--image NAME] [--factor 4] [--output PICTURE]

NAME is an image of scikit-image, camera by default, or a file. The model is fitted to crops of
other photographs, in about a minute. The picture shows the photograph, its linear estimate, the
same with noise of the right energy, and the image that has the estimated scattering coefficients.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from gsn.data import crops
from gsn.inverse.operators.sampling import Decimation
from gsn.systems import superresolution
from gsn.systems.superresolution import measurement, pictures

NAMES = ["astronaut", "brick", "cat", "china", "coffee", "grass", "moon", "motorcycle", "retina"]

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("--image", default="camera")
parser.add_argument("--factor", type=int, default=4)
parser.add_argument("--N", type=int, default=192, help="side of the photograph in pixels")
parser.add_argument("--each", type=int, default=100, help="training images of each photograph")
parser.add_argument("--steps", type=int, default=60, help="steps of the descent")
parser.add_argument("--output", help="the picture", type=Path, default="superresolution.png")
given = parser.parse_args()

# Fit the estimates to photographs that are not the one of the test.
names = [name for name in NAMES if name != given.image]
x = crops.draw(names, 64 if 64 % given.factor == 0 else 48, each=given.each, seed=0)
model = superresolution.fit(x, factor=given.factor, together=given.each)

# A small copy of a photograph, which is all that the model is given.
whole = crops.whole(given.image)
top, left = ((side - given.N) // 2 for side in whole.shape)
x = np.ascontiguousarray(whole[top : top + given.N, left : left + given.N])
y = Decimation(given.factor, x.shape)(torch.from_numpy(x)[None])

found = {
    "linear": model.first(y),
    "linear + noise": model.noisy(y, seed=0),
    "scattering": model.upscale(y, steps=given.steps),
}
images = [x]
for name, image in found.items():
    images.append(image[0].numpy())
    row = measurement.measured(x[None], image.numpy(), y.numpy(), given.factor)
    texts = [f"{key} {row[key]:.3g}" for key in ("psnr_db", "band_energy", "order2_error")]
    print(f"{name:16} {', '.join(texts)}")
corner = (given.N // 4, given.N // 4)
pictures.photograph(["x", *found], images, corner).savefig(given.output)
print(f"saved {given.output}")
