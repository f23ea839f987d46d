from gsn import runtime

threads = runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.images import folder, writing

split, path = snakemake.wildcards.split, Path(snakemake.params.path)
if split == "train":
    runtime.announce(folder.summary(path))
writing.write(
    Path(snakemake.output[0]).parent,
    folder.items(path, split, **snakemake.params.settings),
    **snakemake.params.stored,
    split=split,
    threads=threads,
    names=Path(snakemake.output.names),
    classes=folder.classes(path),
    source="folder",
    path=str(path),
    seed=snakemake.params.settings["seed"],
)
