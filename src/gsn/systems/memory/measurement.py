"""How often a corrupted training image recalls itself, by the kind and the size of the corruption.

The queries are the same in all spaces. A query is a hit if the nearest stored address is that of
its own image.

Noise moves all z by about the same vector. `z_centred` is z less that vector, which is known
if there are many queries with the same corruption: the mean of their z, less the mean of the stored
ones. It uses no knowledge of which image a query is of.
"""

import logging
from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure
from scipy import stats

from gsn.data import corruptions
from gsn.figures import memory as figures
from gsn.runtime import progress
from gsn.systems.memory import spaces
from gsn.systems.memory.addresses import recall

log = logging.getLogger(__name__)

PEAK = 255  # of a pixel
SIGMAS = (0, 0.02, 0.05, 0.1, 0.2, 0.5, 1)  # of the full range
SIDES = (1 / 8, 1 / 4, 3 / 8, 1 / 2, 3 / 4)  # of the side of an image
SPACES = ("z", "z_centred", *spaces.NAMES[1:])
COLUMNS = ("corruption", "size", "space", "stored", "queries", "hits", "hit_rate", "low", "high")
Found = dict[tuple[str, float, str], np.ndarray]  # recalled rows by corruption, size and space
Embed = Callable[[np.ndarray], dict[str, np.ndarray]]


def sizes(N: int) -> dict[str, tuple[float, ...]]:
    """Return the sizes of each corruption of images of side N.

    They are the standard deviation of noise by the range of a pixel, the side of the hidden square
    by N, and the length of translations in pixels, up to N / 2.

    Example:
        >>> from gsn.systems.memory.measurement import sizes
        >>> sizes(32)["translation"]
        (1, 2, 4, 8, 16)
    """
    lengths = tuple(2**i for i in range((N // 2).bit_length()))
    return {"noise": SIGMAS, "occlusion": SIDES, "translation": lengths}


def corrupted(x: np.ndarray, kind: str, size: float, *, seed: int) -> np.ndarray:
    """Return images with one corruption of `sizes`.

    Args:
        x: Images, (m, c, N, N) uint8.
        kind: noise, occlusion (by mid-grey) or translation.
        size: Size of the corruption.
        seed: Seed of what is drawn.

    Returns:
        Images, (m, c, N, N) float32 in the units of x. Noise leaves the range of a pixel.
    """
    if kind == "noise":
        return corruptions.noise(x, PEAK * size, seed=seed)
    if kind == "occlusion":
        side = round(size * x.shape[-1])
        return corruptions.occlusion(x, side, fill=PEAK / 2, seed=seed)
    return corruptions.translation(x, int(size), seed=seed)


def recalled(
    x: np.ndarray, stored: dict[str, np.ndarray], embed: Embed, *, n: int, seed: int
) -> Found:
    """Return what each corrupted image recalls in each space.

    Makes a pass over the addresses for each kind of corruption, in memory that does not grow with
    their number.

    Args:
        x: Stored images that are corrupted, (m, c, N, N) uint8.
        stored: Addresses by space, as of `spaces.stored`.
        embed: Map from images to their addresses by space.
        n: Number of the first addresses that are searched.
        seed: Seed of the corruptions.
    """
    kinds, found = sizes(x.shape[-1]), {}
    stored, mean = stored | {"z_centred": stored["z"]}, stored["z"][:n].mean(axis=0)
    bar = progress.Progress(total=len(kinds) * len(SPACES), unit="search", label="recall images")
    for kind, values in kinds.items():
        asked = [embed(corrupted(x, kind, size, seed=seed)) for size in values]
        for part in asked:
            part["z_centred"] = part["z"] - part["z"].mean(axis=0) + mean
        for space in SPACES:
            queries = np.concatenate([part.pop(space).reshape(len(x), -1) for part in asked])
            numbers, _ = recall(stored[space], queries, n=n)
            for size, rows in zip(values, numbers.reshape(len(values), -1), strict=True):
                found[kind, size, space] = rows
            bar.update(1)
    bar.close()
    return found


def table(found: Found, rows: np.ndarray, n: int) -> list[tuple]:
    """Return the rows of COLUMNS: hit rates with their Wilson intervals of 95 %.

    Args:
        found: Recalled rows by corruption, size and space.
        rows: Row of each query in the memory, (m,).
        n: Number of stored images.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.memory.measurement import table
        >>> row, = table({("noise", 0.1, "z"): np.array([4, 2])}, np.array([4, 5]), 10)
        >>> row[:7], [round(float(bound), 2) for bound in row[7:]]
        (('noise', 0.1, 'z', 10, 2, 1, 0.5), [0.09, 0.91])
    """
    measured = []
    for (kind, size, space), nearest in found.items():
        hits = int(np.sum(nearest == rows))
        low, high = stats.binomtest(hits, len(rows)).proportion_ci(0.95, method="wilson")
        log.info("%s %g, by %s: %d of %d", kind, size, space, hits, len(rows))
        rate = hits / len(rows)
        measured.append((kind, size, space, n, len(rows), hits, rate, float(low), float(high)))
    return measured


def curves(measured: list[tuple]) -> Figure:
    """Return the figure of the hit rates of `table`."""
    panels: dict[str, dict[str, list[tuple]]] = {}
    for kind, size, space, _, _, _, *rates in measured:
        panels.setdefault(kind, {}).setdefault(space, []).append((size, *rates))
    arrays = {
        kind: {space: np.array(spaces_[space]) for space in SPACES if space in spaces_}
        for kind, spaces_ in panels.items()
    }
    return figures.hit_rates(arrays)
