from gsn import runtime

runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

import numpy as np

from gsn import figures, generator, store
from gsn.samplers import gaussian

COLUMNS = 8
G = generator.load(snakemake.input.generator)


def few(path, name):
    """Evenly spaced rows of a set with labels, which may be in the order of its classes; of another the first."""
    rows = store.read(Path(path).parent, name)
    labelled = (Path(snakemake.input.images[0]).parent / "label").exists()
    n = rows.shape[0]
    chosen = np.linspace(0, n - 1, COLUMNS).astype(int) if labelled else range(min(COLUMNS, n))
    return np.stack([rows[i] for i in chosen])


images, z = (
    {split: few(path, name) for split, path in zip(("train", "test"), paths, strict=True)}
    for name, paths in (("x", snakemake.input.images), ("z", snakemake.input.z))
)


def decode(latents):
    return np.rint(np.concatenate(list(generator.decode(G, latents)))).astype(np.uint8)


def save(name, figure):
    with runtime.whole_file(snakemake.output[name]) as partial:
        figure.savefig(partial)


for number, split in ((2, "train"), (3, "test")):
    pair = np.stack([images[split], decode(z[split])])
    figure = figures.image_rows(pair, ["x", "G(Φ(x))"], title=f"{split} images and their reconstructions")
    save(f"figure{number}_{split}", figure)

samples = decode(gaussian.sample(4 * COLUMNS, z["test"].shape[1], seed=snakemake.params.seed))
title = "samples G(z), z ~ N(0, I)"
save("figure4_samples", figures.image_rows(samples.reshape(4, COLUMNS, *samples.shape[1:]), [], title=title))

t = np.linspace(0, 1, COLUMNS, dtype=np.float32)[:, None]
morphs = [decode((1 - t) * z[split][0] + t * z[split][-1]) for split in z]
title = "G((1 - t) Φ(x) + t Φ(x')), t from 0 to 1"
save("figure5_interpolation", figures.image_rows(np.stack(morphs), list(z), title=title))

history = np.genfromtxt(snakemake.input.history, delimiter=",", names=True, ndmin=1)
decibels = {split: history[f"psnr_{split}_db"] for split in ("train", "test")}
save("training", figures.training_curve(history["epoch"], history["loss"], history["learning_rate"], decibels))
