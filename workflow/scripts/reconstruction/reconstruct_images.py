from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

import json
import shutil
from pathlib import Path

import torch

from gsn.runtime import files, machine, store
from gsn.systems.reconstruction import images, measurement

given, kind = snakemake.params.settings, snakemake.wildcards.pictures
names, x = images.opened(kind, given)
chosen = ("J", "L", "order", "starts", "steps", "tolerance", "seed")
partial = Path(snakemake.output.table).with_name("descent.partial")  # it outlives a stopped job
stamped = [snakemake.params.code, torch.__version__, json.dumps(given, sort_keys=True)]
rows, y = measurement.measured(
    kind,
    names,
    x,
    device=machine.device(),
    checkpoint=partial,
    stamp=" ".join(stamped),
    **{key: given[key] for key in chosen},
)
variables = {
    name: store.Variable(("image", "row", "column"), values.astype("float32"))
    for name, values in (("x", x), ("y", y))
}
with store.whole(Path(snakemake.output.images).parent) as folder:
    store.create(folder, variables, **{key: given[key] for key in chosen})
table = ([row[column] for column in measurement.COLUMNS] for row in rows)
files.write_csv(snakemake.output.table, measurement.COLUMNS, table)
shutil.rmtree(partial, ignore_errors=True)
