from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.runtime import files
from gsn.systems.generation import bundle

SPLITS, wildcards = ("train", "test"), snakemake.wildcards
stores = (
    {split: Path(path).parent for split, path in zip(SPLITS, paths, strict=True)}
    for paths in (snakemake.input.images, snakemake.input.z)
)
names = {split: Path(path) for split, path in zip(SPLITS, snakemake.input.names, strict=True)}
spelled = {key: int(wildcards[key]) for key in ("J", "L", "d")}
with files.whole_file(snakemake.output[0]) as partial:
    bundle.write(partial, *stores, names, dataset=wildcards.dataset, **spelled)
