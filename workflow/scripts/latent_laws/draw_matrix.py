from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

import numpy as np

from gsn.figures import laws as figures
from gsn.networks import generator
from gsn.runtime import files, store
from gsn.systems.latent_laws import matrix

G = generator.load(snakemake.input.generator)
variances = store.read(Path(snakemake.input.pca).parent, "eigenvalues")[:2]
drawn = {
    "matrix": (matrix.VALUES, variances),
    "matrix_deviations": (matrix.DEVIATIONS, np.ones(2)),
}
for name, (values, unit) in drawn.items():
    with files.whole_file(snakemake.output[name]) as partial:
        figure = figures.matrix(*matrix.images(G, values, unit), **matrix.names(unit))
        figure.savefig(partial)
