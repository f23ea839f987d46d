"""Table 1 of Angles & Mallat (2018) to read, in Markdown and HTML, from the rows of table1.csv."""

from collections.abc import Iterator

from gsn.figures import pages

HEAD = ["data set", "split", "n", "N", "J", "L", "d", "PSNR pooled [95 %]", "PSNR mean [95 %]"]
HEAD += ["paper", "linear decoder", "pixel PCA", "SSIM"]
TRAINED = ["data set", "epochs", "training", "machine"]
NOTES = """\
PSNR in dB of the reconstructions G(Φ(x)). Pooled: from the mean squared error over all pixels of
all images, as the paper most likely reports it. Mean: the average over the images of their PSNR. In
brackets: 95 % bootstrap intervals over the images, of this one training.

Pooled PSNR too: of the linear decoder, a ridge regression from z to pixels, and of the projection
of the pixels on d principal components.

SSIM: with the settings of Wang et al. (2004), mean over evenly spaced images of the split, whose
number is in parentheses."""


def markdown(rows: list[dict]) -> str:
    """Return the page in Markdown: the table, what its columns mean, and the trainings.

    Args:
        rows: Rows of table1.csv, from column to text: for each data set and split, those of the
            methods `generator`, `ridge` and `pixel_pca`.
    """
    blocks = ["# Table 1", _table(HEAD, _measured(rows)), NOTES, _table(TRAINED, _trained(rows))]
    return "\n\n".join(blocks) + "\n"


def html(rows: list[dict]) -> str:
    """Return the same page in HTML.

    Args:
        rows: As of `markdown`.
    """
    notes = [pages.paragraph(note) for note in NOTES.split("\n\n")]
    measured, trained = (
        pages.table(HEAD, _measured(rows)),
        pages.table(TRAINED, _trained(rows)),
    )
    return pages.page("Table 1", measured, *notes, trained)


def _measured(rows: list[dict]) -> list[list]:
    by_method = {(row["dataset"], row["split"], row["method"]): row for row in rows}
    found = []
    for row in _of_g(rows):
        key = row["dataset"], row["split"]
        linear = [by_method[*key, name]["psnr_pooled_db"] for name in ("ridge", "pixel_pca")]
        sizes = [row[name] for name in ("n", "N", "J", "L", "d")]
        psnr = [_interval(row, name) for name in ("pooled", "mean")]
        alike = f"{row['ssim']} ({row['ssim_n']})"
        found.append([*key, *sizes, *psnr, row["psnr_paper_db"], *linear, alike])
    return found


def _trained(rows: list[dict]) -> list[list]:
    by_name = {row["dataset"]: row for row in _of_g(rows)}
    return [
        [name, row["epochs"], _duration(float(row["train_seconds"])), row["machine"]]
        for name, row in by_name.items()
    ]


def _of_g(rows: list[dict]) -> list[dict]:
    return [row for row in rows if row["method"] == "generator"]


def _interval(row: dict, name: str) -> str:
    low, high = row[f"psnr_{name}_low_db"], row[f"psnr_{name}_high_db"]
    return f"{row[f'psnr_{name}_db']} [{low}, {high}]"


def _duration(seconds: float) -> str:
    """Return a time in words: in seconds, minutes or hours."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _table(head: list[str], rows: list[list]) -> str:
    def lines() -> Iterator[str]:
        for cells in (head, ["---"] * len(head), *rows):
            yield f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |"

    return "\n".join(lines())
