from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

import numpy as np

from gsn.metrics import features
from gsn.networks import generator
from gsn.runtime import files, machine, reading, store
from gsn.systems.generation import components, linear

SPLITS = ("train", "test")
G = generator.load(snakemake.input.generator, machine.device())
images, z = (
    {split: store.read(Path(path).parent, name) for split, path in zip(SPLITS, paths, strict=True)}
    for name, paths in (("x", snakemake.input.images), ("z", snakemake.input.z))
)
z = {split: array[...] for split, array in z.items()}
ridge = linear.decoder(z["train"], images["train"])
shape = images["train"].shape[1:]
decoders = {
    "G": lambda z: np.concatenate(list(generator.decode(G, z))),
    "linear": lambda z: ridge(z).reshape(-1, *shape).clip(0, 255),
}
# Evenly spaced: of all classes, whatever their order.
rows = {split: features.spread(len(z[split]), components.IMAGES) for split in SPLITS}
z = {split: z[split][rows[split]] for split in SPLITS}
images = {split: reading.rows(images[split], rows[split]) for split in SPLITS}
table, curves = components.measure(decoders, z, images, ridge.weight[-1].reshape(shape))
figures = {
    "components": components.picture(decoders, z["test"], images["test"]),
    "components_kept": curves,
}
for name, figure in figures.items():
    with files.whole_file(snakemake.output[name]) as partial:
        figure.savefig(partial)
files.write_csv(snakemake.output[0], components.COLUMNS, table)
