from gsn import runtime

runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.images import celeba, download, lsun, mnist

source, name = snakemake.wildcards.source, snakemake.wildcards.file
files = {"mnist": mnist, "celeba": celeba, "lsun": lsun}[source].FILES
if name == "img_align_celeba.zip":
    runtime.announce(celeba.TERMS)
download.fetch(files[name], Path(snakemake.output[0]))
