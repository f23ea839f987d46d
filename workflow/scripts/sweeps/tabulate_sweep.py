from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from gsn.figures import sweeps as figures
from gsn.runtime import files
from gsn.systems import sweeps

points = snakemake.params.points
rows = [
    sweeps.row(
        point["varied"],
        {name: files.read_csv(paths[i]) for name, paths in snakemake.input.items()},
        n=point["n"],
        d=point["d"],
    )
    for i, point in enumerate(points)
]
files.write_csv(snakemake.output.table, rows[0], (row.values() for row in rows))
with files.whole_file(snakemake.output.picture) as partial:
    figures.curves(rows, list(points[0]["varied"])).savefig(partial)
