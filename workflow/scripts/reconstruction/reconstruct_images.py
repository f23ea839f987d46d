from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.runtime import files, machine, store
from gsn.systems.reconstruction import images, measurement

given, kind = snakemake.params.settings, snakemake.wildcards.pictures
names, x = images.opened(kind, given)
chosen = ("J", "L", "order", "starts", "steps", "tolerance", "seed")
rows, y = measurement.measured(
    kind, names, x, device=machine.device(), **{key: given[key] for key in chosen}
)
variables = {
    name: store.Variable(("image", "row", "column"), values.astype("float32"))
    for name, values in (("x", x), ("y", y))
}
with store.whole(Path(snakemake.output.images).parent) as folder:
    store.create(folder, variables, **{key: given[key] for key in chosen})
table = ([row[column] for column in measurement.COLUMNS] for row in rows)
files.write_csv(snakemake.output.table, measurement.COLUMNS, table)
