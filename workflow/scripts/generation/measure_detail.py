from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.networks import generator
from gsn.runtime import files, machine, store
from gsn.systems.generation import detail, evaluation

G = generator.load(snakemake.input.generator, machine.device())
pairs = {}
for split, images, z in zip(
    ("train", "test"), snakemake.input.images, snakemake.input.z, strict=True
):
    images, z = store.read(Path(images).parent, "x"), store.read(Path(z).parent, "z")[...]
    pairs[split] = evaluation.reconstructions(G, z, images)
rows, figure = detail.measure(pairs)
with files.whole_file(snakemake.output.detail) as partial:
    figure.savefig(partial)
files.write_csv(snakemake.output[0], detail.COLUMNS, rows)
