from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

import os
from pathlib import Path

from gsn.runtime import files
from gsn.systems.latent_laws import page

given, place = snakemake.input, Path(snakemake.output[0]).parent
tables = ("gaussianity", "joint", "quality", "vae", "images", "history")
text = page.describe(
    experiment=snakemake.params.experiment,
    dataset=snakemake.wildcards.dataset,
    machine=Path(given.machine).read_text().strip(),
    fits={Path(path).stem: files.read_csv(path) for path in given.fits},
    pictures=[os.path.relpath(path, place) for path in given.pictures],
    **{name: files.read_csv(given[name]) for name in tables},
)
with files.whole_file(snakemake.output[0]) as partial:
    partial.write_text(text)
