from gsn import runtime

threads = runtime.start(snakemake.log[0], snakemake.threads)

from dataclasses import replace
from pathlib import Path

from gsn.images import celeba, files, writing

split, md5 = snakemake.wildcards.split, snakemake.params.md5
archive, partition = Path(snakemake.input.archive), snakemake.input.get("partition")
official = celeba.FILES["img_align_celeba.zip"]
wanted = replace(official, md5=md5.lower()) if md5 else official
files.verify(wanted, archive, hint="; or say which it is by md5: in the configuration")
if partition and not md5:
    files.verify(celeba.FILES["list_eval_partition.txt"], Path(partition))
writing.write(
    Path(snakemake.output[0]).parent,
    celeba.items(archive, split, partition=partition and Path(partition), **snakemake.params.settings),
    **snakemake.params.stored,
    split=split,
    threads=threads,
    names=Path(snakemake.output.names),
    source="celeba",
    terms=celeba.TERMS,
)
