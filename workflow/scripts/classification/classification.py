from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from gsn.runtime import files
from gsn.systems.classification import page

tables = zip(snakemake.params.datasets, map(files.read_csv, snakemake.input.tables), strict=True)
tables = dict(tables)
rows = [{"dataset": name} | row for name, table in tables.items() for row in table]
columns = ("dataset", *page.COLUMNS)
files.write_csv(snakemake.output.table, columns, ([row[name] for name in columns] for row in rows))
with files.whole_file(snakemake.output.page) as partial:
    partial.write_text(page.describe(tables))
