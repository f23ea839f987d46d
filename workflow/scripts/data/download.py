from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.data import celeba, download, lsun, mnist
from gsn.runtime import log

source, name = snakemake.wildcards.source, snakemake.wildcards.file
files = {"mnist": mnist, "celeba": celeba, "lsun": lsun}[source].FILES
if name == "img_align_celeba.zip":
    log.announce(celeba.TERMS)
download.fetch(files[name], Path(snakemake.output[0]))
