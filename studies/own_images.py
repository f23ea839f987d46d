"""Which generator suits a person's own images: pooled PSNR on train and test, pictures of each.

    python studies/own_images.py FOLDER [--steps 2812] [--pictures FILE] [--only NAME ...]

FOLDER is the folder of an experiment with `z`, `ridge_psnr.csv` and, beside J..., the pixel PCA of
the same d: ask Snakemake for its `psnr.csv` or its `ridge_psnr.csv`. Every generator is trained by
as many steps of 32 images, by Adam at 0.004 with a tenth of warm-up and a linear decay. `mirrored`
adds the mirror image of each training image, with its own z.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import torch

from gsn.decomposition import whitening
from gsn.figures import images as figures
from gsn.metrics import reconstruction
from gsn.networks import generator
from gsn.runtime import files, machine, store
from gsn.systems.generation import evaluation, fitting, linear
from gsn.transforms import scattering2d

SPLITS = ("train", "test")
TRAINING = {"batch": 32, "learning_rate": 0.004, "warmup": 0.1}
VARIANTS = {
    "G, width 16": {},
    "G, width 8": {"width": 8},
    "G, width 16, mirrored": {"mirrored": True},
    "linear, width 16": {"linear": True},
    "linear, width 8": {"linear": True, "width": 8},
    "linear, width 16, mirrored": {"linear": True, "mirrored": True},
    "linear, a third of the steps": {"linear": True, "steps": 1 / 3},
    "linear, 3 times the steps": {"linear": True, "steps": 3},
}


def embedded(pca, x, d):
    """Return the z of images, (n, c, N, N) uint8, by the PCA of a store."""
    written = store.attributes(pca)
    N = written["N"]
    S = scattering2d.Scattering2D(written["J"], (N, N), written["L"], written["max_order"])
    basis = [store.read(pca, "mu")[...]]
    basis += [store.read(pca, name)[:d] for name in ("components", "eigenvalues")]
    parts = np.split(x, range(256, len(x), 256))
    computed = {"device": machine.device(), "dtype": getattr(torch, written["dtype"])}
    coefficients = scattering2d.of_images(S, parts, **computed)
    return np.concatenate(
        [whitening.whiten(s.flatten(1).cpu().numpy(), *basis) for s in coefficients]
    )


def trained(z, x, mirror, change, steps):
    """Return the generator of a variant, and the seconds of its training."""
    change = dict(change)
    steps, width = change.pop("steps", 1) * steps, change.pop("width", 16)
    if change.pop("mirrored", False):
        z = z | {"train": np.concatenate([z["train"], mirror])}
        x = x | {"train": np.concatenate([x["train"], x["train"][..., ::-1]])}
    epochs = max(1, round(steps / (len(z["train"]) // TRAINING["batch"])))
    with tempfile.TemporaryDirectory() as folder:
        G, history = fitting.fit(
            z,
            x,
            network={"width": width} | change,
            training=TRAINING | {"epochs": epochs},
            seed=0,
            checkpoint=Path(folder, "checkpoint.pt"),
            device=machine.device(),
        )
    return G.eval(), history[-1]["seconds"]


def report(name, psnr, seconds=""):
    print(f"{name:30} {psnr['train']:>7.2f} {psnr['test']:>7.2f} {seconds:>8}", flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = " ".join(f'"{name}"' for name in VARIANTS)
    parser.add_argument("folder", type=Path, help="folder of an experiment")
    parser.add_argument("--steps", type=int, default=2812, help="steps of each training")
    parser.add_argument("--pictures", type=Path, help="picture of test images to write, a PNG")
    parser.add_argument(
        "--only", nargs="+", choices=VARIANTS, default=VARIANTS, metavar="NAME", help=names
    )
    given = parser.parse_args()
    machine.keep_memory()
    folder = given.folder
    z = {split: store.read(folder / f"z/{split}.zarr", "z")[...] for split in SPLITS}
    images = folder.parents[1] / "images"
    x = {split: store.read(images / f"{split}.zarr", "x")[...] for split in SPLITS}
    d = z["train"].shape[1]
    mirror = embedded(folder.parent / "pca.zarr", x["train"][..., ::-1], d)
    print(f"{folder}: {len(z['train'])} training images, d = {d}, {given.steps} steps of 32")
    print(f"{'':30} {'train':>7} {'test':>7} {'seconds':>8}")
    tables = {"pixel PCA": folder.parents[1] / f"pixel_pca/{folder.name}/psnr.csv"}
    tables["linear decoder"] = folder / "ridge_psnr.csv"
    for name, path in tables.items():
        rows = files.read_csv(path)
        report(name, {row["split"]: float(row["psnr_pooled_db"]) for row in rows})
    shown = np.unique(np.linspace(0, len(z["test"]) - 1, 16).astype(int))
    decoder = linear.decoder(z["train"], x["train"])
    pictures = [
        x["test"][shown],
        np.clip(decoder(z["test"][shown]), 0, 255).reshape(-1, *x["test"].shape[1:]),
    ]
    for name in given.only:
        G, seconds = trained(z, x, mirror, VARIANTS[name], given.steps)
        psnr = {}
        for split in SPLITS:
            pairs = evaluation.reconstructions(G, z[split], x[split])
            psnr[split] = reconstruction.psnr_of_pairs(pairs, peak=255)[1]
        report(name, psnr, f"{seconds:.0f}")
        pictures.append(np.concatenate(list(generator.decode(G, z["test"][shown]))))
    if given.pictures:
        shades = [np.rint(row).astype(np.uint8) for row in pictures]
        labels = ["images", "linear decoder", *given.only]
        title = f"{folder.parents[1].name}: test images"
        figure = figures.image_rows(np.stack(shades), labels, title=title)
        figure.savefig(given.pictures, dpi=150)


if __name__ == "__main__":
    main()
