from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.runtime import files
from gsn.systems.generation import table

SETTINGS = ("N", "J", "L", "d")
MEASURED = ("psnr_pooled_db", "psnr_mean_db")
LIMITS = tuple(f"psnr_{name}_{end}_db" for name in ("pooled", "mean") for end in ("low", "high"))
TRAINED = ("epochs", "train_seconds", "machine")
HEADER = ["dataset", "split", "method", "n", *SETTINGS, *MEASURED, "psnr_paper_db"]
HEADER += [*LIMITS, "ssim", "ssim_n", *TRAINED]


def rounded(row, keys, digits):
    return [f"{float(row[key]):.{digits}f}" for key in keys]


def training(i):
    last = files.read_csv(snakemake.input.history[i])[-1]
    seconds = f"{float(last['seconds']):.0f}"
    return [last["epoch"], seconds, Path(snakemake.input.machine[i]).read_text().strip()]


def rows():
    for i, (name, settings) in enumerate(snakemake.params.datasets.items()):
        for method in ("generator", "ridge", "pixel_pca"):
            trained = training(i) if method == "generator" else [""] * len(TRAINED)
            for row in files.read_csv(snakemake.input[method][i]):
                paper = settings["paper"].get(row["split"], "") if method == "generator" else ""
                numbers = [settings[key] for key in SETTINGS] + rounded(row, MEASURED, 2)
                limits, alike = rounded(row, LIMITS, 2), rounded(row, ["ssim"], 4)
                yield [
                    *(name, row["split"], method, row["n"], *numbers, paper),
                    *(*limits, *alike, row["ssim_n"], *trained),
                ]


found = list(rows())
files.write_csv(snakemake.output.table, HEADER, found)
named = [dict(zip(HEADER, row, strict=True)) for row in found]
for name, text in (("page", table.markdown(named)), ("html", table.html(named))):
    with files.whole_file(snakemake.output[name]) as partial:
        partial.write_text(text, encoding="utf-8")
