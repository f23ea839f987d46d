"""Pictures of super-resolution: test images, a photograph with details, spread, blends."""

import numpy as np
from matplotlib.figure import Figure

from gsn.figures.images import image_rows
from gsn.figures.methods import as_bytes, method_rows

SHOWN = (
    "bicubic",
    "tv, validated",
    "linear",
    "network",
    "linear + noise",
    "scattering",
    "scattering, network",
)


def rows(x: np.ndarray, found: dict[str, np.ndarray], shown: int = 6) -> Figure:
    """Draw some test images as columns, and each method as a row.

    Args:
        x: True images, (n, N, N) in [0, 1].
        found: Images of each method.
        shown: Number of images, evenly spaced.

    Example:
        >>> import numpy as np
        >>> from gsn.systems.superresolution import pictures
        >>> x = np.zeros((2, 8, 8))
        >>> len(pictures.rows(x, {"bicubic": x, "linear": x}).axes[0].get_yticklabels())
        3
    """
    return method_rows(x, {name: found[name] for name in SHOWN if name in found}, shown)


def spread(x: np.ndarray, samples: np.ndarray, shown: int = 6) -> Figure:
    """Draw some images, three solutions of each, the deviation of all, and the error of their mean.

    The last two are scaled by the same factor.

    Args:
        x: True images, (n, N, N) in [0, 1].
        samples: Solutions, (m, n, N, N).
        shown: Number of images, evenly spaced.
    """
    columns = np.linspace(0, len(x) - 1, min(shown, len(x))).astype(int)
    x, samples = x[columns], samples[:, columns]
    deviation, error = samples.std(axis=0, ddof=1), np.abs(samples.mean(axis=0) - x)
    scale = max(np.quantile(error, 0.99), 1e-6)
    few = samples[:3]
    images = np.stack([x, *few, deviation / scale, error / scale])
    labels = ["x", *(f"solution {k + 1}" for k in range(len(few))), "deviation", "error of\nmean"]
    return image_rows(as_bytes(images)[:, :, None], labels, title="")


def blends(rows: list[dict]) -> Figure:
    """Draw the order-2 error and the energy of the band against the PSNR of blends.

    Args:
        rows: Rows of `experiment.BLEND_COLUMNS`, as numbers.
    """
    figure = Figure(figsize=(8.2, 3.4), dpi=150, layout="constrained")
    panels = figure.subplots(1, 2)
    for axes, key, name in zip(
        panels,
        ("order2_error", "band_energy"),
        ("error of order 2", "energy of the high band, relative error"),
        strict=True,
    ):
        for i, factor in enumerate(dict.fromkeys(row["factor"] for row in rows)):
            own = [row for row in rows if row["factor"] == factor]
            places, values = [row["psnr_db"] for row in own], [row[key] for row in own]
            axes.plot(places, values, "o-", color=f"C{i}", markersize=4, label=f"x{factor}")
            for row in own:
                text = {"textcoords": "offset points", "xytext": (4, 4), "fontsize": 6}
                axes.annotate(f"{row['weight']:g}", (row["psnr_db"], row[key]), **text)
        axes.set_xlabel("PSNR, dB")
        axes.set_ylabel(name)
        axes.grid(alpha=0.3)
    panels[0].legend(frameon=False, fontsize=7)
    return figure


def photograph(names: list[str], images: list[np.ndarray], corner: tuple[int, int]) -> Figure:
    """Draw one photograph by several methods, and below each a detail at four times the size.

    Args:
        names: Names of the methods, the true image first.
        images: Images, (N, N) each, in [0, 1].
        corner: Row and column of the upper left corner of the detail, of side N / 4.
    """
    N = images[0].shape[0]
    top, left = corner
    side = N // 4
    details = [x[top : top + side, left : left + side].repeat(4, 0).repeat(4, 1) for x in images]
    sheet = as_bytes(np.stack([np.stack(images), np.stack(details)]))
    captions = [names, [""] * len(names)]
    return image_rows(sheet[:, :, None], ["", "detail x4"], title="", captions=captions)
