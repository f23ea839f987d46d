"""What matters most in the training of G, one change at a time: pooled PSNR on train and test after so many epochs.

    python benchmarks/training_study.py [--folder FOLDER] [--width 8] [--epochs 24] [--seeds 0] [--only NAME ...]

FOLDER is an experiment's, with its z: results/polygon5-32/J3_L8/d128 if none is given, which `make table1` makes. The
base is a generator of width 8 with batch normalisation and symmetric padding, trained with batches of 32, Adam at
0.004, a tenth of warm-up and a linear decay, no average of the weights, no noise; the statistics of the batch
normalisation are recomputed at the end. The other statistics are measured on the same trained weights.
"""

import argparse
import math
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from gsn import evaluation, generator, runtime, store, training
from gsn.generator.normalisation import BatchNorm, recompute_statistics
from gsn.training import updates

BASE = {"batch": 32, "learning_rate": 0.004, "warmup": 0.1, "ema": 0.0, "noise": 0.0}
LINEAR = updates.schedule
SCHEDULES = {
    "linear": LINEAR,
    "constant": lambda t, warmup: min(1.0, t / warmup),
    "cosine": lambda t, warmup: t / warmup if t < warmup else (1 + math.cos(math.pi * (t - warmup) / (1 - warmup))) / 2,
}
VARIANTS = {
    "base": {},
    "noise 0.1": {"noise": 0.1},
    "noise 0.2": {"noise": 0.2},
    "noise 0.4": {"noise": 0.4},
    "constant rate": {"schedule": "constant"},
    "constant rate, ema 0.999": {"schedule": "constant", "ema": 0.999},
    "cosine decay": {"schedule": "cosine"},
    "ema 0.99": {"ema": 0.99},
    "ema 0.999": {"ema": 0.999},
    "biases, no normalisation": {"normalisation": "none"},
    "the same, rate 0.001": {"normalisation": "none", "learning_rate": 0.001},
    "reflection": {"padding": "reflect"},
    **{f"rate {rate}": {"learning_rate": rate} for rate in (0.001, 0.002, 0.008, 0.016)},
    **{f"batch 128, rate {rate}": {"batch": 128, "learning_rate": rate} for rate in (0.004, 0.008, 0.016)},
}


def decibels(G, z, x):
    """Pooled PSNR on train and test."""
    values = []
    for split in z:
        parts = np.split(x[split], range(256, len(x[split]), 256))
        pairs = zip(parts, generator.decode(G, z[split], 256), strict=True)
        values.append(evaluation.psnr_of_pairs(pairs, peak=255)[1])
    return values


def report(name, seed, values, seconds=""):
    print(f"{name:26} {seed:>4} {values[0]:>7.2f} {values[1]:>7.2f} {seconds:>8}", flush=True)


def run(name, change, z, x, *, width, epochs, seed):
    settings = BASE | {key: value for key, value in change.items() if key in BASE}
    network = {"width": width} | {key: value for key, value in change.items() if key in ("normalisation", "padding")}
    updates.schedule = SCHEDULES[change.get("schedule", "linear")]
    torch.manual_seed(seed)
    G = generator.Generator(z["train"].shape[1], x["train"].shape[-1], channels=x["train"].shape[1], **network)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        settings |= {"epochs": epochs, "seed": seed, "checkpoint": Path(folder, "checkpoint.pt")}
        training.train(G, z["train"], x["train"], device=runtime.device(), **settings)
    seconds = f"{time.monotonic() - begun:.0f}"
    full = len(z["train"]) // settings["batch"] * settings["batch"]
    parts = torch.from_numpy(z["train"][:full]).to(runtime.device()).split(settings["batch"])
    if name == "base":
        G.eval()
        report("statistics running at 0.1", seed, decibels(G, z, x))
        for norm in G.modules():
            if isinstance(norm, BatchNorm):
                norm.momentum = 0.9
        G.train()
        with torch.no_grad():
            for part in parts[:32]:
                G(part)
        G.eval()
        report("statistics running at 0.9", seed, decibels(G, z, x))
    recompute_statistics(G, parts)
    report(name, seed, decibels(G.eval(), z, x), seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("results/polygon5-32/J3_L8/d128"))
    parser.add_argument("--width", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    names = " ".join(f'"{name}"' for name in VARIANTS)
    parser.add_argument("--only", nargs="+", choices=VARIANTS, default=list(VARIANTS), metavar="NAME", help=names)
    arguments = parser.parse_args()
    if not (arguments.folder / "z").exists():
        parser.error(f"--folder must have z/ in it: {arguments.folder} has none; `make table1` makes the default's")
    runtime.keep_memory()
    z = {split: store.read(arguments.folder / f"z/{split}.zarr", "z")[...] for split in ("train", "test")}
    x = {split: store.read(arguments.folder.parents[1] / f"images/{split}.zarr", "x")[...] for split in z}
    what = f"{arguments.folder}, {len(z['train'])} images, width {arguments.width}, {arguments.epochs} epochs"
    print(f"{what}, torch {torch.__version__}")
    print(f"{'':26} {'seed':>4} {'train':>7} {'test':>7} {'seconds':>8}")
    for name in arguments.only:
        for seed in arguments.seeds:
            run(name, VARIANTS[name], z, x, width=arguments.width, epochs=arguments.epochs, seed=seed)


if __name__ == "__main__":
    main()
