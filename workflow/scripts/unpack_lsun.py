from gsn import runtime

runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.images import files, lsun

archive = Path(snakemake.input[0])
files.verify(lsun.FILES[archive.name], archive)
lsun.unpack(archive, Path(snakemake.output[0]))
