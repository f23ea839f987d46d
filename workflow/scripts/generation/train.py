"""Train the generator of one experiment, as the rule train_generator does.

    python workflow/scripts/generation/train.py FOLDER --settings JSON

FOLDER is results/{dataset}/J{J}_L{L}/d{d}, with z/{train,test}.zarr in it and
images/{train,test}.zarr two folders above. A variant, .../d{d}@training.epochs=8, takes z from the
folder d{d} beside it. The results are generator.pt, training.csv and
machine.txt in FOLDER. JSON has the keys generator, training and seed of a data set in config.yaml,
without gpus.

A run that was stopped continues. The last state, generator.partial.pt, remains until the rule
evaluate_generator has measured G. For several GPUs, start the program with
`torchrun --standalone --nproc-per-node 4` instead of `python`.
"""

import signal

# Until the training handles it, Ctrl-C ends the process without tracebacks of what is imported.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not if it is ignored
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse
import contextlib
import json
import os
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])  # workflow/, not the folder of the script

import imports
from settings.generation import read_training


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--settings", required=True, help='JSON: {"generator": ..., "training": ..., "seed": 0}'
    )
    parser.add_argument("--log-file", help="file of the log; the terminal if none is given")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    given = parser.parse_args()
    try:
        given.settings = read_training(json.loads(given.settings))
    except json.JSONDecodeError as error:
        parser.error(f"--settings must be JSON: {error}")
    except ValueError as error:
        parser.error(f"--settings: {error}")
    if (existing := given.folder / "generator.pt").exists():
        parser.error(f"{existing} exists already; move it away to train again")
    return given


given = arguments()
first = os.environ.get("RANK", "0") == "0"

from gsn.runtime import files, job, machine

# Held until the process ends, however it ends: the log and the state belong to one training.
alone = contextlib.ExitStack()
if first:
    try:
        alone.enter_context(files.exclusive(given.folder))
    except ValueError as error:
        sys.exit(str(error))

# No output of the rule: it outlives a job that was stopped, and one that Snakemake did not record.
checkpoint = given.folder / "generator.partial.pt"
job.start(given.log_file if first else os.devnull, given.threads, append=checkpoint.exists())
machine.keep_memory()

import torch

from gsn.networks import generator
from gsn.runtime import store
from gsn.systems.generation import fitting

SPLITS = ("train", "test")
embedding = given.folder.with_name(given.folder.name.split("@")[0])
z = {split: store.read(embedding / "z" / f"{split}.zarr", "z")[...] for split in SPLITS}
images = {
    split: store.read(given.folder.parents[1] / "images" / f"{split}.zarr", "x") for split in SPLITS
}
code = imports.digest(Path(__file__))
with machine.processes() as device:
    G, history = fitting.fit(
        z,
        images,
        network=given.settings["generator"],
        training=given.settings["training"],
        seed=given.settings["seed"],
        checkpoint=checkpoint,
        stamp=f"{code} {json.dumps(given.settings, sort_keys=True)} torch {torch.__version__}",
        device=device,
    )
if first:
    table = ([f"{value:.6g}" for value in row.values()] for row in history)
    files.write_csv(given.folder / "training.csv", history[0], table)
    with files.whole_file(given.folder / "machine.txt") as partial:
        partial.write_text(f"{machine.description()}\n")
    with files.whole_file(given.folder / "generator.pt") as partial:
        generator.save(G, partial)
