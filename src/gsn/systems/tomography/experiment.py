"""All methods on the same test images: their images, their measures, and several solutions.

Every parameter of every method is the best on validation images by the mean PSNR, but for
`tv, oracle`, whose weight is the best on the test images.
"""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from gsn.metrics.reconstruction import mean_psnr
from gsn.networks.upscaling import UNet
from gsn.systems.tomography import peers, tuning
from gsn.systems.tomography.model import Tomography

Found = dict[str, tuple[np.ndarray, dict]]
SPREAD_COLUMNS = ("family", "geometry", "starts", "psnr_db", "psnr_of_mean_db", "spread", "error")


def run(
    model: Tomography,
    unet: UNet,
    x: np.ndarray,
    y: np.ndarray,
    parameters: peers.Parameters,
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
        x: Test images, (n, N, N); they choose the weight of `tv, oracle` only.
        y: Their sinograms.
        parameters: Parameters of the peers.
        steps: Number of steps of the descents.
        checkpoint: Folder of the states of the descents.
        stamp: Whatever else the run depends on.
        device: Device to compute on.

    Returns:
        For each method its images, and what was chosen, the largest gap and the seconds an image.
    """
    sinograms, own, found = torch.from_numpy(y).to(device), parameters, {}

    def note(name: str, method: Callable, chosen: str = "") -> None:
        begun, gap = time.perf_counter(), ""
        images = method(sinograms)
        if hasattr(images, "gap"):
            images, gap = images.x, float(images.gap.max())
        seconds = (time.perf_counter() - begun) / len(x)
        found[name] = images.cpu().numpy(), {"chosen": chosen, "gap": gap, "seconds": seconds}

    note("fbp", lambda y: peers.fbp(model, y, own.cutoff), f"{own.cutoff:g}")
    note("sirt", lambda y: peers.sirt(model, y, [own.iterations])[0], f"{own.iterations}")
    note("linear", lambda y: model.linear(y, model.shape))
    tried, weights = {}, tuning.grid(model)

    def variation(weight: float) -> np.ndarray:
        note("tv", lambda y: peers.variation(model, y, weight), f"{weight:.3g}")
        tried[weight] = found.pop("tv")
        return tried[weight][0]

    weight = peers.oracle(x, weights, weights.index(model.weights.tv), variation)
    found["tv, validated"], found["tv, oracle"] = tried[model.weights.tv], tried[weight]
    pair = own.weight, own.pull
    note("tv, anchor", lambda y: peers.anchored(model, y, *pair), f"{pair[0]:.3g}, {pair[1]:g}")
    note("unet", lambda y: unet(torch.stack(model.first(y), dim=1)))
    known = {"steps": steps, "checkpoint": checkpoint, "stamp": stamp}
    words = ", ".join(f"{key} {value}" for key, value in vars(model.weights).items())
    note("scattering", lambda y: model.reconstruct(y, **known), words)
    return found


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
    mean = ends.mean(axis=0)
    return {
        "starts": starts,
        "psnr_db": float(np.mean([mean_psnr(x, one) for one in ends])),
        "psnr_of_mean_db": mean_psnr(x, mean),
        "spread": float(np.sqrt(ends.var(axis=0, ddof=1).mean())),
        "error": float(np.sqrt(np.square(mean - x).mean())),
    }, ends
