from gsn import runtime

runtime.start(snakemake.log[0], snakemake.threads)

import csv
from pathlib import Path

import numpy as np

from gsn import evaluation, store, whitening

BATCH = 256
d = snakemake.params.d
pca = Path(snakemake.input.pca).parent
basis = (store.read(pca, "mu")[...], store.read(pca, "components")[:d], store.read(pca, "eigenvalues")[:d])


def pairs(images):
    bar = runtime.progress(total=images.shape[0], unit="image", label="evaluate pixel PCA")
    for i in range(0, images.shape[0], BATCH):
        x = images[i : i + BATCH].reshape(-1, images[0].size)
        # The projection on the first d components, cut to the range of a pixel: the baseline at its best.
        yield x, np.clip(whitening.unwhiten(whitening.whiten(x, *basis), *basis), 0, 255)
        bar.update(len(x))
    bar.close()


with runtime.whole_file(snakemake.output[0]) as partial, open(partial, "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["split", "n", "psnr_pooled_db", "psnr_mean_db"])
    for split, images in zip(("train", "test"), snakemake.input.images, strict=True):
        n, pooled, mean = evaluation.psnr_of_pairs(pairs(store.read(Path(images).parent, "x")), peak=255)
        writer.writerow([split, n, f"{pooled:.4f}", f"{mean:.4f}"])
