from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

import numpy as np

from gsn.runtime import files, store
from gsn.systems.comparison import drawing, measurement

given, names, dataset = snakemake.input, snakemake.params.methods, snakemake.wildcards.dataset
tables = [*given.measured, given.real]
rows = [row for path in tables for row in files.read_csv(path)]
table = ([row[column] for column in measurement.COLUMNS] for row in rows)
files.write_csv(snakemake.output.table, measurement.COLUMNS, table)

test = store.read(Path(given.images).parent, "x")
real = np.stack([test[i] for i in measurement.shown(test.shape[0], snakemake.params.test_images)])
shown = {
    name: {array: store.read(folder, array)[...] for array in sorted(store.names(folder))}
    for name, folder in zip(names, (Path(path).parent for path in given.shown), strict=True)
}
figures = {
    "reconstructions": drawing.reconstructions(real, shown, title=f"{dataset}: reconstructions"),
    "samples": drawing.samples(real, shown, title=f"{dataset}: draws"),
    "measures": drawing.measures(rows, title=dataset),
}
for name, figure in figures.items():
    with files.whole_file(snakemake.output[name]) as partial:
        figure.savefig(partial, bbox_inches="tight")
