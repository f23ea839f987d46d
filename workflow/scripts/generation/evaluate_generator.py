from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.networks import generator
from gsn.runtime import files, log, machine, store
from gsn.systems.generation import baseline, evaluation, quality

G = generator.load(snakemake.input.generator, machine.device())
rows = []
for split, images, z in zip(
    ("train", "test"), snakemake.input.images, snakemake.input.z, strict=True
):
    images, z = store.read(Path(images).parent, "x"), store.read(Path(z).parent, "z")[...]
    pairs = evaluation.reconstructions(G, z, images)
    rows.append([split, *quality.measured(pairs, images.shape)])
files.write_csv(snakemake.output[0], ["split", *quality.COLUMNS], rows)
tables = {"ridge": snakemake.input.ridge, "pixel_pca": snakemake.input.pixel_pca}
psnr = {split: {"generator": pooled} for split, _, pooled, *_ in rows}
for name, path in tables.items():
    for row in files.read_csv(path):
        psnr[row["split"]][name] = float(row["psnr_pooled_db"])
log.announce(baseline.verdict(psnr, linear=G.settings["linear"]))

# Snakemake has recorded the training by now; before, a kill would have repeated it.
Path(snakemake.input.generator).with_name("generator.partial.pt").unlink(missing_ok=True)
