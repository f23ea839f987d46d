from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

import torch

from gsn.metrics import features
from gsn.networks import generator
from gsn.runtime import files, reading, store
from gsn.systems.memory import measurement, pictures, spaces
from gsn.transforms import Scattering2D


def opened(path, name):
    return store.read(Path(path).parent, name)


images, S = opened(snakemake.input.images, "x"), opened(snakemake.input.store, "S")
seed, d = snakemake.params.seed, snakemake.params.d
n = min(images.shape[0], snakemake.params.settings["stored"])
z = opened(snakemake.input.z, "z")[:n]
basis = spaces.Basis(
    mu=opened(snakemake.input.pca, "mu")[...],
    components=opened(snakemake.input.pca, "components")[:d],
    eigenvalues=opened(snakemake.input.pca, "eigenvalues")[:d],
)
written = store.attributes(Path(snakemake.input.pca).parent)
transform = Scattering2D(written["J"], (written["N"],) * 2, written["L"], written["max_order"])
embed = spaces.embedding(transform, basis, getattr(torch, written["dtype"]))

rows = features.spread(n, snakemake.params.settings["queries"])
x = reading.rows(images, rows)
stored = spaces.stored(images, S, z, basis.eigenvalues)
found = measurement.recalled(x, stored, embed, n=n, seed=seed)
table = measurement.table(found, rows, n)
G = generator.load(snakemake.input.generator)
figures = {
    "memory": measurement.curves(table),
    "memory_examples": pictures.examples(G, x, rows, found, images, embed, seed=seed),
}
for name, figure in figures.items():
    with files.whole_file(snakemake.output[name]) as partial:
        figure.savefig(partial)
files.write_csv(snakemake.output[0], measurement.COLUMNS, table)
