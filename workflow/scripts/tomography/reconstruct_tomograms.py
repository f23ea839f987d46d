from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

import json
import shutil
from pathlib import Path

import numpy as np
import torch

from gsn.runtime import files, machine, store
from gsn.systems.tomography import data, experiment, fitting, measurement, peers, pictures

given, made, names = snakemake.params.settings, snakemake.output, snakemake.wildcards
N, seed, device = given["N"], given["seed"], machine.device()
angles = np.arange(given["geometry"]["angles"]) * (
    given["geometry"]["range"] / given["geometry"]["angles"]
)
source = {"seed": seed, "volume": Path(snakemake.input[0]) if snakemake.input else None}
fine = {split: data.images(names.family, split, given[split], N, **source) for split in data.SPLITS}
alike = given["train"] // 10 if names.family == "ct" else 1  # neighbouring slices
model, training = fitting.fitted(
    np.concatenate([fine["train"], fine["validation"]]),
    angles,
    detectors=None,
    **{key: given[key] for key in ("noise", "J", "L", "validation", "seed")},
    together=alike,
    device=device,
)
partial = Path(made.model).with_name("descents.partial")  # it outlives a stopped job
partial.mkdir(parents=True, exist_ok=True)
end = {"device": device}
end["stamp"] = " ".join(
    [snakemake.params.code, torch.__version__, json.dumps(given, sort_keys=True)]
)
same = {"seed": seed, "checkpoint": partial / "unet.pt"}
unet = peers.trained(training.x, training.first, **given["unet"], **same, **end)
x = data.reduced(fine["test"])
y, _ = data.sinograms(fine["test"], angles, noise=0, level=training.noise, seed=seed + 1)
end |= {"steps": given["steps"], "checkpoint": partial}
found = experiment.run(model, unet, x, y, training.held, **end)
spread, ends = experiment.spread(model, x, y, starts=given["starts"], seed=seed, **end)
same = {"family": names.family, "geometry": names.geometry, "N": N}
reference = found[measurement.REFERENCE][0]
rows = [
    same | {"method": name} | notes | measurement.measured(x, images, reference, seed)
    for name, (images, notes) in found.items()
]
images = {name: one for name, (one, _) in found.items()}
for path, columns, table in (
    (made.table, measurement.COLUMNS, rows),
    (made.spread, experiment.SPREAD_COLUMNS, [same | spread]),
):
    files.write_csv(path, columns, ([row[column] for column in columns] for row in table))
axes = ("image", "row", "column")
variables = {"x": store.Variable(axes, x)}
for name, one in images.items():
    variables[name.replace(", ", "_")] = store.Variable(axes, one)
with store.whole(Path(made.images).parent) as folder:
    store.create(folder, variables, angles=angles.tolist(), noise=given["noise"])
for path, figure in (
    (made.rows, pictures.rows(x, images)),
    (made.map, pictures.spread(x, ends)),
):
    with files.whole_file(path) as target:
        figure.savefig(target)
model.save(made.model)
shutil.rmtree(partial, ignore_errors=True)
