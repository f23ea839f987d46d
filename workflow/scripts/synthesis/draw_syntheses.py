from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.runtime import files, store
from gsn.systems.synthesis import pictures

given, names = snakemake.input, snakemake.params.models
place = Path(given.example).parent
examples = store.read(place, "x")[...]
real = store.read(place, "real")[...] if "real" in store.names(place) else examples
shown = {
    name: store.read(Path(path).parent, "x")[...]
    for name, path in zip(names, given.fields, strict=True)
}
losses = {
    name: pictures.curves(files.read_csv(path))
    for name, path in zip(names, given.losses, strict=True)
}
drawn = pictures.drawn(examples, real, shown, losses, tolerance=snakemake.params.tolerance)
for name, figure in drawn.items():
    with files.whole_file(snakemake.output[name]) as partial:
        figure.savefig(partial)
