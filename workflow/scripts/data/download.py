from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.data import celeba, cifar10, download, fashion_mnist, lsun, mnist
from gsn.runtime import log

source, name = snakemake.wildcards.source, snakemake.wildcards.file
modules = {
    "mnist": mnist,
    "fashion-mnist": fashion_mnist,
    "cifar10": cifar10,
    "celeba": celeba,
    "lsun": lsun,
}
if name == "img_align_celeba.zip":
    log.announce(celeba.TERMS)
download.fetch(modules[source].FILES[name], Path(snakemake.output[0]))
