from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.runtime import files
from gsn.systems.classification import labelled, measurement

given, kind = snakemake.params.settings, snakemake.wildcards.features
folders = {split: Path(snakemake.input[split]).parent for split in ("train", "test")}
labels = {split: labelled.labels(folder) for split, folder in folders.items()}
if kind == "pixels":
    scales = {0: measurement.Given(*(labelled.pixels(folder) for folder in folders.values()), 1)}
else:
    places = zip(snakemake.input.train_S, snakemake.input.test_S, strict=True)
    stores = [[Path(path).parent for path in pair] for pair in places]
    scales = dict(labelled.coefficients(*pair, kind=kind) for pair in stores)
rows, found = measurement.measured(
    kind,
    snakemake.wildcards.classifier,
    scales,
    labels,
    **given,
    seed=snakemake.params.seed,
)
table = ([row[column] for column in measurement.COLUMNS] for row in rows)
files.write_csv(snakemake.output.errors, measurement.COLUMNS, table)
wrong = (found != labels["test"]).nonzero()[0]
mistakes = ([row, labels["test"][row], found[row]] for row in wrong)
files.write_csv(snakemake.output.mistakes, ["row", "label", "predicted"], mistakes)
