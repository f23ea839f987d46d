"""Pictures of the memory: queries, what they retrieve by z, and what G makes of their z."""

import numpy as np
from matplotlib.figure import Figure

from gsn.figures import memory as figures
from gsn.networks import generator
from gsn.systems.memory import measurement

COLUMNS = 3  # sizes of each corruption
ROWS = ("stored", "query", "retrieved\nby z", "G(z of\nthe query)")


def shown(N: int) -> list[tuple[str, float]]:
    """Return the corruptions of the picture: the middle sizes of each kind.

    Example:
        >>> from gsn.systems.memory.pictures import shown
        >>> shown(32)[:3]
        [('noise', 0.1), ('noise', 0.2), ('noise', 0.5)]
    """
    kinds = measurement.sizes(N).items()
    return [(kind, size) for kind, values in kinds for size in values[-COLUMNS - 1 : -1]]


def examples(
    G: generator.Generator,
    x: np.ndarray,
    rows: np.ndarray,
    found: measurement.Found,
    images: np.ndarray,
    embed: measurement.Embed,
    *,
    seed: int,
) -> Figure:
    """Return the picture of some queries of `measurement.recalled`.

    Args:
        G: Generator in evaluation mode.
        x: Stored images that were corrupted, (m, c, N, N) uint8.
        rows: Their rows in the memory, (m,).
        found: Recalled rows by corruption, size and space.
        images: Stored images, (n, c, N, N) uint8, or an array of a store.
        embed: Map from images to their addresses by space.
        seed: Seed of the corruptions.
    """
    columns, titles, hits = [], [], []
    corruptions = shown(x.shape[-1])
    chosen = np.linspace(0, len(x) - 1, len(corruptions)).astype(np.int64)
    for i, (kind, size) in zip(chosen, corruptions, strict=True):
        # All of them: what is drawn for one depends on the others.
        query = measurement.corrupted(x, kind, size, seed=seed)[i : i + 1]
        (decoded,) = generator.decode(G, embed(query)["z"])
        number = int(found[kind, size, "z"][i])
        columns.append(np.stack([x[i], query[0], images[number], decoded[0]]))
        titles.append(figures.title(kind, size))
        hits.append(number == rows[i])
    pixels = np.rint(np.stack(columns, axis=1).clip(0, measurement.PEAK)).astype(np.uint8)
    return figures.examples(pixels, list(ROWS), titles, hits)
