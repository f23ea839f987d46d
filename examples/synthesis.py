"""A tour of the synthesis: new realisations of a field, from one example of it, by several models.

    python examples/synthesis.py [PICTURE] [--output PICTURE]

PICTURE is any image of even sides, in colour or grey; without one, an Ising field is drawn.
"""

import argparse
from pathlib import Path

import numpy as np
import skimage.io
import skimage.util
from matplotlib.figure import Figure

from gsn.data import fields
from gsn.systems.synthesis import synthesize

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("picture", nargs="?", type=Path)
parser.add_argument("--output", help="the picture", default="synthesis.png", type=Path)
parser.add_argument("--steps", help="the steps of a descent", default=100, type=int)
given = parser.parse_args()

# The example. A photograph is not periodic: its border is hidden, and what the wavelets see of it.
mask = None
if given.picture:
    x = skimage.util.img_as_float32(skimage.io.imread(given.picture))
    x = np.moveaxis(x[..., :3], -1, 0) if x.ndim == 3 else x  # (c, H, W)
    mask = np.zeros(x.shape[-2:], dtype=bool)
    mask[1:-1, 1:-1] = True
else:
    x = fields.new("ising", 64, T=2.4, seed=0)[0]  # (64, 64)

# From little to much that is kept: the spectrum, the sparsity of the wavelet coefficients, and
# the dependence of their moduli across scales.
shown = {"example": x}
for statistics in ("gaussian", "scattering", "scattering_covariance"):
    found = synthesize(x, statistics, n=1, steps=given.steps, mask=mask, seed=0)
    print(
        f"{statistics}: {found.count} numbers, to {found.error.max():.1e} in {found.seconds:.1f} s"
    )
    shown[statistics] = found.fields[0]

figure = Figure(figsize=(3 * len(shown), 3.3), layout="constrained")
low, high = x.min(), x.max()  # one colour scale for all
for axes, (name, image) in zip(figure.subplots(1, len(shown)), shown.items(), strict=True):
    image = np.clip(image, low, high)
    axes.imshow(np.moveaxis(image, 0, -1) if image.ndim == 3 else image, vmin=low, vmax=high)
    axes.set_title(name)
    axes.axis("off")
figure.savefig(given.output)
print(f"saved {given.output}")
