"""Train the generator of one experiment, as the rule train_generator does; resumes where it was stopped.

    python workflow/scripts/train.py FOLDER --settings JSON
    torchrun --standalone --nproc-per-node 4 workflow/scripts/train.py FOLDER --settings JSON      on four GPUs

FOLDER is results/{dataset}/J{J}_L{L}/d{d}, with z/{train,test}.zarr in it and images/{train,test}.zarr two above; what
is written there are generator.pt and training.csv. JSON has the keys generator, training and seed of config.yaml, but
for gpus, which is the number of processes.
"""

import argparse
import json
import os
import sys
from pathlib import Path

sys.path.pop(0)  # the folder of the scripts, which would hide modules of the same names

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("folder", type=Path)
parser.add_argument("--settings", required=True, help='JSON: {"generator": ..., "training": ..., "seed": 0}')
parser.add_argument("--log-file", help="a file for the log; the terminal if none is given")
parser.add_argument("--threads", type=int, default=os.cpu_count())
arguments = parser.parse_args()
try:
    settings = json.loads(arguments.settings)
except json.JSONDecodeError as error:
    parser.error(f"--settings must be JSON: {error}")
KEYS = {
    "generator": ({"width", "kernel"}, {"normalisation", "padding"}),
    "training": ({"epochs", "batch", "learning_rate", "warmup"}, {"ema", "noise"}),
}
if not isinstance(settings, dict) or settings.keys() != {*KEYS, "seed"}:
    found = ", ".join(settings) if isinstance(settings, dict) else repr(settings)
    parser.error(f"--settings must have generator, training and seed, and no other key: found {found}")
for part, (needed, possible) in KEYS.items():
    found = settings[part].keys() if isinstance(settings[part], dict) else {repr(settings[part])}
    if not needed <= found <= needed | possible:
        keys = f"{', '.join(sorted(needed))} and perhaps {', '.join(sorted(possible))}"
        parser.error(f"{part} in --settings must have {keys}, and no other key: found {', '.join(sorted(found))}")
if (made := arguments.folder / "generator.pt").exists():
    parser.error(f"{made} is there already; move it away to train again")
first = os.environ.get("RANK", "0") == "0"

from gsn import runtime

checkpoint = arguments.folder / "generator.partial.pt"  # no output of the rule: it outlives a job that was stopped
runtime.start(arguments.log_file if first else os.devnull, arguments.threads, append=checkpoint.exists())
runtime.keep_memory()

import numpy as np
import torch

from gsn import evaluation, generator, store, training
from gsn.generator.normalisation import recompute_statistics

folder = arguments.folder
SPLITS = ("train", "test")
z = {split: store.read(folder / "z" / f"{split}.zarr", "z")[...] for split in SPLITS}
images = {split: store.read(folder.parents[1] / "images" / f"{split}.zarr", "x") for split in SPLITS}

# What is measured after each epoch: some images of each split, evenly spaced, for they may be in the order of classes.
some = min(max(len(z["train"]) // 32, 8), 256)
rows = {split: np.unique(np.linspace(0, len(z[split]) - 1, some).astype(int)) for split in SPLITS}
x = images["train"][...]
watched = {"train": x[rows["train"]], "test": np.stack([images["test"][i] for i in rows["test"]])}


def measure(G):
    decoded = {split: np.concatenate(list(generator.decode(G, z[split][rows[split]]))) for split in SPLITS}
    errors = {split: evaluation.mse(watched[split], decoded[split]) for split in SPLITS}
    return {f"psnr_{split}_db": evaluation.psnr(errors[split], peak=255)[0] for split in SPLITS}


modules = sorted(file for stage in (generator, training) for file in Path(stage.__file__).parent.glob("*.py"))
stamp = f"{runtime.digest([__file__, *modules])} {json.dumps(settings, sort_keys=True)} torch {torch.__version__}"
with runtime.processes() as device:
    torch.manual_seed(settings["seed"])
    G = generator.Generator(z["train"].shape[1], x.shape[-1], channels=x.shape[1], **settings["generator"])
    history = training.train(
        G,
        z["train"],
        x,
        **settings["training"],
        seed=settings["seed"],
        checkpoint=checkpoint,
        stamp=stamp,
        measure=measure,
        device=device,
    )
    batch = settings["training"]["batch"]
    full = len(z["train"]) // batch * batch  # as in training, without a last batch that is smaller
    recompute_statistics(G, torch.from_numpy(z["train"][:full]).to(device).split(batch))
if first:
    table = ([f"{value:.6g}" for value in row.values()] for row in history)
    runtime.write_csv(folder / "training.csv", history[0], table)
    with runtime.whole_file(folder / "generator.pt") as partial:
        generator.save(G, partial)
    checkpoint.unlink(missing_ok=True)
