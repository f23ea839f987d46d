from gsn import runtime

runtime.start(snakemake.log[0], snakemake.threads)

import csv
from pathlib import Path

from gsn import evaluation, generator, store

BATCH = 256
G = generator.load(snakemake.input.generator, runtime.device())


def pairs(images, z):
    bar = runtime.progress(total=len(z), unit="image", label="evaluate G")
    for i, y in enumerate(generator.decode(G, z, BATCH)):
        yield images[i * BATCH : i * BATCH + len(y)], y
        bar.update(len(y))
    bar.close()


with runtime.whole_file(snakemake.output[0]) as partial, open(partial, "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["split", "n", "psnr_pooled_db", "psnr_mean_db"])
    for split, images, z in zip(("train", "test"), snakemake.input.images, snakemake.input.z, strict=True):
        images, z = store.read(Path(images).parent, "x"), store.read(Path(z).parent, "z")[...]
        n, pooled, mean = evaluation.psnr_of_pairs(pairs(images, z), peak=255)
        writer.writerow([split, n, f"{pooled:.4f}", f"{mean:.4f}"])
