from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.figures import laws as figures
from gsn.metrics import inception
from gsn.networks import generator
from gsn.runtime import files, machine, store
from gsn.samplers import laws
from gsn.systems.latent_laws import comparison, quality

SPLITS = ("train", "test")
folders = [Path(path).parent for path in snakemake.input.images]
x = {split: store.read(folder, "x") for split, folder in zip(SPLITS, folders, strict=True)}
z = {
    split: store.read(Path(path).parent, "z")[...]
    for split, path in zip(SPLITS, snakemake.input.z, strict=True)
}
labels = store.read(folders[0], "label")[...] if "label" in store.names(folders[0]) else None
G = generator.load(snakemake.input.generator, machine.device())
fitted = {}
for path in snakemake.input.laws:  # vae.pt, vae_fit1.pt, ...
    law = laws.load(path, machine.device())
    fitted.setdefault(Path(path).stem.split("_fit")[0], []).append(law)
space = quality.space(
    *(comparison.batches(x[split]) for split in SPLITS),
    N=x["train"].shape[-1],
    J=snakemake.params.J,
    labels=labels,
)
weights = snakemake.input.get("inception")
fid = inception.FID(weights, comparison.batches(x["train"])) if weights else None
rows = comparison.compare(G, fitted, space, z, x["test"], fid)
columns = list(dict.fromkeys(name for row in rows for name in row))
files.write_csv(
    snakemake.output.quality, columns, ([row.get(name, "") for name in columns] for row in rows)
)
with files.whole_file(snakemake.output.samples) as partial:
    shown = comparison.shown(G, fitted, z, x["test"])
    figures.sample_rows(shown, title=snakemake.wildcards.dataset).savefig(partial)
