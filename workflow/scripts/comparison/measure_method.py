from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

import numpy as np

from gsn.networks import generator
from gsn.runtime import files, machine, store
from gsn.systems.comparison import decoders, measurement, methods, spaces

SPLITS = ("train", "test")
name, seed, given = snakemake.wildcards.method, snakemake.params.seed, snakemake.input
train, test = (store.read(Path(path).parent, "x") for path in given.images)
folder = Path(given.z).parent
z = {split: store.read(folder, f"z_{split}")[...] for split in SPLITS}
rows = store.read(folder, "rows_test")[...]
images = {"train": train, "test": test}
if len(rows) < test.shape[0]:
    images["test"] = np.stack([test[i] for i in rows])
decoder = decoders.load(given.decoder, machine.device())
place = Path(given.space).parent
space = spaces.opened(
    lambda array: store.read(place, array)[...], N=test.shape[-1], J=snakemake.params.J
)
measured = measurement.reconstructed(name, decoder, z, images, seed=seed)
n = min(test.shape[0], measurement.MOST)
measured += measurement.drawn(name, decoder, z["train"], space, n, seed=seed)
table = ([row.get(column, "") for column in measurement.COLUMNS] for row in measured)
files.write_csv(snakemake.output.measured, measurement.COLUMNS, table)

shown = measurement.shown(test.shape[0], snakemake.params.test_images)
places = [int(np.flatnonzero(rows == i)[0]) for i in shown]
decoded = measurement.rounded(generator.decode(decoder, z["test"][places]))
variables = {"reconstructions": store.Variable(("image", "colour", "row", "column"), decoded)}
for k, prior in enumerate(methods.priors(name)):
    made = measurement.samples(name, decoder, z["train"], prior, measurement.SHOWN, seed=seed)
    axes = ("draw", "colour", "row", "column")
    variables[f"samples{k}"] = store.Variable(axes, measurement.rounded(made))
with store.whole(Path(snakemake.output.shown).parent) as folder:
    store.create(folder, variables, method=name, seed=seed)
