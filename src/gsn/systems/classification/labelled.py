"""What a classifier reads from stores: labels, pixels, and coefficients as rows."""

from pathlib import Path

import numpy as np

from gsn.runtime import store
from gsn.systems.classification import features
from gsn.systems.classification.measurement import Given


def labels(folder: Path) -> np.ndarray:
    """Return the labels of the images of a store, (n,) int32.

    Raises:
        ValueError: The images have no labels.
    """
    if "label" not in store.names(folder):
        raise ValueError(
            f"{folder} must have labels: found none; use mnist, fashion-mnist or cifar10, a folder "
            "with a subfolder for each class, or an HDF5 or .npy file with `labels`."
        )
    return store.read(folder, "label")[...]


def names(folder: Path) -> list[str]:
    """Return the names of the classes, in the order of their labels; empty if they have none."""
    return store.read(folder, "label").attrs.get("classes", [])


def pixels(folder: Path) -> np.ndarray:
    """Return the images of a store as rows in [0, 1], (n, c N^2) float32."""
    return features.rows(store.read(folder, "x")[...], "pixels", J=0, L=0)[0]


def coefficients(train: Path, test: Path, *, kind: str) -> tuple[int, Given]:
    """Return J and the features of two stores of coefficients.

    Args:
        train, test: Stores of the coefficients of the splits, at one scale.
        kind: One of `features.KINDS`, but not `pixels`.
    """
    read = []
    for folder in (train, test):
        attrs = store.attributes(folder)
        S = store.read(folder, "S")[...].astype(np.float32)
        colours = int(store.read(folder, "colour")[...].max()) + 1
        S = S.reshape(len(S), colours, -1, *S.shape[2:])
        read.append(features.rows(S, kind, J=attrs["J"], L=attrs["L"]))
    return attrs["J"], Given(read[0][0], read[1][0], read[0][1])
