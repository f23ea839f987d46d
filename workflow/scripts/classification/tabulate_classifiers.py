from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.figures import classification as figures
from gsn.runtime import files, store
from gsn.systems.classification import labelled, page, pictures

given, made = snakemake.input, snakemake.output
rows = [row for path in [*given.errors, given.least] for row in files.read_csv(path)]
table = page.summarised(rows, source=snakemake.params.source)
files.write_csv(made.table, page.COLUMNS, ([row[name] for name in page.COLUMNS] for row in table))
folder = Path(given.images).parent
mistakes = {Path(path).stem: pictures.mistakes(path) for path in given.mistakes}
title, chosen = pictures.best(table, mistakes)
drawn = {
    "errors": figures.curves(table),
    "wrong": pictures.wrong(store.read(folder, "x"), chosen, labelled.names(folder), title=title),
}
for name, figure in drawn.items():
    with files.whole_file(made[name]) as partial:
        figure.savefig(partial)
