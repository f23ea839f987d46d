"""The laws of z of one experiment side by side: their samples decoded by one G, and judged."""

from collections.abc import Iterator

import numpy as np
from torch import nn

from gsn.metrics import inception, joint
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
    laws: dict[str, list[nn.Module]],
    space: quality.Space,
    z: dict[str, np.ndarray],
    test: np.ndarray,
    fid: inception.FID | None = None,
) -> list[dict]:
    """Return a row for each law and for the sets that frame them.

    Each set has as many images as there are test images, at most MOST. Each fit of a law is sampled
    with SEEDS seeds. The numbers are means over all samples of the law. Those that end in `_sd` are
    the standard deviations over the samples of a fit, and those that end in `_least` and `_most`
    the range of the means of the fits, where there are several.

    Args:
        G: Generator, in evaluation mode.
        laws: The fits of each law by its name, at least one.
        space: Space of the data set.
        z: Embeddings of the splits `train` and `test`.
        test: Test images, (n, c, N, N) uint8, or an array of a store.
        fid: The FID from the training images, or None.

    Returns:
        law, n, the measures of `quality.judge`, and `fid` with its protocol if it is given; for a
        law `fits`, their number, and `_sd`, `_least`, `_most` of frechet and mmd;
        `excess`, its Frechet distance above the ceiling as a share of that of N(0, I);
        `log_likelihood` of the test z in nats; `energy`, the distance of the z of its first fit
        from the test z (`gsn.metrics.joint`), with `energy_p`.
    """
    n = min(test.shape[0], MOST)
    sets = 3 + SEEDS * sum(map(len, laws.values()))
    bar = progress.Progress(total=sets, unit="set", label="compare laws")
    some = z["train"][np.linspace(0, len(z["train"]) - 1, n).astype(int)]
    frame = {
        REAL: lambda: batches(test, MOST),
        CEILING: lambda: generator.decode(G, z["test"][:n], BATCH),
        MEMORY: lambda: generator.decode(G, some, BATCH),
    }
    rows = []
    for name, images in frame.items():
        rows.append({"law": name, "n": n} | _judged(space, images(), 0, fid))
        bar.update(1)
    for name, fits in laws.items():
        judged = []
        for law in fits:
            for seed in range(SEEDS):
                images = generator.decode(G, law.sample(n, seed), BATCH)
                judged.append(_judged(space, images, seed, fid))
                bar.update(1)
        row = {"law": name, "n": n, "fits": len(fits)} | _summary(judged, len(fits))
        if hasattr(fits[0], "log_prob"):
            row["log_likelihood"] = float(np.mean([law.log_prob(z["test"]) for law in fits]))
        found = joint.energy(fits[0].sample(n, 0), z["test"], seed=0)
        rows.append(row | {"energy": found["energy"], "energy_p": found["p"]})
    bar.close()
    if fid:
        rows = [row | {"fid_protocol": f"{fid.protocol}, {n:,} of each other set"} for row in rows]
    return _with_excess(rows)


def _judged(
    space: quality.Space, images: Iterator[np.ndarray], seed: int, fid: inception.FID | None
) -> dict:
    """Return the measures of images in batches, in one pass."""
    if not fid:
        return quality.judge(space, space.of(images), seed=seed)
    measures = quality.judge(space, space.of(fid.watch(images)), seed=seed)
    return measures | {"fid": fid.value()}


def _summary(judged: list[dict], fits: int) -> dict:
    """Return the means of the measures of samples, fit by fit, with deviations and ranges."""
    row = {}
    for measure in judged[0]:
        values = np.array([found[measure] for found in judged]).reshape(fits, SEEDS)
        row[measure] = float(values.mean())
        if measure in ("frechet", "mmd", "fid"):
            row[f"{measure}_sd"] = float(np.sqrt(values.var(axis=1, ddof=1).mean()))
            if fits > 1:
                means = values.mean(axis=1)
                row |= {f"{measure}_least": float(means.min())}
                row |= {f"{measure}_most": float(means.max())}
    return row


def _with_excess(rows: list[dict]) -> list[dict]:
    frechet = {row["law"]: row["frechet"] for row in rows}
    if NORMAL in frechet:
        whole = frechet[NORMAL] - frechet[CEILING]
        for row in rows[3:] if whole > 0 else ():
            row["excess"] = (row["frechet"] - frechet[CEILING]) / whole
    return rows


def shown(
    G: generator.Generator,
    laws: dict[str, list[nn.Module]],
    z: dict[str, np.ndarray],
    test: np.ndarray,
    count: int = 12,
) -> dict[str, np.ndarray]:
    """Return the first samples of the first fit of each law, and test images above their G(z).

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
        **{name: fits[0].sample(count) for name, fits in laws.items()},
    }.items():
        found[name] = np.rint(np.concatenate(list(generator.decode(G, drawn)))).astype(np.uint8)
    return found
