from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

import numpy as np

from gsn.metrics import sparsity
from gsn.networks import generator
from gsn.runtime import files, machine, progress, store

SAMPLE, BATCH = 1024, 64
G = generator.load(snakemake.input.generator, machine.device())
rows = []
for split, path in zip(("train", "test"), snakemake.input.z, strict=True):
    z = store.read(Path(path).parent, "z")[...]
    # Of all classes, whatever their order.
    z = z[np.linspace(0, len(z) - 1, min(len(z), SAMPLE)).astype(int)]
    bar = progress.Progress(total=len(z), unit="image", label=f"sparsity of G, {split}")
    found = sparsity.sparsity(G, bar.over(z[i : i + BATCH] for i in range(0, len(z), BATCH)))
    bar.close()
    rows += [[split, *row] for row in found]
files.write_csv(snakemake.output[0], ["split", *sparsity.SPARSITY_COLUMNS], rows)
