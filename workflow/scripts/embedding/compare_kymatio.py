from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

import numpy as np

from gsn.runtime import files, store
from gsn.transforms.scattering2d import comparison

IMAGES = 64
images = store.read(Path(snakemake.input.images).parent, "x")
rows = np.linspace(0, images.shape[0] - 1, min(IMAGES, images.shape[0])).astype(int)
x = np.stack([images[row] for row in rows])
J, L = int(snakemake.wildcards.J), int(snakemake.wildcards.L)
files.write_csv(snakemake.output[0], *comparison.compare(x, J=J, L=L))
