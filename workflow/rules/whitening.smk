rule fit_pca:
    input:
        store="results/{dataset}/J{J}_L{L}/scattering/train.zarr/zarr.json",
        shards=shards("train"),
        code=code("whitening"),
    output:
        "results/{dataset}/J{J}_L{L}/pca.zarr/zarr.json",
    log:
        "logs/{dataset}/fit_pca_J{J}_L{L}.log",
    benchmark:
        "logs/{dataset}/fit_pca_J{J}_L{L}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=lambda wildcards: GPU if settings(wildcards)["whitening"]["scheduler"] == "threads" else 0,
        mem_mb=megabytes(rows=lambda chosen: 5 * 512, bases=5, workers=True),
        runtime=240,
        dask=setting("whitening", "scheduler"),  # here, since where it is computed is no reason to do it again
        dask_workers=setting("whitening", "workers"),
    params:
        array="S",
        rank=setting("rank"),
        solver=setting("whitening", "solver"),
        seed=setting("seed"),
    script:
        "../scripts/fit_pca.py"


# The linear baseline: the same decomposition of the pixels themselves.
rule fit_pixel_pca:
    input:
        store="results/{dataset}/images/train.zarr/zarr.json",
        code=code("whitening"),
    output:
        "results/{dataset}/pixel_pca/pca.zarr/zarr.json",
    log:
        "logs/{dataset}/fit_pixel_pca.log",
    benchmark:
        "logs/{dataset}/fit_pixel_pca.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=lambda wildcards: GPU if settings(wildcards)["whitening"]["scheduler"] == "threads" else 0,
        mem_mb=megabytes(rows=lambda chosen: 5 * 512, bases=5, workers=True),
        runtime=240,
        dask=setting("whitening", "scheduler"),  # here, since where it is computed is no reason to do it again
        dask_workers=setting("whitening", "workers"),
    params:
        array="x",
        rank=setting("rank"),
        solver=setting("whitening", "solver"),
        seed=setting("seed"),
    script:
        "../scripts/fit_pca.py"


rule whiten_scattering:
    input:
        store="results/{dataset}/J{J}_L{L}/scattering/{split}.zarr/zarr.json",
        shards=shards(),
        pca="results/{dataset}/J{J}_L{L}/pca.zarr/zarr.json",
        code=code("whitening"),
    output:
        "results/{dataset}/J{J}_L{L}/d{d}/z/{split}.zarr/zarr.json",
    log:
        "logs/{dataset}/whiten_scattering_J{J}_L{L}_d{d}_{split}.log",
    benchmark:
        "logs/{dataset}/whiten_scattering_J{J}_L{L}_d{d}_{split}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        mem_mb=megabytes(rows=lambda chosen: 5 * 512 + chosen["rank"]),
        runtime=60,
    params:
        d=setting("d"),
    script:
        "../scripts/whiten_scattering.py"
