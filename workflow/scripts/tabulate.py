import csv
from pathlib import Path

from gsn import runtime

runtime.start(snakemake.log[0], snakemake.threads)

SETTINGS = ("N", "J", "L", "d")
MEASURED = ("psnr_pooled_db", "psnr_mean_db")
HEADER = ["dataset", "split", "method", "n", *SETTINGS, *MEASURED, "psnr_paper_db"]


def rows():
    for i, (name, settings) in enumerate(snakemake.params.datasets.items()):
        for method in ("generator", "pixel_pca"):
            with open(Path(snakemake.input[method][i]), newline="") as file:
                for row in csv.DictReader(file):
                    paper = settings["paper"].get(row["split"], "") if method == "generator" else ""
                    numbers = [settings[key] for key in SETTINGS] + [f"{float(row[key]):.2f}" for key in MEASURED]
                    yield [name, row["split"], method, row["n"], *numbers, paper]


runtime.write_csv(snakemake.output[0], HEADER, rows())
