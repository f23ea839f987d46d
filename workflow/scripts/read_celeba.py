from gsn import runtime

threads = runtime.start(snakemake.log[0], snakemake.threads)

from dataclasses import replace
from pathlib import Path

from gsn.images import celeba, files, writing

settings, split = dict(snakemake.params.settings), snakemake.wildcards.split
sizes = settings.pop("sizes")
on_error, md5 = settings.pop("on_error"), settings.pop("md5")
archive, partition = Path(snakemake.input.archive), snakemake.input.get("partition")
official = celeba.FILES["img_align_celeba.zip"]
wanted = replace(official, md5=md5.lower()) if md5 else official
files.verify(wanted, archive, hint="; or say which it is by md5: in the configuration")
if partition and not md5:
    files.verify(celeba.FILES["list_eval_partition.txt"], Path(partition))
writing.write(
    Path(snakemake.output[0]).parent,
    celeba.items(archive, split, partition=partition and Path(partition), **sizes, **settings),
    n=sizes[split],
    N=settings["N"],
    channels=settings["channels"],
    split=split,
    threads=threads,
    on_error=on_error,
    names=Path(snakemake.output.names),
    source="celeba",
    terms=celeba.TERMS,
)
