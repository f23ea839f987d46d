from gsn import runtime

runtime.start(snakemake.log[0], snakemake.threads)

import csv
from pathlib import Path

import torch

from gsn import store, training
from gsn.generator import Generator, save

z = store.read(Path(snakemake.input.z).parent, "z")[...]
images = store.read(Path(snakemake.input.images).parent, "x")[...]
output = Path(snakemake.output.generator)
checkpoint = output.with_name("generator.partial.pt")  # not an output: it outlives a failed job, which resumes from it

torch.manual_seed(snakemake.params.seed)
G = Generator(z.shape[1], images.shape[-1], channels=images.shape[1], **snakemake.params.generator)
history = training.train(
    G,
    z,
    images,
    **snakemake.params.training,
    seed=snakemake.params.seed,
    checkpoint=checkpoint,
    device=runtime.device(),
)
with runtime.whole_file(snakemake.output.history) as partial, open(partial, "w", newline="") as file:
    writer = csv.DictWriter(file, training.COLUMNS)
    writer.writeheader()
    writer.writerows(history)
with runtime.whole_file(output) as partial:
    save(G, partial)
checkpoint.unlink(missing_ok=True)
