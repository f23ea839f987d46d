from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.data import download, head_ct

download.fetch(head_ct.FILE, Path(snakemake.output[0]))
