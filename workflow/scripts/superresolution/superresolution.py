from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from gsn.runtime import files
from gsn.systems.superresolution import experiment, measurement, page, pictures

given, made = snakemake.input, snakemake.output
rows, blends, posterior = (
    [row for path in given[name] for row in files.read_csv(path)]
    for name in ("measures", "blends", "posterior")
)
columns = measurement.COLUMNS
files.write_csv(made.table, columns, ([row[column] for column in columns] for row in rows))
numbers = [{key: float(row[key]) for key in experiment.BLEND_COLUMNS} for row in blends]
with files.whole_file(made.blends) as partial:
    pictures.blends([row | {"factor": int(row["factor"])} for row in numbers]).savefig(partial)
with files.whole_file(made.page) as partial:
    partial.write_text(page.describe(rows, blends, posterior))
