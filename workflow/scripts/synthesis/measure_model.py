from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.runtime import files, store
from gsn.systems.synthesis import measurement, models
from gsn.transforms import statistics

given, process = snakemake.input, snakemake.params.process
place, folder = Path(given.example).parent, Path(given.fields).parent
examples = store.read(place, "x")[...]
real = store.read(place, "real")[...] if "real" in store.names(place) else examples
x = store.read(folder, "x")[...]
facts = store.attributes(folder)
row = {
    "model": snakemake.wildcards.model,
    "statistics": facts["statistics"],
    "moments": facts["moments"],
    "error": float(store.read(folder, "error")[...].max()),
    "evaluations": float(store.read(folder, "evaluations")[...].mean()),
    "seconds": facts["seconds"],
}
row |= measurement.measured(x, real, **process)
border = snakemake.params.border
mask = models.within(x.shape[1:], border) if border else None
row |= measurement.concentrated(statistics.load(given.statistic), real, mask)
files.write_csv(snakemake.output[0], row, [row.values()])
