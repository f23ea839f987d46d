from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

import numpy as np

from gsn.figures import animation, pages, training
from gsn.networks import generator
from gsn.runtime import files, store
from gsn.systems.generation import pictures

SPLITS = ("train", "test")


def shown(paths, name):
    arrays = {
        split: store.read(Path(path).parent, name)
        for split, path in zip(SPLITS, paths, strict=True)
    }
    rows = {split: pictures.chosen(array.shape[0]) for split, array in arrays.items()}
    return {split: np.stack([array[i] for i in rows[split]]) for split, array in arrays.items()}


G = generator.load(snakemake.input.generator)
images, z = shown(snakemake.input.images, "x"), shown(snakemake.input.z, "z")
figures = dict(pictures.figures(G, images, z, seed=snakemake.params.seed))
history = np.genfromtxt(snakemake.input.history, delimiter=",", names=True, ndmin=1)
decibels = {split: history[f"psnr_{split}_db"] for split in SPLITS}
curve = (history["epoch"], history["loss"], history["learning_rate"], decibels)
for name, figure in (figures | {"training": training.training_curve(*curve)}).items():
    with files.whole_file(snakemake.output[name]) as partial:
        figure.savefig(partial)
with files.whole_file(snakemake.output.morphs) as partial:
    animation.save_loop(partial, pictures.moving(G, z), list(z))
film = pages.picture(snakemake.output.morphs)
with files.whole_file(snakemake.output.film) as partial:
    title = f"G((1 - t) Φ(x) + t Φ(x')), {snakemake.wildcards.dataset}"
    partial.write_text(pages.page(title, film), encoding="utf-8")
