"""All methods on the same test images: their images, their measures, blends, and several solutions.

Weights of peers are chosen twice: on further crops of the training photographs (`validated`), and
on the test images themselves (`oracle`), which nobody can do.
"""

import functools
import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from gsn.data import crops
from gsn.inverse.operators.sampling import Decimation
from gsn.inverse.total_variation import Minimum
from gsn.metrics import reconstruction
from gsn.systems.superresolution import measurement, peers
from gsn.systems.superresolution.model import SuperResolution

Method = Callable[[torch.Tensor], torch.Tensor | Minimum]
TV = (3e-4, 1e-3, 3e-3)  # weights of the total variation that are tried
SPARSE = (0.01, 0.03, 0.1)  # weights of the l1 norm in wavelets
NEAR = 1e-3  # relative gap of the images that choose a weight
WHOLE = 192  # side of the photograph that is upscaled at once, in pixels
BLENDS = (0.25, 0.5, 0.75)
BLEND_COLUMNS = ("factor", "weight", *measurement.MEASURES)
POSTERIOR_COLUMNS = (
    "factor",
    "n",
    "samples",
    "psnr_db",
    "psnr_of_mean_db",
    "spread",
    "error",
    "covered",
    "nominal",
)


def run(
    model: SuperResolution,
    deep: SuperResolution,
    x: np.ndarray,
    validation: np.ndarray,
    *,
    steps: int,
    seed: int,
    checkpoint: Path,
    stamp: str = "",
    device: torch.device | str = "cpu",
) -> tuple[list[dict], dict[str, np.ndarray]]:
    """Apply and measure all methods.

    Args:
        model: Model with the linear first estimate.
        deep: Model with the first estimate of a network.
        x: Test images, (n, N, N) float in [0, 1].
        validation: Images that choose the weights of peers, (m, N, N).
        steps: Number of steps of the descents.
        seed: Seed of the noise.
        checkpoint: Folder of the states of the descents.
        stamp: Whatever else the run depends on.
        device: Device to compute on.

    Returns:
        Row of `measurement.COLUMNS` for each method, and the images of each.
    """
    A = Decimation(model.factor, x.shape[1:])
    y, y_held = (A(torch.from_numpy(part).to(device)) for part in (x, validation))
    end = {"steps": steps, "stamp": stamp}
    methods: dict[str, Method] = {
        "bicubic": lambda y: peers.bicubic(A, y),
        "linear": model.first,
        "network": deep.first,
        "linear + noise": lambda y: model.noisy(y, seed=seed),
        "scattering": lambda y: model.upscale(y, checkpoint=checkpoint / "linear", **end),
        "scattering, network": lambda y: deep.upscale(y, checkpoint=checkpoint / "deep", **end),
    }
    rows, found = [], {}

    def note(name: str, images: np.ndarray, notes: dict, chosen: str = "") -> None:
        found[name] = images
        row = measurement.measured(x, images, y.cpu().numpy(), model.factor, seed)
        same = {"factor": model.factor, "N": x.shape[-1], "method": name, "chosen": chosen}
        rows.append(same | row | notes)

    for name, method in methods.items():
        note(name, *timed(method, y))
    rough = functools.partial(peers.tv, tolerance=NEAR)
    for name, exact, quick, weights in (
        ("tv", peers.tv, rough, TV),
        ("wavelets", peers.sparse, peers.sparse, SPARSE),
    ):
        chosen = {}
        for how, truth, small in (("validated", validation, y_held), ("oracle", x, y)):
            tried = {w: timed(functools.partial(quick, A, weight=w), small)[0] for w in weights}
            chosen[how] = reconstruction.best(truth, tried)
        made = {w: timed(functools.partial(exact, A, weight=w), y) for w in {*chosen.values()}}
        for how, w in chosen.items():
            note(f"{name}, {how}", *made[w], chosen=f"{w:.2g}")
    return rows, found


def timed(method: Method, y: torch.Tensor) -> tuple[np.ndarray, dict]:
    """Return the images of a method, with the seconds an image and the largest gap, if any."""
    begun = time.perf_counter()
    found = method(y)
    notes = {"gap": "", "seconds": (time.perf_counter() - begun) / len(y)}
    if isinstance(found, Minimum):
        return found.x.cpu().numpy(), notes | {"gap": float(found.gap.max())}
    return found.cpu().numpy(), notes


def blends(x: np.ndarray, sharp: np.ndarray, textured: np.ndarray, factor: int) -> list[dict]:
    """Return the measures of blends between two methods, rows of BLEND_COLUMNS.

    Args:
        x: True images, (n, N, N).
        sharp: Images of the method with the best PSNR.
        textured: Images of the other method, whose weight is in the rows.
        factor: Factor s.
    """
    rows, every = [], np.arange(len(x))
    for weight in (0.0, *BLENDS, 1.0):
        numbers = measurement.parts(x, (1 - weight) * sharp + weight * textured, factor)
        measures = measurement.of_rows(numbers, every)
        rows.append({"factor": factor, "weight": weight} | measures)
    return rows


def posterior(
    model: SuperResolution,
    x: np.ndarray,
    *,
    samples: int,
    steps: int,
    seed: int,
    checkpoint: Path,
    stamp: str = "",
    device: torch.device | str = "cpu",
) -> tuple[dict, np.ndarray]:
    """Return how well the spread of several solutions tells their error, and the solutions.

    Of m draws of a law and one more, the last one lies between the least and the largest of the
    others with the probability (m - 1) / (m + 1), which is `nominal`. `covered` is the share of the
    pixels whose true value does. `spread` is the root of the mean variance over the solutions, with
    the factor 1 + 1 / m, that the `error` of their mean would have if the true image were one more.

    Args:
        model: Model.
        x: True images, (n, N, N).
        samples: Number m of solutions of each image, at least 2.
        steps, seed, checkpoint, stamp, device: As in `run`.

    Returns:
        Row of POSTERIOR_COLUMNS, and the solutions, (m, n, N, N).
    """
    A = Decimation(model.factor, x.shape[1:])
    y = A(torch.from_numpy(x).to(device))
    ends = []
    for k in range(samples):
        place = checkpoint / f"sample_{k}"
        images = model.upscale(y, steps=steps, seed=seed + k, checkpoint=place, stamp=stamp)
        ends.append(images.cpu().numpy())
    found = np.stack(ends)
    mean, variance = found.mean(axis=0), found.var(axis=0, ddof=1)
    covered = (found.min(axis=0) <= x) & (x <= found.max(axis=0))
    row = {"factor": model.factor, "n": len(x), "samples": samples}
    row["psnr_db"] = float(np.mean([reconstruction.mean_psnr(x, one) for one in found]))
    row["psnr_of_mean_db"] = reconstruction.mean_psnr(x, mean)
    row["spread"] = float(np.sqrt(variance.mean() * (1 + 1 / samples)))
    row["error"] = float(np.sqrt(np.square(mean - x).mean()))
    row |= {"covered": float(covered.mean()), "nominal": (samples - 1) / (samples + 1)}
    return row, found


def whole_photograph(
    models: list[SuperResolution],
    name: str,
    *,
    steps: int,
    seed: int,
    checkpoint: Path,
    stamp: str = "",
    device: torch.device | str = "cpu",
) -> tuple[list[str], list[np.ndarray], tuple[int, int]]:
    """Return a photograph, cropped to 192 x 192 or less, by some methods at once.

    Args:
        models: Model with the linear first estimate, and that with a network.
        name: Name or file of the photograph.
        steps, seed, checkpoint, stamp, device: As in `run`.

    Returns:
        Names and images of the methods, the true image first, and the corner of the detail with the
        largest variance.
    """
    model, deep = models
    x = crops.whole(name)
    unit = math.lcm(model.factor, 2**model.J)
    side = min(*x.shape, WHOLE) // unit * unit
    top, left = ((length - side) // 2 for length in x.shape)
    x = np.ascontiguousarray(x[top : top + side, left : left + side])
    A = Decimation(model.factor, x.shape)
    y = A(torch.from_numpy(x)[None].to(device))
    end = {"steps": steps, "stamp": stamp, "checkpoint": checkpoint / "photograph"}
    found = {
        "bicubic": peers.bicubic(A, y),
        "linear": model.first(y),
        "network": deep.first(y),
        "scattering, network": deep.upscale(y, **end),
    }
    few = side // 4
    corners = [(i, j) for i in range(0, side - few, few // 2) for j in range(0, side - few, few)]
    corner = max(corners, key=lambda c: x[c[0] : c[0] + few, c[1] : c[1] + few].var())
    images = [x, *(images[0].cpu().numpy() for images in found.values())]
    return ["x", *found], images, corner
