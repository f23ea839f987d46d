from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

import json
from pathlib import Path

import torch

from gsn.networks import generator
from gsn.runtime import files, machine, store
from gsn.samplers import laws
from gsn.systems.latent_laws import comparison, quality, sweeps

SPLITS = ("train", "test")
x = {
    split: store.read(Path(path).parent, "x")
    for split, path in zip(SPLITS, snakemake.input.images, strict=True)
}
z = store.read(Path(snakemake.input.z[0]).parent, "z")[...]
G = generator.load(snakemake.input.generator, machine.device())
space = quality.space(
    *(comparison.batches(x[split]) for split in SPLITS),
    N=x["train"].shape[-1],
    J=snakemake.params.J,
)
known = {}
for law, fit in zip(snakemake.input.laws, snakemake.input.fits, strict=True):
    seconds = sum(float(row["seconds"]) for row in files.read_csv(fit))
    known[Path(law).stem] = laws.load(law, machine.device()), seconds
table, settings = Path(snakemake.output.table), snakemake.params.settings
rows = sweeps.rows(
    snakemake.wildcards.sweep,
    G,
    space,
    z,
    min(x["test"].shape[0], comparison.MOST),
    variances=store.read(Path(snakemake.input.pca).parent, "eigenvalues")[: z.shape[1]],
    settings=settings,
    known=known,
    seed=snakemake.params.seed,
    checkpoint=table.with_suffix(""),
    stamp=" ".join(
        [snakemake.params.code, json.dumps(settings, sort_keys=True), torch.__version__]
    ),
    device=machine.device(),
)
files.write_csv(table, rows[0], (row.values() for row in rows))
with files.whole_file(snakemake.output.picture) as partial:
    sweeps.figure(snakemake.wildcards.sweep, rows).savefig(partial)
for state in table.parent.glob(f"{table.stem}_*.partial.pt"):
    state.unlink()
