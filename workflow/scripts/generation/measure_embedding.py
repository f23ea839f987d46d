from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

import numpy as np

from gsn.runtime import files, reading, store
from gsn.systems.generation import claims


def opened(path, name):
    return store.read(Path(path).parent, name)


images = opened(snakemake.input.images, "x")
rows = claims.rows_of_sample(images.shape[0], snakemake.params.seed)
mu, components, eigenvalues = (
    opened(snakemake.input.pca, name)[...] for name in ("mu", "components", "eigenvalues")
)
S = reading.rows(opened(snakemake.input.store, "S"), rows).reshape(len(rows), -1).astype(np.float32)
sample = claims.Sample(
    x=reading.rows(images, rows),
    S=S - mu,
    components=components,
    eigenvalues=eigenvalues,
    d=snakemake.params.d,
    J=int(snakemake.wildcards.J),
    L=int(snakemake.wildcards.L),
    seed=snakemake.params.seed,
)
z = {
    split: reading.blocks(opened(path, "z"))
    for split, path in zip(("train", "test"), snakemake.input.z, strict=True)
}
table, figures = claims.measure(sample, z)
for name, figure in figures.items():
    with files.whole_file(snakemake.output[name]) as partial:
        figure.savefig(partial)
files.write_csv(snakemake.output[0], claims.COLUMNS, table)
