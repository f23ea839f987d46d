"""All methods on the same test images: their images, their measures, and several solutions.

Every parameter of every method is the best on validation images by the mean PSNR, but for
`tv, oracle`, whose weight is the best on the test images.
"""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from gsn.networks.upscaling import UNet
from gsn.systems.tomography import peers, tuning
from gsn.systems.tomography.model import FIRST, Tomography

Found = dict[str, tuple[np.ndarray, dict]]
SPREAD_COLUMNS = ("family", "geometry", "starts", "psnr_db", "psnr_of_mean_db", "spread", "error")


def run(
    model: Tomography,
    unet: UNet,
    x: np.ndarray,
    y: np.ndarray,
    held: tuple[np.ndarray, np.ndarray],
    *,
    steps: int,
    checkpoint: Path,
    stamp: str = "",
    device: torch.device | str = "cpu",
) -> Found:
    """Apply all methods.

    Args:
        model: Model with the scattering prior.
        unet: Trained network.
        x: Test images, (n, N, N).
        y: Their sinograms.
        held: Validation images and their sinograms.
        steps: Number of steps of the descents.
        checkpoint: Folder of the states of the descents.
        stamp: Whatever else the run depends on.
        device: Device to compute on.

    Returns:
        For each method its images, and what was chosen, the largest gap and the seconds an image.
    """
    y, y_held = (torch.from_numpy(part).to(device) for part in (y, held[1]))
    x_held, x_test = (torch.from_numpy(part).to(device) for part in (held[0], x))
    found: Found = {}

    def note(name: str, method: Callable, chosen: str = "") -> torch.Tensor:
        begun = time.perf_counter()
        images = method()
        gap = ""
        if hasattr(images, "gap"):
            images, gap = images.x, float(images.gap.max())
        seconds = (time.perf_counter() - begun) / len(x)
        found[name] = images.cpu().numpy(), {"chosen": chosen, "gap": gap, "seconds": seconds}
        return images

    for name, method in (("fbp", peers.fbp), ("sirt", peers.sirt)):
        tried = method(model, y_held)
        best = max(tried, key=lambda key, tried=tried: tuning.psnr(x_held, tried[key]))
        note(name, lambda method=method, best=best: method(model, y)[best], best)
    note("linear", lambda: model.linear(y, model.shape))
    weight = model.weights.tv
    for w in neighbours(tuning.grid(model), weight):
        note(f"tv {w:.3g}", lambda w=w: peers.variation(model, y, w), f"{w:.3g}")
    tried = {name: one for name, one in found.items() if name.startswith("tv ")}
    scores = {name: tuning.psnr(x_test, torch.from_numpy(one[0])) for name, one in tried.items()}
    found["tv, validated"] = tried[f"tv {weight:.3g}"]
    found["tv, oracle"] = tried[max(scores, key=scores.get)]
    for name in tried:
        del found[name]
    pairs = [(w, p) for w in neighbours(tuning.grid(model), weight) for p in peers.PULLS]
    tried = [peers.anchored(model, y_held, *pair, end=FIRST).x for pair in pairs]
    best = pairs[int(np.argmax([tuning.psnr(x_held, images) for images in tried]))]
    note("tv, anchor", lambda: peers.anchored(model, y, *best), f"{best[0]:.3g}, {best[1]:g}")
    note("unet", lambda: unet(torch.stack(model.first(y), dim=1)))
    place = checkpoint / "estimate"
    known = {"steps": steps, "checkpoint": place, "stamp": stamp}
    words = ", ".join(f"{key} {value}" for key, value in vars(model.weights).items())
    note("scattering", lambda: model.reconstruct(y, **known), words)
    return found


def neighbours(values: list[float], value: float) -> list[float]:
    """Return a value of a list, the one before it and the one behind it.

    Example:
        >>> from gsn.systems.tomography.experiment import neighbours
        >>> neighbours([1.0, 2.0, 3.0, 4.0], 4.0)
        [3.0, 4.0]
    """
    i = min(range(len(values)), key=lambda k: abs(values[k] - value))
    return values[max(i - 1, 0) : i + 2]


def spread(
    model: Tomography,
    x: np.ndarray,
    y: np.ndarray,
    *,
    starts: int,
    steps: int,
    seed: int,
    checkpoint: Path,
    stamp: str = "",
    device: torch.device | str = "cpu",
) -> tuple[dict, np.ndarray]:
    """Return how far several starts end from each other, and their ends.

    Args:
        model: Model.
        x: True images, (n, N, N).
        y: Their sinograms.
        starts: Number of starts, at least 2, each with its own noise.
        steps, seed, checkpoint, stamp, device: As in `run`.

    Returns:
        Row of SPREAD_COLUMNS without family and geometry: the PSNR of single ends and of their
        mean, the root mean square of the deviation over the starts, and the error of the mean; and
        the ends, (starts, n, N, N).
    """
    sinograms, found = torch.from_numpy(y).to(device), []
    first = model.first(sinograms)
    for k in range(starts):
        place = checkpoint / f"start_{k}"
        same = {"steps": steps, "seed": seed + k, "checkpoint": place, "stamp": stamp}
        found.append(model.reconstruct(sinograms, first=first, **same).cpu().numpy())
    ends = np.stack(found)
    mean, truth = ends.mean(axis=0), torch.from_numpy(x)
    single = np.mean([tuning.psnr(truth, torch.from_numpy(one)) for one in ends])
    return {
        "starts": starts,
        "psnr_db": float(single),
        "psnr_of_mean_db": tuning.psnr(truth, torch.from_numpy(mean)),
        "spread": float(np.sqrt(ends.var(axis=0, ddof=1).mean())),
        "error": float(np.sqrt(np.square(mean - x).mean())),
    }, ends
