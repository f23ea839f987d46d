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
unet = peers.unet(training.x, training.first, **given["unet"], **same, **end)
x_held, y_held = training.held
parameters = peers.chosen(model, x_held, torch.from_numpy(y_held).to(device))
end["steps"] = given["steps"]
tests, rows = {names.family: fine["test"]}, []
if names.family == "ellipses":  # whose model also reconstructs the phantom that everybody knows
    tests["shepp_logan"] = data.images("shepp_logan", "test", 1, N, **source)
for family, test in reversed(tests.items()):
    x = data.reduced(test)
    y, _ = data.sinograms(test, angles, noise=0, level=training.noise, seed=seed + 1)
    found = experiment.run(model, unet, x, y, parameters, checkpoint=partial / family, **end)
    same = {"family": family, "geometry": names.geometry, "N": N}
    reference = found[measurement.REFERENCE][0]
    rows = [
        same | {"method": name} | notes | measurement.measured(x, one, reference, seed)
        for name, (one, notes) in found.items()
    ] + rows
images = {name: one for name, (one, _) in found.items()}  # of the family, the last one
spread, ends = experiment.spread(
    model, x, y, starts=given["starts"], seed=seed, checkpoint=partial, **end
)
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
