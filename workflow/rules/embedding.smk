# From images to z: the scattering coefficients, their principal components, the whitening.
include: "../functions/embedding.smk"


rule create_scattering_store:
    """Create the store of the coefficients of a split, with the path of each channel, still empty."""
    input:
        images="<images>/{split}.zarr/zarr.json",
    output:
        "<transform>/scattering/{split}.zarr/zarr.json",
    log:
        "<logs>/{dataset}/create_scattering_store_J{J}_L{L}_{split}.log",
    benchmark:
        "<logs>/{dataset}/create_scattering_store_J{J}_L{L}_{split}.tsv"
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(5),
    params:
        code=code("embedding/create_scattering_store"),
        scattering=setting("scattering"),
    script:
        "../scripts/embedding/create_scattering_store.py"


rule scatter_images:
    """Scatter the images of one shard, which is one file: a lost one is made again alone."""
    input:
        images="<images>/{split}.zarr/zarr.json",
        store="<transform>/scattering/{split}.zarr/zarr.json",
    output:
        "<transform>/scattering/{split}.zarr/S/c/{i}/0/0/0",
    log:
        "<logs>/{dataset}/scatter_images_J{J}_L{L}_{split}_{i}.log",
    benchmark:
        "<logs>/{dataset}/scatter_images_J{J}_L{L}_{split}_{i}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(4000),
        runtime=grows(60),
    params:
        code=code("embedding/scatter_images"),
    script:
        "../scripts/embedding/scatter_images.py"


rule compare_kymatio:
    """Compare S_J with kymatio's on 64 training images: relative difference, and both times."""
    input:
        images="<images>/train.zarr/zarr.json",
    output:
        "<transform>/kymatio.csv",
    log:
        "<logs>/{dataset}/compare_kymatio_J{J}_L{L}.log",
    benchmark:
        "<logs>/{dataset}/compare_kymatio_J{J}_L{L}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(4000),
        runtime=grows(30),
    params:
        code=code("embedding/compare_kymatio"),
        experiment=lambda wildcards: chosen(wildcards)["N"],  # which checks J
    script:
        "../scripts/embedding/compare_kymatio.py"


rule fit_pca:
    """Fit mean and principal components of the training set: of its coefficients, or its pixels."""
    input:
        store="<transform>/scattering/train.zarr/zarr.json",
        shards=shards("train"),
    output:
        "<transform>/pca.zarr/zarr.json",
    log:
        "<logs>/{dataset}/fit_pca_J{J}_L{L}.log",
    benchmark:
        "<logs>/{dataset}/fit_pca_J{J}_L{L}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=lambda wildcards: (
            GPU(wildcards) if chosen(wildcards)["whitening"]["scheduler"] == "threads" else 0
        ),
        mem_mb=grows(megabytes(rows=lambda own: 5 * 512, bases=5, workers=True)),
        runtime=grows(240),
        dask=setting("whitening", "scheduler"),  # no param: another place is no reason to rerun
        dask_workers=setting("whitening", "workers"),
    params:
        code=code("embedding/fit_pca"),
        array="S",
        rank=setting("rank"),
        solver=setting("whitening", "solver"),
        seed=setting("seed"),
    script:
        "../scripts/embedding/fit_pca.py"


use rule fit_pca as fit_pixel_pca with:
    # The linear baseline: the same decomposition of the pixels themselves.
    input:
        store="<images>/train.zarr/zarr.json",
    output:
        "<pixel_pca>/pca.zarr/zarr.json",
    log:
        "<logs>/{dataset}/fit_pixel_pca.log",
    benchmark:
        "<logs>/{dataset}/fit_pixel_pca.tsv"
    params:
        code=code("embedding/fit_pca"),
        array="x",
        rank=setting("rank"),
        solver=setting("whitening", "solver"),
        seed=setting("seed"),


rule whiten_scattering:
    """Whiten the coefficients of a split: z, of dimension d."""
    input:
        store="<transform>/scattering/{split}.zarr/zarr.json",
        shards=shards(),
        pca="<transform>/pca.zarr/zarr.json",
    output:
        "<embedding>/z/{split}.zarr/zarr.json",
    log:
        "<logs>/{dataset}/whiten_scattering_J{J}_L{L}_d{d}_{split}.log",
    benchmark:
        "<logs>/{dataset}/whiten_scattering_J{J}_L{L}_d{d}_{split}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        mem_mb=grows(megabytes(rows=lambda own: 5 * 512 + own["rank"])),
        runtime=grows(60),
    params:
        code=code("embedding/whiten_scattering"),
        d=setting("d"),
    script:
        "../scripts/embedding/whiten_scattering.py"
