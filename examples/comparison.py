"""A tour of the comparison: morphs between two test images by every method, side by side.

    python examples/comparison.py [FOLDER] [--output PICTURE]

FOLDER is an experiment with a comparison, results/polygon5-32/J3_L8/d128 by default, which
`snakemake --cores all comparison` makes. Each row of the picture decodes the straight line between
the embeddings of the same two test images by one method.
"""

import argparse
from pathlib import Path

import numpy as np

from gsn.figures.images import image_rows
from gsn.networks.generator import decode
from gsn.runtime import store
from gsn.systems.comparison import decoders, methods

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("folder", nargs="?", default="results/polygon5-32/J3_L8/d128", type=Path)
parser.add_argument("--output", help="the picture; FOLDER/comparison/morphs.png by default")
given = parser.parse_args()
folder = given.folder / "comparison"
output = given.output or folder / "morphs.png"

# Each method is a decoder and the z of both splits. GLO has the z of some test images only.
fitted = [name for name in methods.NAMES if (folder / name / "decoder.pt").exists()]
if not fitted:
    parser.error(f"{folder} must have a comparison: found none; run `snakemake comparison`.")
t = np.linspace(0, 1, 8, dtype=np.float32)[:, None]
common = store.read(folder / fitted[-1] / "z.zarr", "rows_test")[...]
ends = common[[0, len(common) // 2]]
rows = []
for name in fitted:
    numbers = store.read(folder / name / "z.zarr", "rows_test")[...].tolist()
    z = store.read(folder / name / "z.zarr", "z_test")[...]
    first, last = (z[numbers.index(i)] for i in ends)
    morph = np.concatenate(
        list(decode(decoders.load(folder / name / "decoder.pt"), z=(1 - t) * first + t * last))
    )
    rows.append(np.rint(morph).clip(0, 255).astype(np.uint8))

title = f"G((1 - t) z + t z') of test images {ends[0]} and {ends[1]}"
image_rows(np.stack(rows), [methods.NAMES[name] for name in fitted], title=title).savefig(
    output, bbox_inches="tight"
)
print(f"saved {output}")
