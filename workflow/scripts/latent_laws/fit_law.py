from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

import json
from pathlib import Path

import torch

from gsn.runtime import files, machine, store
from gsn.samplers import laws
from gsn.systems.latent_laws import fitting

name = snakemake.wildcards.law
z = store.read(Path(snakemake.input.z).parent, "z")[...]
folder = Path(snakemake.output.law).parent
# No output of the rule: it outlives a job that was stopped.
stem = Path(snakemake.output.law).stem
states = folder / f"{stem}-{{}}.partial.pt"
settings = snakemake.params.settings
law, rows = fitting.fit(
    name,
    z,
    variances=store.read(Path(snakemake.input.pca).parent, "eigenvalues")[: z.shape[1]],
    settings=settings,
    seed=snakemake.params.seed,
    checkpoint=states,
    stamp=" ".join(
        [snakemake.params.code, json.dumps(settings, sort_keys=True), torch.__version__]
    ),
    device=machine.device(),
)
files.write_csv(snakemake.output.fit, rows[0], (row.values() for row in rows))
with files.whole_file(snakemake.output.law) as partial:
    laws.save(law, partial)
for state in folder.glob(f"{stem}-*.partial.pt"):
    state.unlink()
