from gsn.runtime import job

if __name__ == "__main__":  # dask's processes import this script
    threads = job.start(snakemake.log[0], snakemake.threads)

    from pathlib import Path

    from gsn.decomposition import whitening
    from gsn.runtime import cluster, store, view

    array, rank, seed, solver = (
        snakemake.params[key] for key in ("array", "rank", "seed", "solver")
    )
    source = Path(snakemake.input.store).parent
    rows = view.blocks(source, array)
    where, n, memory = (snakemake.resources[key] for key in ("dask", "dask_workers", "mem_mb"))
    with cluster.workers(where, n=n, threads=threads, memory=memory) as parts:
        mu, components, eigenvalues = whitening.fit(
            rows, rank, solver=solver, parts=parts, seed=seed
        )
    variables = {
        "mu": store.Variable(
            ("coefficient",), mu, attrs={"long_name": "mean over the training images"}
        ),
        "components": store.Variable(
            ("component", "coefficient"),
            components,
            attrs={"long_name": "orthonormal principal components"},
        ),
        "eigenvalues": store.Variable(
            ("component",),
            eigenvalues,
            attrs={"long_name": "variance along each component, denominator n - 1"},
        ),
    }
    # What the rows are, so that another image can be put into the basis when the coefficients are
    # gone.
    written = {
        key: value
        for key, value in store.attributes(source).items()
        if key in ("J", "L", "N", "max_order")
    }
    written |= {"array": array, "dtype": rows.dtype.name, "images": len(rows)}
    with store.whole(Path(snakemake.output[0]).parent) as folder:
        store.create(folder, variables, **written, rank=rank, solver=solver, seed=seed)
