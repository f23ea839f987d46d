from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from gsn.runtime import files, machine
from gsn.systems.reconstruction import recovery

given = dict(snakemake.params.settings)
N, diracs, threshold = (given.pop(key) for key in ("N", "diracs", "psnr"))
rows = recovery.recovered(N, diracs, threshold=threshold, device=machine.device(), **given)
table = ([row[column] for column in recovery.COLUMNS] for row in rows)
files.write_csv(snakemake.output[0], recovery.COLUMNS, table)
