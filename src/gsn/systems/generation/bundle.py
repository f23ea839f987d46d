"""Images, z, labels and names of an experiment in one HDF5 file, for work in other tools."""

import os
from pathlib import Path

import h5py

from gsn.runtime import files, store
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
            group = file.create_group(split)
            group.attrs.update(store.attributes(images[split]))
            _copy(group, "images", store.read(images[split], "x"))
            _copy(group, "z", store.read(z[split], "z"))
            if "label" in store.names(images[split]):
                _copy(group, "labels", store.read(images[split], "label"))
            group["names"] = _names(names[split], len(group["images"]))


def _names(table: Path, n: int) -> list[str]:
    """Return the names of a table, without the bytes that are not UTF-8, which HDF5 refuses."""
    names = [row["image"] for row in files.read_csv(table)]
    if len(names) != n:
        raise ValueError(
            f"{table} must name each of the {n} images: it has {len(names)} rows; "
            f"{files.remedy(table)}."
        )
    return [os.fsencode(name).decode(errors="replace") for name in names]


def _copy(group: h5py.Group, name: str, array: store.Array) -> None:
    """Copy an array of a store to a dataset, with axes, attributes and chunks of whole rows."""
    n = array.shape[0]
    chunks = (min(ROWS, n), *array.shape[1:])
    target = group.create_dataset(
        name, array.shape, array.dtype, chunks=chunks, compression="gzip", shuffle=True
    )
    for axis, dimension in zip(target.dims, array.dims, strict=True):
        axis.label = dimension
    attrs = dict(array.attrs)
    if "classes" in attrs:  # perhaps too many for an attribute
        group["classes"] = attrs.pop("classes")
    target.attrs.update(attrs)
    if array.shards is None:  # one chunk, decoded once
        array = array[...]
    for start in range(0, n, ROWS):
        target[start : start + ROWS] = array[start : start + ROWS]
