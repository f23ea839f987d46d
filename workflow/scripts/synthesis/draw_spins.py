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
for name, figure in pictures.of_spins(real, shown).items():
    with files.whole_file(snakemake.output[name]) as partial:
        figure.savefig(partial)
