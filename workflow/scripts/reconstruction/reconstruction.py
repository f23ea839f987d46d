from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.figures import reconstruction as figures
from gsn.runtime import files, store
from gsn.systems.reconstruction import measurement, page, pictures, recovery

WHOLE, REAL = ("J", "order", "coefficients", "diracs"), ("per_pixel", "psnr_db", "probability")


def numbers(rows):
    """The rows with what is drawn as numbers."""
    kinds = {name: int for name in WHOLE} | {name: float for name in REAL}
    return [row | {name: kinds[name](row[name]) for name in kinds if name in row} for row in rows]


given, made = snakemake.input, snakemake.output
tables = {part: list(map(files.read_csv, given[part])) for part in ("shapes", "photographs")}
rows = [row for part in tables.values() for table in part for row in table]
recovered = [row for path in given.recovered for row in files.read_csv(path)]
drawn = {"psnr": figures.curves(numbers(rows)), "recovery": figures.recovery(numbers(recovered))}
for part, own in tables.items():
    folders = [Path(path).parent / "images.zarr" for path in given[part]]
    x = store.read(folders[0], "x")[...]
    drawn[part] = pictures.rows(x, own, [store.read(folder, "y")[...] for folder in folders])
for name, figure in drawn.items():
    with files.whole_file(made[name]) as partial:
        figure.savefig(partial)
for path, columns, table in (
    (made.table, measurement.COLUMNS, rows),
    (made.recovered, recovery.COLUMNS, recovered),
):
    files.write_csv(path, columns, ([row[column] for column in columns] for row in table))
with files.whole_file(made.page) as partial:
    partial.write_text(page.describe(rows, recovered, snakemake.params.threshold))
