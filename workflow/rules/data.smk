# Images: from the network, or from the files of the user, to one zarr store for each split.
include: "../functions/data.smk"


rule download:
    """Fetch a file of a source from its mirrors, once for all data sets.

    An existing file, even one that the user put there, is verified and kept: hence `update`, without which Snakemake
    would delete it before it runs the rule.
    """
    output:
        update("data/{source}/{file}"),
    log:
        "<logs>/download_{source}_{file}.log",
    wildcard_constraints:
        source="mnist|fashion-mnist|cifar10|celeba|lsun",
        file=r"(train|t10k)-(images-idx3|labels-idx1)-ubyte\.gz|img_align_celeba\.zip|list_eval_partition\.txt"
        r"|bedroom_train_lmdb\.zip|cifar-10-python\.tar\.gz",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(500),
        runtime=2880,
    script:
        "../scripts/data/download.py"


rule download_lsun_sample:
    """Fetch the public sample of LSUN bedrooms, 4.8 GB of parquet files at a pinned revision."""
    output:
        "data/lsun/sample/files.txt",
    log:
        "<logs>/download_lsun_sample.log",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(500),
        runtime=1440,
    script:
        "../scripts/data/download_lsun_sample.py"


rule unpack_lsun:
    """Unpack the original LMDB of LSUN bedrooms, after its checksum."""
    input:
        "data/lsun/bedroom_train_lmdb.zip",
    output:
        "data/lsun/bedroom_train_lmdb/data.mdb",
    log:
        "<logs>/unpack_lsun.log",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(500),
        runtime=grows(240),
    script:
        "../scripts/data/unpack_lsun.py"


rule store_images:
    """Store the images of a split, from any source, and a table of their names."""
    input:
        unpack(files_of_source),
    output:
        store="<images>/{split}.zarr/zarr.json",
        names="<images>/{split}.csv",
    log:
        "<logs>/{dataset}/store_images_{split}.log",
    benchmark:
        "<logs>/{dataset}/store_images_{split}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: lambda wildcards: 2 if counted(wildcards.dataset)["source"] == "polygons" else 8
    resources:
        mem_mb=grows(1500),
        runtime=grows(240),
    params:
        code=code_of_source,
        source=lambda wildcards: module_of(counted(wildcards.dataset)["source"]),
        settings=settings_of_source,
        stored=stored_settings,
        contents=contents,
    script:
        "../scripts/data/store_images.py"


rule draw_images:
    """Draw 32 images of a split, to see the crop before anything is computed from them."""
    input:
        images="<images>/{split}.zarr/zarr.json",
    output:
        "<images>/{split}.png",
    log:
        "<logs>/{dataset}/draw_images_{split}.log",
    benchmark:
        "<logs>/{dataset}/draw_images_{split}.tsv"
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(10),
    params:
        code=code("data/draw_images"),
    script:
        "../scripts/data/draw_images.py"
