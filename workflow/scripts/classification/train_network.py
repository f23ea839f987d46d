from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

import json
from pathlib import Path

import numpy as np
import torch

from gsn.runtime import files, machine, store
from gsn.systems.classification import features, labelled, trained

method, given = snakemake.wildcards.method, snakemake.params.settings
folders = [Path(snakemake.input[split]).parent for split in ("train", "test")]
y, y_test = map(labelled.labels, folders)
colours = store.read(folders[0], "x").shape[1]
if method == "istc_pixels":
    x, x_test = (store.read(folder, "x")[...] for folder in folders)
    mirror = np.arange(colours)
else:
    stores = [Path(snakemake.input[name]).parent for name in ("train_S", "test_S")]
    x, x_test = (store.read(folder, "S")[...] for folder in stores)
    known = store.attributes(stores[0])
    mirror = features.mirror(known["J"], known["L"], colours)
mirror = mirror if given["mirrored"] else None
state = Path(snakemake.output.network).with_suffix(".partial.pt")  # it outlives a stopped job
network, history = trained.fit(
    method,
    x,
    y,
    settings=given,
    seed=snakemake.params.seed,
    checkpoint=state,
    mirror=mirror,
    stamp=f"{snakemake.params.code} {torch.__version__} {json.dumps(given, sort_keys=True)}",
    device=machine.device(),
)
row = trained.measured(method, network, history, x_test, y_test, len(x), mirror=mirror)
with files.whole_file(snakemake.output.network) as partial:
    torch.save(network.state_dict(), partial)
files.write_csv(snakemake.output.table, trained.COLUMNS, [[row[key] for key in trained.COLUMNS]])
state.unlink(missing_ok=True)
