from gsn import runtime

threads = runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.images import mnist, writing

split = snakemake.wildcards.split
writing.write(
    Path(snakemake.output[0]).parent,
    mnist.items(Path(snakemake.input.files[0]).parent, split, **snakemake.params.settings),
    **snakemake.params.stored,
    split=split,
    threads=threads,
    names=Path(snakemake.output.names),
    classes=[str(digit) for digit in range(10)],
    source="mnist",
)
