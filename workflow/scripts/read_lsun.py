from gsn import runtime

threads = runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.images import lsun, writing

settings, split = dict(snakemake.params.settings), snakemake.wildcards.split
sizes = settings.pop("sizes")
on_error, splits, seed = (settings.pop(key) for key in ("on_error", "splits", "seed"))
folder = Path(snakemake.params.raw or Path(snakemake.input[0]).parent)
writing.write(
    Path(snakemake.output[0]).parent,
    lsun.items(folder, split, seed=seed if splits == "sample" else None, **sizes, **settings),
    n=sizes[split],
    N=settings["N"],
    channels=settings["channels"],
    split=split,
    threads=threads,
    on_error=on_error,
    names=Path(snakemake.output.names),
    source="lsun",
    splits=splits,
)
