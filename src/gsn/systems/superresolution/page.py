"""The tables of super-resolution in Markdown."""

from gsn.figures.markdown import table
from gsn.systems.superresolution import experiment, measurement

Table = list[dict[str, str]]
SHOWN = ("method", *measurement.MEASURES, "consistency", "gap", "chosen", "seconds")
MEANING = (
    "PSNR in dB of x in [0, 1] and SSIM: means over the images. `band_energy` is the relative "
    "error of the energy above the Nyquist frequency of y, `band_db` the mean of its logarithm. "
    "`order1_error`, `order2_error` and `order2_bias` are errors of held-out scattering "
    f"coefficients, with J = {measurement.J} and L = {measurement.L}, from the two finest scales. "
    "`consistency` is the largest |A x^ - y|. `gap` is the largest certified relative distance to "
    "the minimum, before the projection on A x = y. `seconds` is the time an image. "
    "`linear + noise` has the energies of the estimate without its geometry: what is no better "
    "than it has not found any. Brackets are 95 % intervals over the images, which are crops of a "
    "few photographs: other photographs may differ by more."
)
OF_BLENDS = (
    "Blends (1 - w) x_network + w x_scattering, of `network` and of `scattering, network`: the "
    "price of texture."
)
OF_POSTERIOR = (
    "Several solutions from several noises. `spread` is what the `error` of their mean would be if "
    "the true image were one more of them, `covered` the share of pixels between the least and the "
    "largest solution, and `nominal` what it would then be."
)


def describe(rows: Table, blends: Table, posterior: Table) -> str:
    """Return the page of all factors.

    Args:
        rows: Rows of `measurement.COLUMNS`, as text.
        blends: Rows of `experiment.BLEND_COLUMNS`, as text.
        posterior: Rows of `experiment.POSTERIOR_COLUMNS`, as text.

    Example:
        >>> from gsn.systems.superresolution.page import describe
        >>> row = {"factor": "4", "N": "64", "n": "64", "method": "linear", "psnr_db": "33.9"}
        >>> row |= {"psnr_db_low": "33", "psnr_db_high": "35"}
        >>> "| linear | 33.9 [33, 35] |" in describe([row], [], [])
        True
    """
    blocks = ["# Super-resolution", MEANING]
    for factor in dict.fromkeys(row["factor"] for row in rows):
        own = [with_interval(row) for row in rows if row["factor"] == factor]
        blocks += [f"## x{factor}, {own[0]['n']} images of {own[0]['N']} x {own[0]['N']}"]
        blocks += [table(own, SHOWN, digits=3)]
        for text, columns, others in (
            (OF_BLENDS, experiment.BLEND_COLUMNS, blends),
            (OF_POSTERIOR, experiment.POSTERIOR_COLUMNS, posterior),
        ):
            if some := [row for row in others if row["factor"] == factor]:
                blocks += [text, table(some, columns[1:], digits=3)]
    return "\n\n".join(blocks) + "\n"


def with_interval(row: dict[str, str]) -> dict[str, str]:
    """Return a row whose PSNR has its interval behind it."""
    value, *limits = (f"{float(row[f'psnr_db{end}']):.4g}" for end in ("", "_low", "_high"))
    return row | {"psnr_db": f"{value} [{', '.join(limits)}]"}
