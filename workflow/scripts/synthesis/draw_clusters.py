from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.runtime import files, store
from gsn.systems.synthesis import pictures

given, names = snakemake.input, snakemake.params.models
place = Path(given.example).parent
real = store.read(place, "real" if "real" in store.names(place) else "x")[...]
shown = {
    name: store.read(Path(path).parent, "x")[...]
    for name, path in zip(names, given.fields, strict=True)
}
with files.whole_file(snakemake.output[0]) as partial:
    pictures.clusters(real, shown).savefig(partial)
