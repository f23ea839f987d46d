from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.runtime import files, machine, store
from gsn.systems.classification import labelled, moved

folders = {split: Path(snakemake.input[split]).parent for split in ("train", "test")}
rows = moved.measured(
    {split: store.read(folder, "x")[...] for split, folder in folders.items()},
    {split: labelled.labels(folder) for split, folder in folders.items()},
    **snakemake.params.settings,
    seed=snakemake.params.seed,
    device=machine.device(),
)
table = ([row[column] for column in moved.COLUMNS] for row in rows)
files.write_csv(snakemake.output[0], moved.COLUMNS, table)
