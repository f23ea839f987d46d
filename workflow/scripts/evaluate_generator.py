from gsn import runtime

runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn import evaluation, generator, store

BATCH = 64
G = generator.load(snakemake.input.generator, runtime.device())


def pairs(images, z):
    bar = runtime.Progress(total=len(z), unit="image", label="evaluate G")
    for i, y in enumerate(generator.decode(G, z, BATCH)):
        yield images[i * BATCH : i * BATCH + len(y)], y
        bar.update(len(y))
    bar.close()


rows = []
for split, images, z in zip(("train", "test"), snakemake.input.images, snakemake.input.z, strict=True):
    images, z = store.read(Path(images).parent, "x"), store.read(Path(z).parent, "z")[...]
    rows.append([split, *evaluation.psnr_of_pairs(pairs(images, z), peak=255)])
runtime.write_csv(snakemake.output[0], ["split", *evaluation.PSNR_COLUMNS], rows)
