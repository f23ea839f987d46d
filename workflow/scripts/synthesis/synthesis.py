from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from gsn.runtime import files
from gsn.systems.synthesis import measurement, page

models, rows = iter(snakemake.input.models), []
for (name, own), path in zip(
    snakemake.params.examples.items(), snakemake.input.examples, strict=True
):
    tables = [path, *(next(models) for _ in own)]
    rows += [{"example": name} | row for table in tables for row in files.read_csv(table)]
columns = ["example", *measurement.COLUMNS]
cells = ([row.get(column, "") for column in columns] for row in rows)
files.write_csv(snakemake.output.table, columns, cells)
with files.whole_file(snakemake.output.page) as partial:
    partial.write_text(page.describe(rows))
