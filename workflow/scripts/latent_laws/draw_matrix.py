from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.figures import laws as figures
from gsn.networks import generator
from gsn.runtime import files, store
from gsn.systems.latent_laws import matrix

G = generator.load(snakemake.input.generator)
variances = store.read(Path(snakemake.input.pca).parent, "eigenvalues")[:2]
with files.whole_file(snakemake.output.matrix) as partial:
    figures.matrix(*matrix.images(G, variances), **matrix.names(variances)).savefig(partial)
