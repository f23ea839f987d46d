from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.figures import classification as figures
from gsn.runtime import files, machine, store
from gsn.systems.classification import few, labelled
from gsn.systems.classification.measurement import Given

folders = {split: Path(snakemake.input[split]).parent for split in ("train", "test")}
images = {split: store.read(folder, "x")[...] for split, folder in folders.items()}
stores = [Path(snakemake.input[f"{split}_S"]).parent for split in folders]
given = {
    "order2": labelled.coefficients(*stores, kind="order2")[1],
    "hog": Given(*(few.histograms(x) for x in images.values()), 1),
    "pixels": Given(*(labelled.pixels(folder) for folder in folders.values()), 1),
}
rows = few.measured(
    given,
    images,
    {split: labelled.labels(folder) for split, folder in folders.items()},
    **snakemake.params.settings,
    seed=snakemake.params.seed,
    checkpoint=Path(snakemake.output.table).with_name("few.partial.pt"),
    device=machine.device(),
)
table = ([row[column] for column in few.COLUMNS] for row in rows)
files.write_csv(snakemake.output.table, few.COLUMNS, table)
with files.whole_file(snakemake.output.figure) as partial:
    figures.few(rows).savefig(partial)
