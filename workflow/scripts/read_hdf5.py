from gsn import runtime

threads = runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.images import hdf5, writing

settings, split = dict(snakemake.params.settings), snakemake.wildcards.split
sizes = settings.pop("sizes")
on_error = settings.pop("on_error")
writing.write(
    Path(snakemake.output[0]).parent,
    hdf5.items(Path(snakemake.input.file), split, **sizes, **settings),
    n=sizes[split],
    N=settings["N"],
    channels=settings["channels"],
    split=split,
    threads=threads,
    on_error=on_error,
    names=Path(snakemake.output.names),
    source="hdf5",
    path=snakemake.input.file,
    key=settings["key"],
    seed=settings["seed"],
)
