from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.runtime import files, store
from gsn.systems.generation import baseline, quality

d, pca = snakemake.params.d, Path(snakemake.input.pca).parent
basis = (
    store.read(pca, "mu")[...],
    store.read(pca, "components")[:d],
    store.read(pca, "eigenvalues")[:d],
)
rows = []
for split, images in zip(("train", "test"), snakemake.input.images, strict=True):
    images = store.read(Path(images).parent, "x")
    rows.append([split, *quality.measured(baseline.projections(images, *basis), images.shape)])
files.write_csv(snakemake.output[0], ["split", *quality.COLUMNS], rows)
