from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.runtime import files, store
from gsn.systems.synthesis import measurement

place = Path(snakemake.input[0]).parent
x = store.read(place, "x")[...]
real = store.read(place, "real")[...] if "real" in store.names(place) else x
row = {"model": measurement.REAL} | measurement.measured(x, real, **snakemake.params.process)
files.write_csv(snakemake.output[0], row, [row.values()])
