"""What the quality of a law depends on: beta and H of the VAE, and the number of training images.

G stays the same. Each row is one law, one seed, and as many samples as there are test images. A
network that is fitted to a part of the images makes as many steps as one that is fitted to all. So
what changes is what it sees, and not how long it is trained.
"""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from torch import nn

from gsn.figures import laws
from gsn.networks import generator
from gsn.runtime import progress
from gsn.systems.latent_laws import comparison, fitting, quality

BETAS = (1e-4, 1e-3, 1e-2)
LATENT = (16, 64, 256)
PARTS = (16, 4, 1)  # of the training images: a sixteenth, a quarter, all
LAWS = ("gaussian", "mixture", "vae", "flow_matching")
MEASURES = {"Frechet distance": "frechet", "nearer (test images 0.5, copies 1)": "nearer"}


def rows(
    sweep: str,
    G: generator.Generator,
    space: quality.Space,
    z: np.ndarray,
    n: int,
    *,
    settings: dict,
    known: dict[str, tuple[nn.Module, float]],
    **run,
) -> list[dict]:
    """Return a row for each law of a sweep.

    Args:
        sweep: `vae`, for beta and the dimension H of the latent space of the VAE, or `images`, for
            the laws of LAWS and the number of training images.
        G: Generator, in evaluation mode.
        space: Space of the data set.
        z: Embeddings of the training images, (n, d).
        n: Number of samples of each law.
        settings: Settings of the neural laws by name.
        known: Laws that were fitted to all images with these settings, by name, each with the
            seconds that it took. They are not fitted again.
        run: variances, seed, checkpoint, stamp and device, as `fitting.fit` has them.

    Returns:
        beta and latent, or law and images, and the measures of `quality.judge` and seconds.
    """
    laws = list(_vae(z, settings["vae"]) if sweep == "vae" else _images(z, settings))
    bar = progress.Progress(total=len(laws), unit="law", label=f"sweep {sweep}")
    found: list[dict] = []
    judged: dict[str, dict] = {}
    for place, name, some, own in laws:
        if name in known and len(some) == len(z) and own == settings.get(name, {}):
            law, seconds = known[name]
        else:
            law, seconds = _fitted(name, some, own, place, **run)
        if name != comparison.NORMAL or name not in judged:  # N(0, I) is that of any images
            samples = generator.decode(G, law.sample(n), comparison.BATCH)
            judged[name] = quality.judge(space, space.of(samples), seed=0)
        found.append(place | judged[name] | {"seconds": seconds})
        bar.update(1)
    bar.close()
    return found


def _vae(z: np.ndarray, settings: dict) -> Iterator[tuple]:
    for beta in BETAS:
        for latent in LATENT:
            place = {"beta": beta, "latent": latent}
            yield place, "vae", z, settings | place


def _images(z: np.ndarray, settings: dict) -> Iterator[tuple]:
    for part in PARTS:
        some = z[np.linspace(0, len(z) - 1, max(2, len(z) // part)).astype(int)]
        for name in LAWS:
            own = _as_many_steps(settings.get(name, {}), len(some), len(z))
            yield {"law": name, "images": len(some)}, name, some, own


def _as_many_steps(settings: dict, some: int, n: int) -> dict:
    """Return the settings of a law with the epochs in which `some` rows give the steps of n rows.

    Example:
        >>> from gsn.systems.latent_laws.sweeps import _as_many_steps
        >>> _as_many_steps({"epochs": 3, "batch": 8}, 10, 40)
        {'epochs': 15, 'batch': 8}
    """
    if "epochs" not in settings:
        return settings
    per_epoch = [rows // min(settings["batch"], rows) for rows in (some, n)]
    return settings | {"epochs": math.ceil(settings["epochs"] * per_epoch[1] / per_epoch[0])}


def figure(sweep: str, rows: list[dict]) -> Figure:
    """Draw two measures of the rows of a sweep, with a curve for each beta or law.

    They are the Frechet distance, and `nearer`, which shows copies.
    """
    curve, axis = ("beta", "latent") if sweep == "vae" else ("law", "images")
    x = sorted({row[axis] for row in rows})
    panels: dict[str, dict[str, np.ndarray]] = {}
    for label, measure in MEASURES.items():
        y = panels.setdefault(label, {})
        for row in rows:
            name = f"beta {row[curve]:g}" if sweep == "vae" else row[curve]
            y.setdefault(name, np.full(len(x), np.nan))[x.index(row[axis])] = row[measure]
    xlabel = "dimension H of the latent space" if sweep == "vae" else "training images"
    return laws.curves(np.array(x), panels, xlabel=xlabel)


def _fitted(
    name: str, z: np.ndarray, settings: dict, place: dict, *, checkpoint: Path, **run
) -> tuple[nn.Module, float]:
    """Return a law fitted to z, and the seconds that it took."""
    word = "_".join(map(str, place.values()))
    state = checkpoint.with_name(f"{checkpoint.name}_{word}_{{}}.partial.pt")
    law, fits = fitting.fit(name, z, settings=settings, checkpoint=state, **run)
    return law, sum(row["seconds"] for row in fits)
