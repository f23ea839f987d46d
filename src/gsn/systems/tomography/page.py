"""The tables of tomography in Markdown."""

from gsn.figures.markdown import table
from gsn.systems.tomography import experiment, measurement

Table = list[dict[str, str]]
SHOWN = ("method", *measurement.MEASURES, "wins", "gap", "seconds", "chosen")
MEANING = (
    "PSNR in dB of x in [0, 1], SSIM, and the relative error of the energy of the finest octave of "
    "frequency: means over the images. `against_tv_db` is the difference of PSNR, image by image, "
    "to total variation at the weight that is the best on these very images, and `wins` the share "
    "of images with more. `gap` is the certified relative distance to the minimum, the largest "
    "one. `seconds` is the time an image, first estimates included, and `chosen` what validation "
    "images chose. `tv, anchor` is also pulled to the best linear estimate, as `scattering` may "
    "be: what is no better than it owes its gain to that estimate. Brackets are 95 % intervals "
    "over the images. `shepp_logan` is one image, reconstructed by the models of `ellipses`."
)
OF_SPREAD = (
    "Several starts of `scattering`, with noise: the PSNR of one end, that of their mean, the "
    "deviation between them, and the error of the mean."
)


def describe(rows: Table, spread: Table) -> str:
    """Return the page of all families and geometries.

    Args:
        rows: Rows of `measurement.COLUMNS`, as text.
        spread: Rows of `experiment.SPREAD_COLUMNS`, as text.

    Example:
        >>> from gsn.systems.tomography.page import describe
        >>> row = {"family": "ct", "geometry": "few", "N": "64", "n": "32", "method": "tv"}
        >>> row |= {f"psnr_db{end}": "33" for end in ("", "_low", "_high")}
        >>> row |= {f"against_tv_db{end}": "0" for end in ("", "_low", "_high")}
        >>> "## ct, few: 32 images of 64 x 64" in describe([row], [])
        True
    """
    blocks = ["# Tomography", MEANING]
    kinds = dict.fromkeys((row["family"], row["geometry"]) for row in rows)
    for family, geometry in kinds:
        own = [row for row in rows if (row["family"], row["geometry"]) == (family, geometry)]
        N, n = own[0]["N"], own[0]["n"]
        count = f"{n} image{'s' * (n != '1')}"
        blocks.append(f"## {family}, {geometry}: {count} of {N} x {N}")
        blocks.append(table([with_intervals(row) for row in own], SHOWN, digits=3))
    if spread:
        blocks += ["## Spread", OF_SPREAD, table(spread, experiment.SPREAD_COLUMNS, digits=3)]
    return "\n\n".join(blocks) + "\n"


def with_intervals(row: dict[str, str]) -> dict[str, str]:
    """Return a row whose decibels have their intervals behind them."""
    found = dict(row)
    for name in ("psnr_db", "against_tv_db"):
        value, *limits = (f"{float(row[f'{name}{end}']):.2f}" for end in ("", "_low", "_high"))
        found[name] = f"{value} [{', '.join(limits)}]"
    return found
