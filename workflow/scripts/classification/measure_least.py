from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.runtime import files, machine, store
from gsn.systems.classification import labelled, least, measurement

folders = {split: Path(snakemake.input[split]).parent for split in ("train", "test")}
rows = least.measured(
    {split: store.read(folder, "x")[...] for split, folder in folders.items()},
    {split: labelled.labels(folder) for split, folder in folders.items()},
    **snakemake.params.settings,
    seed=snakemake.params.seed,
    device=machine.device(),
)
table = ([row[column] for column in measurement.COLUMNS] for row in rows)
files.write_csv(snakemake.output[0], measurement.COLUMNS, table)
