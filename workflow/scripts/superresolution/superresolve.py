from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

import json
import shutil
from pathlib import Path

import numpy as np
import torch

from gsn.data import crops
from gsn.runtime import files, machine, store
from gsn.systems import superresolution
from gsn.systems.superresolution import experiment, measurement, pictures

given, made, device = snakemake.params.settings, snakemake.output, machine.device()
N, seed, each = given["N"], given["seed"], given["each"]
x = crops.draw(given["test"], N, each=given["each_test"], seed=seed)
# Images of the training photographs to which nothing was fitted.
held = crops.draw(given["train"], N, each=each + given["validation"], seed=seed)
held = held.reshape(len(given["train"]), -1, N, N)[:, each:].reshape(-1, N, N)
models = [superresolution.load(snakemake.input[name]) for name in ("model", "deep")]
partial = Path(made.table).with_name("descents.partial")  # it outlives a stopped job
end = {"steps": given["steps"], "seed": seed, "device": device}
end["stamp"] = " ".join(
    [snakemake.params.code, torch.__version__, json.dumps(given, sort_keys=True)]
)
rows, found = experiment.run(*models, x, held, **end, checkpoint=partial)
sharp, textured = found["network"], found["scattering, network"]
blends = experiment.blends(x, sharp, textured, given["factor"])
some = np.linspace(0, len(x) - 1, min(given["sampled"], len(x))).astype(int)
posterior, solutions = experiment.posterior(
    models[1], x[some], samples=given["samples"], **end, checkpoint=partial
)
for path, columns, table in (
    (made.table, measurement.COLUMNS, rows),
    (made.blends, experiment.BLEND_COLUMNS, blends),
    (made.posterior, experiment.POSTERIOR_COLUMNS, [posterior]),
):
    files.write_csv(path, columns, ([row[column] for column in columns] for row in table))
axes = ("image", "row", "column")
variables = {"x": store.Variable(axes, x)}
for name, images in found.items():
    variables[name.replace(", ", "_").replace(" + ", "_")] = store.Variable(axes, images)
with store.whole(Path(made.images).parent) as folder:
    store.create(folder, variables, **{key: given[key] for key in ("factor", "N", "J", "L")})
drawn = {"rows": pictures.rows(x, found), "spread": pictures.spread(x[some], solutions)}
drawn["photograph"] = pictures.photograph(
    *experiment.whole_photograph(models, given["test"][0], **end, checkpoint=partial)
)
for name, figure in drawn.items():
    with files.whole_file(made[name]) as target:
        figure.savefig(target)
shutil.rmtree(partial, ignore_errors=True)
