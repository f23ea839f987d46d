"""The pictures of a comparison: reconstructions, draws, and the measures with their intervals."""

import numpy as np
from matplotlib.figure import Figure

from gsn.figures.comparison import intervals
from gsn.figures.images import image_rows
from gsn.systems.comparison import methods

Shown = dict[str, dict[str, np.ndarray]]


def reconstructions(real: np.ndarray, shown: Shown, *, title: str) -> Figure:
    """Draw the same test images by every method, below the images themselves.

    Args:
        real: Test images, (n, c, N, N) uint8.
        shown: For each method, its `reconstructions` of them, (n, c, N, N) uint8.
        title: Title above the rows.
    """
    rows = {"test images": real}
    rows |= {methods.NAMES[name]: arrays["reconstructions"] for name, arrays in shown.items()}
    return image_rows(np.stack(list(rows.values())), list(rows), title=title)


def samples(real: np.ndarray, shown: Shown, *, title: str) -> Figure:
    """Draw decoded draws of every method and of each of its laws, below test images.

    Args:
        real: Test images, (n, c, N, N) uint8.
        shown: For each method, its draws from its k-th law as `samples{k}`, (n, c, N, N) uint8.
        title: Title above the rows.
    """
    rows = {"test images": real}
    for name, arrays in shown.items():
        laws = methods.priors(name)
        for k, prior in enumerate(laws):
            label = methods.NAMES[name] + (f", {prior}" if len(laws) > 1 else "")
            rows[label] = arrays[f"samples{k}"]
    return image_rows(np.stack(list(rows.values())), list(rows), title=title)


def measures(rows: list[dict[str, str]], *, title: str) -> Figure:
    """Draw the test PSNR of each method, and the Frechet distance of its draws, with intervals.

    Args:
        rows: Rows of `measurement.COLUMNS`, as text.
        title: Title above the panels.
    """
    psnr, distance = {}, {}
    for row in rows:
        name, laws = row["method"], methods.priors(row["method"])
        label = methods.NAMES.get(name, name)
        if row["split"] == "test":
            psnr[label] = _ends(row, "psnr_pooled_db", "psnr_pooled")
        elif row["split"] == "samples":
            label += f", {row['prior']}" if row["prior"] and row["prior"] != laws[0] else ""
            distance[label] = _ends(row, "frechet", "frechet")
    panels = {"PSNR of test images, dB": psnr, "Frechet distance of draws": distance}
    return intervals(panels, title=title)


def _ends(row: dict[str, str], value: str, prefix: str) -> tuple[float, float, float]:
    """The value and the ends of its interval; of a single set both are the value."""
    low, high = (float(row[f"{prefix}_{end}"] or row[value]) for end in ("low", "high"))
    return float(row[value]), low, high
