from gsn import runtime

runtime.start(snakemake.log[0], snakemake.threads)

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
    stamp=f"{runtime.digest(snakemake.input.code)} torch {torch.__version__}",
    device=runtime.device(),
)
runtime.write_csv(snakemake.output.history, training.COLUMNS, (row.values() for row in history))
with runtime.whole_file(output) as partial:
    save(G, partial)
checkpoint.unlink(missing_ok=True)
