from gsn import runtime

threads = runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.images import mnist, writing

settings, split = snakemake.params.settings, snakemake.wildcards.split
n, N, channels = (settings[key] for key in ("n", "N", "channels"))
writing.write(
    Path(snakemake.output[0]).parent,
    mnist.items(Path(snakemake.input.files[0]).parent, split, n=n, N=N, channels=channels),
    n=n,
    N=N,
    channels=channels,
    split=split,
    threads=threads,
    on_error=settings["on_error"],
    names=Path(snakemake.output.names),
    classes=[str(digit) for digit in range(10)],
    source="mnist",
)
