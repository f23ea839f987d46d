from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from gsn.runtime import files
from gsn.systems.comparison import measurement, page

FACTS = page.FACTS
fits, rows = iter(snakemake.input.fits), []
sections = ["# Comparison of embeddings\n"]
for path, (dataset, names) in zip(
    snakemake.input.tables, snakemake.params.methods.items(), strict=True
):
    measured = files.read_csv(path)
    facts = {name: files.read_csv(next(fits))[0] for name in names}
    for row in measured:
        own = facts.get(row["method"], {})
        rows.append([dataset, *row.values(), *(own.get(fact, "") for fact in FACTS)])
    title = f"{dataset}: {snakemake.params.sizes[dataset]}"
    sections.append(page.describe(title, measured, facts))
header = ["dataset", *measurement.COLUMNS, *FACTS]
files.write_csv(snakemake.output.table, header, rows)
with files.whole_file(snakemake.output.page) as partial:
    partial.write_text("\n".join(sections))
