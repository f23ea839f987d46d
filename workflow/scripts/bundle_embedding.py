from gsn import runtime

runtime.start(snakemake.log[0], snakemake.threads)

import csv
from pathlib import Path

import h5py
import zarr

from gsn import __version__, store

ROWS = 256  # of a chunk


def copy(group, name, array):
    """One array of a store as a dataset, with its axes, its attributes and chunks of whole rows."""
    n = array.shape[0]
    chunks = (min(ROWS, n), *array.shape[1:])
    target = group.create_dataset(name, array.shape, array.dtype, chunks=chunks, compression="gzip", shuffle=True)
    for axis, dimension in zip(target.dims, array.metadata.dimension_names, strict=True):
        axis.label = dimension
    attrs = dict(array.attrs)
    if "classes" in attrs:  # too many for an attribute, maybe
        group["classes"] = attrs.pop("classes")
    target.attrs.update(attrs)
    if array.shards is None:  # one chunk, decoded once
        array = array[...]
    for start in range(0, n, ROWS):
        target[start : start + ROWS] = array[start : start + ROWS]


wildcards = snakemake.wildcards
with runtime.whole_file(snakemake.output[0]) as partial, h5py.File(partial, "w") as file:
    file.attrs["description"] = (
        "Images x (uint8) of a data set, their whitened scattering embedding z = D^(-1/2) Q^T (S(x) - mu) and, where "
        "the source has them, their labels and their names there; the groups are the splits, and row i of each array "
        "is about the same image. mu, Q and D are in pca.zarr, in the folder above."
    )
    file.attrs.update({"dataset": wildcards.dataset} | {key: int(wildcards[key]) for key in ("J", "L", "d")})
    file.attrs["gsn_version"] = __version__
    for split, images, z in zip(("train", "test"), snakemake.input.images, snakemake.input.z, strict=True):
        images, z = zarr.open_group(Path(images).parent, mode="r"), store.read(Path(z).parent, "z")
        group = file.create_group(split)
        group.attrs.update(images.attrs)
        copy(group, "images", images["x"])
        copy(group, "z", z)
        if "label" in images:
            copy(group, "labels", images["label"])
    for split, path in zip(("train", "test"), snakemake.input.names, strict=False):
        with open(path, newline="", encoding="utf-8", errors="replace") as table:
            file[split]["names"] = [row["image"] for row in csv.DictReader(table)]
