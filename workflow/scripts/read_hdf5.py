from gsn import runtime

threads = runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.images import hdf5, writing

split, settings = snakemake.wildcards.split, snakemake.params.settings
writing.write(
    Path(snakemake.output[0]).parent,
    hdf5.items(Path(snakemake.input.file), split, **settings),
    **snakemake.params.stored,
    split=split,
    threads=threads,
    names=Path(snakemake.output.names),
    source="hdf5",
    path=snakemake.input.file,
    key=settings["key"],
    seed=settings["seed"],
)
