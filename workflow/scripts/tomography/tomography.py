from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from gsn.runtime import files
from gsn.systems.tomography import measurement, page

given, made = snakemake.input, snakemake.output
rows, spread = (
    [row for path in given[name] for row in files.read_csv(path)] for name in ("measures", "spread")
)
columns = measurement.COLUMNS
files.write_csv(made.table, columns, ([row[column] for column in columns] for row in rows))
with files.whole_file(made.page) as partial:
    partial.write_text(page.describe(rows, spread))
