from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.data import files, lsun

archive = Path(snakemake.input[0])
files.verify(lsun.FILES[archive.name], archive)
lsun.unpack(archive, Path(snakemake.output[0]))
