from gsn import runtime

threads = runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.images import polygons, writing

settings, split = snakemake.params.settings, snakemake.wildcards.split
n, N, channels, seed, how = (settings[key] for key in ("n", "N", "channels", "seed", "polygon"))
writing.write(
    Path(snakemake.output[0]).parent,
    polygons.items(split, n, N, channels=channels, seed=seed, **how),
    n=n,
    N=N,
    channels=channels,
    split=split,
    threads=threads,
    source="polygons",
    seed=seed,
    **how,
)
