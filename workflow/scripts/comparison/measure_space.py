from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.runtime import files, store
from gsn.systems.comparison import measurement, methods, spaces
from gsn.systems.latent_laws import comparison, quality

train, test = (store.read(Path(path).parent, "x") for path in snakemake.input.images)
J, N = snakemake.params.J, train.shape[-1]
space = quality.space(comparison.batches(train), comparison.batches(test), N=N, J=J)
variables = {
    name: store.Variable(spaces.AXES[name], values) for name, values in spaces.arrays(space).items()
}
with store.whole(Path(snakemake.output.space).parent) as folder:
    store.create(folder, variables, J=quality.scale(N, J), L=quality.L, N=N)

n = min(test.shape[0], measurement.MOST)
row = {"method": methods.REAL, "split": "samples", "n": n}
row |= quality.judge(space, space.of(comparison.batches(test, n)), seed=0)
columns = measurement.COLUMNS
files.write_csv(snakemake.output.real, columns, [[row.get(name, "") for name in columns]])
