"""Images, z, labels and names of an experiment in one HDF5 file, for work in other tools."""

import csv
from pathlib import Path

import h5py
import zarr

from gsn.runtime import store
from gsn.runtime.version import __version__

ROWS = 256  # of a chunk
DESCRIPTION = (
    "Images x (uint8) of a data set, their whitened scattering embedding z = D^(-1/2) Q^T (S(x) - "
    "mu), their names in the source and, where it has them, their labels. The groups are the "
    "splits; row i of each array is about the same image. mu, Q and D are in pca.zarr, in the "
    "folder above."
)


def write(
    path: Path,
    images: dict[str, Path],
    z: dict[str, Path],
    names: dict[str, Path],
    **attrs: str | int,
) -> None:
    """Write the file.

    Args:
        path: Path of the HDF5 file.
        images: Path of the store of the images of each split.
        z: Path of the store of their embeddings.
        names: Path of the table of their names.
        attrs: Attributes of the file, such as the name of the data set.
    """
    with h5py.File(path, "w") as file:
        file.attrs["description"] = DESCRIPTION
        file.attrs.update(attrs)
        file.attrs["gsn_version"] = __version__
        for split in images:
            stored, group = zarr.open_group(images[split], mode="r"), file.create_group(split)
            group.attrs.update(stored.attrs)
            _copy(group, "images", stored["x"])
            _copy(group, "z", store.read(z[split], "z"))
            if "label" in stored:
                _copy(group, "labels", stored["label"])
            with open(names[split], newline="", encoding="utf-8", errors="replace") as table:
                group["names"] = [row["image"] for row in csv.DictReader(table)]


def _copy(group: h5py.Group, name: str, array: zarr.Array) -> None:
    """Copy an array of a store to a dataset, with axes, attributes and chunks of whole rows."""
    n = array.shape[0]
    chunks = (min(ROWS, n), *array.shape[1:])
    target = group.create_dataset(
        name, array.shape, array.dtype, chunks=chunks, compression="gzip", shuffle=True
    )
    for axis, dimension in zip(target.dims, array.metadata.dimension_names, strict=True):
        axis.label = dimension
    attrs = dict(array.attrs)
    if "classes" in attrs:  # perhaps too many for an attribute
        group["classes"] = attrs.pop("classes")
    target.attrs.update(attrs)
    if array.shards is None:  # one chunk, decoded once
        array = array[...]
    for start in range(0, n, ROWS):
        target[start : start + ROWS] = array[start : start + ROWS]
