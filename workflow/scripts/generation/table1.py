from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from gsn.runtime import files

SETTINGS = ("N", "J", "L", "d")
MEASURED = ("psnr_pooled_db", "psnr_mean_db")
HEADER = ["dataset", "split", "method", "n", *SETTINGS, *MEASURED, "psnr_paper_db"]


def rows():
    for i, (name, settings) in enumerate(snakemake.params.datasets.items()):
        for method in ("generator", "ridge", "pixel_pca"):
            for row in files.read_csv(snakemake.input[method][i]):
                paper = settings["paper"].get(row["split"], "") if method == "generator" else ""
                numbers = [settings[key] for key in SETTINGS] + [
                    f"{float(row[key]):.2f}" for key in MEASURED
                ]
                yield [name, row["split"], method, row["n"], *numbers, paper]


files.write_csv(snakemake.output[0], HEADER, rows())
