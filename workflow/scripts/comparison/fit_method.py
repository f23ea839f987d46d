from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

import importlib
import json
from pathlib import Path

import torch

from gsn.runtime import files, machine, store, view
from gsn.systems.comparison import decoders

machine.keep_memory()
SPLITS = ("train", "test")
name, d, given = snakemake.wildcards.method, snakemake.params.d, snakemake.input
settings, seed = snakemake.params.settings, snakemake.params.seed
known = dict(given.items())  # by name; a method has no other inputs


def of_splits(paths, array):
    return {
        split: store.read(Path(path).parent, array)
        for split, path in zip(SPLITS, paths, strict=True)
    }


folder, stamped = Path(snakemake.output.fit).parent, [snakemake.params.code, torch.__version__]
run = {
    "seed": seed,
    "checkpoint": folder / "{}.partial.pt",  # no output of the rule: it outlives a stopped job
    "stamp": " ".join([*stamped, json.dumps(settings, sort_keys=True)]),
    "device": machine.device(),
}
images = of_splits(given.images, "x")
fitting = importlib.import_module(f"gsn.systems.comparison.{snakemake.params.kind}")
if "pca" in known:
    pca = Path(given.pca).parent
    basis = (
        store.read(pca, "mu")[...],
        store.read(pca, "components")[:d],
        store.read(pca, "eigenvalues")[:d],
    )
if snakemake.params.kind == "encoded":
    fitted = fitting.fit(name, images, d, **settings, **run)
elif snakemake.params.kind == "free":
    fitted = fitting.fit(name, images, basis, **settings, **run)
else:
    z = of_splits(given.z, "z") if "z" in known else None
    rows = None
    if "scattering" in known:
        rows = {
            split: view.blocks(Path(path).parent, "S")
            for split, path in zip(SPLITS, given.scattering, strict=True)
        }
    embedding = fitting.embedding(name, images, basis, store.attributes(pca), z, rows, seed=seed)
    trained = None
    if "generator" in known:  # the experiment's own, of the same budget
        trained = decoders.load(given.generator), files.read_csv(given.history)[-1]
    fitted = fitting.fit(name, images, embedding, trained, **settings, **run)
variables = {
    f"z_{split}": store.Variable((f"image_{split}", "component"), z)
    for split, z in fitted.z.items()
}
variables["rows_test"] = store.Variable(("image_test",), fitted.rows)
with store.whole(Path(snakemake.output.z).parent) as partial:
    store.create(partial, variables, method=name, d=d, seed=seed)
files.write_csv(snakemake.output.fit, ["method", *fitted.facts], [[name, *fitted.facts.values()]])
with files.whole_file(snakemake.output.decoder) as partial:
    decoders.save(fitted.decoder, partial)
for state in folder.glob("*.partial.pt"):
    state.unlink()
