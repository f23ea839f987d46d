"""Which octaves of frequency G recovers (section 4 of Angles & Mallat 2018), on train and test."""

from collections.abc import Iterable

import numpy as np
from matplotlib.figure import Figure

from gsn.figures import detail as figures
from gsn.metrics import spectrum

COLUMNS = ("measure", "split", "at", "value")


def measure(
    pairs: dict[str, Iterable[tuple[np.ndarray, np.ndarray]]],
) -> tuple[list[tuple], Figure]:
    """Measure `gsn.metrics.spectrum.detail` of the reconstructions of each split.

    Args:
        pairs: For each split, batches of images (batch, c, N, N) uint8 and reconstructions in
            [0, 255].

    Returns:
        Rows of COLUMNS, where `at` is the lower edge of an octave in cycles per pixel, 0 for the
        mean of an image; powers are of pixels in [0, 1]; and the figure.
    """
    rows, found, edges = [], {}, np.empty(0)
    for split, batches in pairs.items():
        found[split] = spectrum.detail((x / 255, y / 255) for x, y in batches)
        edges = found[split].pop("octave")
        for name, values in found[split].items():
            rows += [(name, split, edge, value) for edge, value in zip(edges, values, strict=True)]
    return rows, figures.octaves(edges, found)
