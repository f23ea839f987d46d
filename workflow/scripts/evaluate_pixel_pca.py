from gsn import runtime

runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

import numpy as np

from gsn import evaluation, store, whitening

BATCH = 256
d = snakemake.params.d
pca = Path(snakemake.input.pca).parent
basis = (store.read(pca, "mu")[...], store.read(pca, "components")[:d], store.read(pca, "eigenvalues")[:d])


def pairs(images):
    bar = runtime.Progress(total=images.shape[0], unit="image", label="evaluate pixel PCA")
    for i in range(0, images.shape[0], BATCH):
        x = images[i : i + BATCH]
        x = x.reshape(len(x), -1)
        # The projection on the first d components, cut to the range of a pixel: the baseline at its best.
        yield x, np.clip(whitening.unwhiten(whitening.whiten(x, *basis), *basis), 0, 255)
        bar.update(len(x))
    bar.close()


rows = []
for split, images in zip(("train", "test"), snakemake.input.images, strict=True):
    rows.append([split, *evaluation.psnr_of_pairs(pairs(store.read(Path(images).parent, "x")), peak=255)])
runtime.write_csv(snakemake.output[0], ["split", *evaluation.PSNR_COLUMNS], rows)
