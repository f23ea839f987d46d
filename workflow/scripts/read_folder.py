from gsn import runtime

threads = runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.images import folder, writing

settings, split = dict(snakemake.params.settings), snakemake.wildcards.split
sizes = settings.pop("sizes")
path, on_error = Path(settings.pop("path")), settings.pop("on_error")
if split == "train":
    runtime.announce(folder.summary(path))
writing.write(
    Path(snakemake.output[0]).parent,
    folder.items(path, split, **sizes, **settings),
    n=sizes[split],
    N=settings["N"],
    channels=settings["channels"],
    split=split,
    threads=threads,
    on_error=on_error,
    names=Path(snakemake.output.names),
    classes=folder.classes(path),
    source="folder",
    path=str(path),
    seed=settings["seed"],
)
