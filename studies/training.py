"""What matters most in the training of G, one change at a time: pooled PSNR on train and test.

    python studies/training.py [--folder FOLDER] [--width 8] [--epochs 24] [--seeds 0]
                               [--only NAME ...]

FOLDER is the folder of an experiment, with its z. By default it is
results/polygon5-32-paper/J3_L8/d128, which `snakemake --cores 2 FOLDER/psnr.csv` makes.

The base is a generator of width 8 with batch normalisation and symmetric padding. It is trained
with batches of 32 by Adam at 0.004, a tenth of warm-up and a linear decay, without an average of
the weights and without noise. The statistics of its batch normalisation are recomputed at the end.
Its running statistics are measured before that, on the same weights.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import torch

from gsn.metrics import reconstruction
from gsn.networks import generator
from gsn.networks.normalisation import BatchNorm, recompute_statistics
from gsn.runtime import machine, store
from gsn.systems.generation import linear
from gsn.systems.generation.fitting import l1
from gsn.training import schedules, train

WARMUP = 0.1
TRAINING = {
    "batch": 32,
    "learning_rate": 0.004,
    "optimizer": "adam",
    "schedule": schedules.linear(WARMUP),
    "ema": 0.0,
    "noise": 0.0,
}
CONSTANT, COSINE = schedules.constant(WARMUP), schedules.cosine(WARMUP)
VARIANTS = {
    "base": {},
    "noise 0.1": {"noise": 0.1},
    "noise 0.2": {"noise": 0.2},
    "noise 0.4": {"noise": 0.4},
    "constant rate": {"schedule": CONSTANT},
    "constant rate, ema 0.999": {"schedule": CONSTANT, "ema": 0.999},
    "cosine decay": {"schedule": COSINE},
    "ema 0.99": {"ema": 0.99},
    "ema 0.999": {"ema": 0.999},
    "biases, no normalisation": {"normalisation": "none"},
    "the same, rate 0.001": {"normalisation": "none", "learning_rate": 0.001},
    "reflection": {"padding": "reflect"},
    "muon": {"optimizer": "muon"},
    "linear decoder": {"linear": True},
    "linear decoder, muon": {"linear": True, "optimizer": "muon"},
    "linear decoder, batch 16": {"linear": True, "batch": 16, "learning_rate": 0.003},
    "linear decoder, rate 0.008": {"linear": True, "learning_rate": 0.008},
    **{f"rate {rate}": {"learning_rate": rate} for rate in (0.001, 0.002, 0.008, 0.016)},
    **{
        f"batch 128, rate {rate}": {"batch": 128, "learning_rate": rate}
        for rate in (0.004, 0.008, 0.016)
    },
}


def decibels(G, z, x):
    """Return the pooled PSNR on train and test, with G in evaluation mode."""
    G.eval()
    values = []
    for split in z:
        parts = np.split(x[split], range(256, len(x[split]), 256))
        pairs = zip(parts, generator.decode(G, z[split], 256), strict=True)
        values.append(reconstruction.psnr_of_pairs(pairs, peak=255)[1])
    return values


def report(name, seed, values, seconds=""):
    print(f"{name:26} {seed:>4} {values[0]:>7.2f} {values[1]:>7.2f} {seconds:>8}", flush=True)


@torch.no_grad()
def run_statistics(G, batches, momentum):
    """Move the running statistics over some batches of z, as training would with this momentum."""
    for norm in G.modules():
        if isinstance(norm, BatchNorm):
            norm.momentum = momentum
    G.train()
    for z in batches:
        G(z)


def run(name, change, z, x, *, width, epochs, seed):
    """Train a generator with one change of the base; report its PSNR and the seconds of training.

    Args:
        name: Name of the change. For "base" the running statistics are reported too.
        change: Keywords of `train` or of `Generator` that differ from those of the base.
        z: Embeddings of the splits `train` and `test`, (n, d) float32.
        x: Images of the same splits, (n, c, N, N) uint8.
        width: Channels of the last hidden layer.
        epochs: Passes over the training images.
        seed: Seed of the weights, of the order of the images and of the noise.
    """
    settings = TRAINING | {key: value for key, value in change.items() if key in TRAINING}
    network = {key: value for key, value in change.items() if key not in TRAINING}
    (n, d), (_, c, _, N), batch = z["train"].shape, x["train"].shape, settings["batch"]
    torch.manual_seed(seed)
    G = generator.Generator(d, N, channels=c, width=width, **network)
    if G.linear_decoder:
        *weight, mean = linear.decoder(z["train"], x["train"]).weight / 127.5
        G.linear_decoder.set(np.stack(weight), mean - 1)
    batches = torch.from_numpy(z["train"][: n // batch * batch]).to(machine.device()).split(batch)

    def finish(G):
        if name == "base":
            report("statistics running at 0.1", seed, decibels(G, z, x))
            run_statistics(G, batches[:32], momentum=0.9)
            report("statistics running at 0.9", seed, decibels(G, z, x))
        recompute_statistics(G, batches)

    settings |= {"epochs": epochs, "seed": seed, "finish": finish, "device": machine.device()}
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder, "checkpoint.pt")
        history = train(G, l1, (z["train"], x["train"]), checkpoint=checkpoint, **settings)
    report(name, seed, decibels(G, z, x), f"{history[-1]['seconds']:.0f}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = Path("results/polygon5-32-paper/J3_L8/d128")
    names = " ".join(f'"{name}"' for name in VARIANTS)
    add = parser.add_argument
    add("--folder", type=Path, default=default, help="folder of an experiment")
    add("--width", type=int, default=8, help="channels of the last hidden layer")
    add("--epochs", type=int, default=24, help="passes over the training images")
    add("--seeds", type=int, nargs="+", default=[0], help="seeds of the weights and of the order")
    add("--only", nargs="+", choices=VARIANTS, default=VARIANTS, metavar="NAME", help=names)
    arguments = parser.parse_args()
    folder, width, epochs = arguments.folder, arguments.width, arguments.epochs
    if not (folder / "z").exists():
        parser.error(
            f"--folder must be an experiment with z/ in it: {folder} has none; "
            "run `snakemake --cores 2 results/polygon5-32-paper/J3_L8/d128/psnr.csv` for the "
            "default, or give another folder."
        )
    machine.keep_memory()
    splits = ("train", "test")
    z = {split: store.read(folder / f"z/{split}.zarr", "z")[...] for split in splits}
    images = folder.parents[1] / "images"
    x = {split: store.read(images / f"{split}.zarr", "x")[...] for split in splits}
    what = f"{folder}, {len(z['train'])} images, width {width}, {epochs} epochs"
    print(f"{what}, torch {torch.__version__}")
    print(f"{'':26} {'seed':>4} {'train':>7} {'test':>7} {'seconds':>8}")
    for name in arguments.only:
        for seed in arguments.seeds:
            run(name, VARIANTS[name], z, x, width=width, epochs=epochs, seed=seed)


if __name__ == "__main__":
    main()
