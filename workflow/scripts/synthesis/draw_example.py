from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.data import fields
from gsn.runtime import store

drawn = snakemake.params.drawn
process, N, seed, k = (drawn[key] for key in ("process", "N", "seed", "examples"))
x = fields.new(process, N, n=k + drawn["real"], seed=seed, **drawn["settings"])
variables = {"x": store.Variable(("example", "row", "column"), x[:k])}
if drawn["real"]:
    variables["real"] = store.Variable(("realisation", "row", "column"), x[k:])
with store.whole(Path(snakemake.output[0]).parent) as folder:
    store.create(folder, variables, process=process, seed=seed, settings=drawn["settings"])
