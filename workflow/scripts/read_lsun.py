from gsn import runtime

threads = runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.images import lsun, writing

split, drawn = snakemake.wildcards.split, snakemake.params.drawn
folder = Path(snakemake.params.raw or Path(snakemake.input[0]).parent)
seed = drawn["seed"] if drawn["splits"] == "sample" else None
writing.write(
    Path(snakemake.output[0]).parent,
    lsun.items(folder, split, seed=seed, **snakemake.params.settings),
    **snakemake.params.stored,
    split=split,
    threads=threads,
    names=Path(snakemake.output.names),
    source="lsun",
    splits=drawn["splits"],
)
