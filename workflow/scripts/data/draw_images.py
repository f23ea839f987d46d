from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.figures import images as figures
from gsn.runtime import files, store

images = store.read(Path(snakemake.input.images).parent, "x")
title = f"{snakemake.wildcards.dataset}, {snakemake.wildcards.split}"
with files.whole_file(snakemake.output[0]) as partial:
    figures.contact_sheet(images, title=title).savefig(partial)
