from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.metrics import reconstruction
from gsn.runtime import files, store
from gsn.systems.generation import baseline

d, pca = snakemake.params.d, Path(snakemake.input.pca).parent
basis = (
    store.read(pca, "mu")[...],
    store.read(pca, "components")[:d],
    store.read(pca, "eigenvalues")[:d],
)
rows = []
for split, images in zip(("train", "test"), snakemake.input.images, strict=True):
    pairs = baseline.projections(store.read(Path(images).parent, "x"), *basis)
    rows.append([split, *reconstruction.psnr_of_pairs(pairs, peak=255)])
files.write_csv(snakemake.output[0], ["split", *reconstruction.PSNR_COLUMNS], rows)
