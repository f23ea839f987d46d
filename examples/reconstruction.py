"""A tour of the reconstruction: an image from its scattering coefficients alone.

    python examples/reconstruction.py [--image NAME] [--N 64] [--J 3 4 5] [--output PICTURE]

NAME is an image of scikit-image, camera by default, or a file. The picture shows the image, and
what a descent from white noise finds with the same coefficients, at each scale 2^J, for paths of
order 1 and of orders 1 and 2.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from gsn.data import photographs
from gsn.figures.images import image_rows
from gsn.systems.reconstruction import measurement, reconstruct

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("--image", default="camera")
parser.add_argument("--N", type=int, default=64, help="side of the image in pixels")
parser.add_argument("--J", type=int, nargs="+", default=[3, 4, 5], help="scales, as log2")
parser.add_argument("--steps", type=int, default=200, help="steps of each descent")
parser.add_argument("--output", help="the picture", type=Path, default="reconstruction.png")
given = parser.parse_args()

x = photographs.draw(given.image, given.N)  # (N, N) in [0, 1]
rows = []
for order in (1, 2):
    shown, captions = [x], ["x"]
    for J in given.J:
        # The coefficients, and all that is left of the image.
        S_J = measurement.transform_of(given.N, J=J, L=8, order=order)
        S = S_J(torch.from_numpy(x))
        print(f"J = {J}, order {order}: {S.numel()} numbers of {x.size} pixels", flush=True)

        # An image with the same coefficients, up to what they do not see.
        found = reconstruct(S, S_J, n_starts=2, steps=given.steps)
        (y,) = measurement.aligned(x[None], found.x.numpy()[None], J=J).y
        (psnr,) = measurement.psnr(x[None], y[None])
        print(f"  error of S {found.error:.1e}, {psnr:.2f} dB, {found.seconds:.1f} s", flush=True)
        shown.append(y)
        captions.append(f"J = {J}: {psnr:.1f} dB")
    rows.append((shown, captions))

pixels = np.rint(255 * np.stack([shown for shown, _ in rows]).clip(0, 1)).astype(np.uint8)
figure = image_rows(
    pixels[:, :, None], ["order 1", "order 2"], title="", captions=[text for _, text in rows]
)
figure.savefig(given.output)
print(f"saved {given.output}")
