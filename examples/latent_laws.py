"""A tour of the laws of z: sample images from each law of a trained experiment, side by side.

    python examples/latent_laws.py [FOLDER] [--output PICTURE]

FOLDER is an experiment with fitted laws, results/polygon5-32/J3_L8/d128 by default. `make table1`
and then `snakemake --cores all latent_laws` make it. The picture shows samples of every law that is
fitted there, and of one of them at falling temperatures.
"""

import argparse
from pathlib import Path

import numpy as np

import gsn
from gsn.figures.laws import sample_rows
from gsn.samplers import laws

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("folder", nargs="?", default="results/polygon5-32/J3_L8/d128", type=Path)
parser.add_argument(
    "--output", help="the picture; FOLDER/latent_laws/tour.png by default", type=Path
)
given = parser.parse_args()
output = given.output or given.folder / "latent_laws/tour.png"

# Each law is a file, and is used by its name. N(0, I) is always there.
experiment = gsn.load(given.folder)
folder = given.folder / "latent_laws"
fitted = ["gaussian", *(name for name in laws.NAMES[1:] if (folder / f"{name}.pt").exists())]
print(f"{experiment}: laws {', '.join(fitted)}")

rows = {name: experiment.sample(12, law=name) for name in fitted}

# A lower temperature gives images that are more typical and more alike.
law = "flow_matching" if "flow_matching" in fitted else fitted[-1]
for temperature in (0.8, 0.5):
    rows[f"{law} at {temperature}"] = experiment.sample(12, law=law, temperature=temperature)

pixels = {name: np.rint(255 * x).astype(np.uint8) for name, x in rows.items()}
sample_rows(pixels, title="G(z) of each law").savefig(output)
print(f"saved {output}")
