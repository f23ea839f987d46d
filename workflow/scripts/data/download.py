from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

import sys
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
known = modules[source].FILES
if name not in known:
    sys.exit(f"{source} has no file {name}: use one of {', '.join(known)}.")
if name == "img_align_celeba.zip":
    log.announce(celeba.TERMS)
download.fetch(known[name], Path(snakemake.output[0]))
