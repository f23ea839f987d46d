from gsn import runtime

threads = runtime.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

import dask

from gsn import store, whitening

array, rank, seed = (snakemake.params[key] for key in ("array", "rank", "seed"))
dask.config.set(scheduler="threads", num_workers=threads)
rows = store.blocks(Path(snakemake.input.store).parent, array)
mu, components, eigenvalues = whitening.fit(rows, rank, seed=seed)
variables = {
    "mu": store.Variable(("coefficient",), mu, attrs={"long_name": "mean over the training images"}),
    "components": store.Variable(
        ("component", "coefficient"), components, attrs={"long_name": "orthonormal principal components"}
    ),
    "eigenvalues": store.Variable(
        ("component",), eigenvalues, attrs={"long_name": "variance along each component, denominator n - 1"}
    ),
}
with store.whole(Path(snakemake.output[0]).parent) as folder:
    store.create(folder, variables, array=array, images=len(rows), rank=rank, seed=seed)
