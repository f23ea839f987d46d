from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from gsn.metrics import seeds
from gsn.runtime import files

MEASURED = ("psnr_pooled_db", "psnr_mean_db")


def rows():
    for i, (name, seed) in enumerate(snakemake.params.places.values()):
        for method in ("generator", "ridge", "pixel_pca"):
            for row in files.read_csv(snakemake.input[method][i]):
                place = {"dataset": name, "split": row["split"], "method": method, "n": row["n"]}
                yield place | {"seed": seed} | {key: float(row[key]) for key in MEASURED}


table = seeds.summarised(rows(), MEASURED)
texts = (
    [f"{value:.3f}" if isinstance(value, float) else value for value in row.values()]
    for row in table
)
files.write_csv(snakemake.output[0], table[0], texts)
