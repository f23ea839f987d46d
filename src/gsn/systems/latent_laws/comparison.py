"""The laws of z of one experiment side by side: their samples decoded by one G, and judged."""

from collections.abc import Iterator

import numpy as np
from torch import nn

from gsn.metrics import joint
from gsn.networks import generator
from gsn.runtime import progress
from gsn.systems.latent_laws import quality

SEEDS = 3  # of the samples of each law
MOST = 10_000  # images of a set
BATCH = 256
REAL, CEILING, MEMORY = "real test images", "G of test z", "G of training z"
NORMAL = "gaussian"


def batches(images: np.ndarray, most: int | None = None) -> Iterator[np.ndarray]:
    """Yield the images of a store in batches, or the first ones."""
    n = min(images.shape[0], most or images.shape[0])
    for first in range(0, n, BATCH):
        yield images[first : min(first + BATCH, n)]


def compare(
    G: generator.Generator,
    laws: dict[str, nn.Module],
    space: quality.Space,
    z: dict[str, np.ndarray],
    test: np.ndarray,
) -> list[dict]:
    """Return a row for each law and for the sets that frame them.

    Each set has as many images as there are test images, at most MOST. A law is sampled with SEEDS
    seeds; the numbers are means over them, and those that end in `_sd` their standard deviations.

    Args:
        G: Generator, in evaluation mode.
        laws: Laws of z by name.
        space: Space of the data set.
        z: Embeddings of the splits `train` and `test`.
        test: Test images, (n, c, N, N) uint8, or an array of a store.

    Returns:
        law, n, the measures of `quality.judge`, and for a law `frechet_sd` and `mmd_sd`;
        `excess`, its Frechet distance above the ceiling as a share of that of N(0, I);
        `log_likelihood` of the test z in nats; `energy`, the distance of its z from the test z
        (`gsn.metrics.joint`), with `energy_p`.
    """
    n = min(test.shape[0], MOST)
    bar = progress.Progress(total=3 + SEEDS * len(laws), unit="set", label="compare laws")
    rows = [{"law": REAL, "n": n} | quality.judge(space, space.of(batches(test, MOST)), seed=0)]
    bar.update(1)
    some = z["train"][np.linspace(0, len(z["train"]) - 1, n).astype(int)]
    for name, rows_of_z in ((CEILING, z["test"][:n]), (MEMORY, some)):
        rows.append({"law": name, "n": n} | _judged(G, space, rows_of_z, 0))
        bar.update(1)
    for name, law in laws.items():
        judged, drawn = [], []
        for seed in range(SEEDS):
            drawn.append(law.sample(n, seed))
            judged.append(_judged(G, space, drawn[-1], seed))
            bar.update(1)
        row = {"law": name, "n": n}
        for measure in judged[0]:
            values = [found[measure] for found in judged]
            row[measure] = float(np.mean(values))
            if measure in ("frechet", "mmd"):
                row[f"{measure}_sd"] = float(np.std(values, ddof=1))
        if hasattr(law, "log_prob"):
            row["log_likelihood"] = float(law.log_prob(z["test"]).mean())
        found = joint.energy(drawn[0], z["test"], seed=0)
        rows.append(row | {"energy": found["energy"], "energy_p": found["p"]})
    bar.close()
    return _with_excess(rows)


def _judged(G: generator.Generator, space: quality.Space, z: np.ndarray, seed: int) -> dict:
    return quality.judge(space, space.of(generator.decode(G, z, BATCH)), seed=seed)


def _with_excess(rows: list[dict]) -> list[dict]:
    frechet = {row["law"]: row["frechet"] for row in rows}
    if NORMAL in frechet:
        whole = frechet[NORMAL] - frechet[CEILING]
        for row in rows[3:] if whole > 0 else ():
            row["excess"] = (row["frechet"] - frechet[CEILING]) / whole
    return rows


def shown(
    G: generator.Generator,
    laws: dict[str, nn.Module],
    z: dict[str, np.ndarray],
    test: np.ndarray,
    count: int = 12,
) -> dict[str, np.ndarray]:
    """Return the first samples of each law, and test images above their decoded z.

    Args:
        G, laws, z, test: As in `compare`.
        count: Number of images in a row.

    Returns:
        Images by name, (count, c, N, N) uint8.
    """
    rows = np.unique(np.linspace(0, test.shape[0] - 1, count).astype(int))
    found = {REAL: np.stack([test[i] for i in rows])}
    for name, drawn in {
        CEILING: z["test"][rows],
        **{name: law.sample(count) for name, law in laws.items()},
    }.items():
        found[name] = np.rint(np.concatenate(list(generator.decode(G, drawn)))).astype(np.uint8)
    return found
