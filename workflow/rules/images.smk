# From the mirrors of src/gsn/images/{source}.py, once for all data sets that use it. A file that is there, be it put there
# by hand, is verified and kept: `update`, since Snakemake would take it away before it runs the rule.
rule download:
    output:
        update("data/{source}/{file}"),
    log:
        "logs/download_{source}_{file}.log",
    wildcard_constraints:
        source="mnist|celeba|lsun",
        file=r"(train|t10k)-(images-idx3|labels-idx1)-ubyte\.gz|img_align_celeba\.zip|list_eval_partition\.txt"
        r"|bedroom_train_lmdb\.zip",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=500,
        runtime=2880,
    script:
        "../scripts/download.py"


rule download_lsun_sample:
    output:
        "data/lsun/sample/files.txt",
    log:
        "logs/download_lsun_sample.log",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=500,
        runtime=1440,
    script:
        "../scripts/download_lsun_sample.py"


rule unpack_lsun:
    input:
        "data/lsun/bedroom_train_lmdb.zip",
    output:
        "data/lsun/bedroom_train_lmdb/data.mdb",
    log:
        "logs/unpack_lsun.log",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=500,
        runtime=240,
    script:
        "../scripts/unpack_lsun.py"


rule draw_polygons:
    input:
        code=code("images/polygons", "images/writing"),
    output:
        "results/{dataset}/images/{split}.zarr/zarr.json",
    log:
        "logs/{dataset}/draw_polygons_{split}.log",
    benchmark:
        "logs/{dataset}/draw_polygons_{split}.tsv"
    wildcard_constraints:
        dataset=of("polygons"),
    conda:
        "../../envs/gsn.yaml"
    threads: 2
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        settings=image_settings("n", "N", "channels", "seed", "polygon"),
    script:
        "../scripts/draw_polygons.py"


rule read_mnist:
    input:
        files=mnist_files,
        code=code("images/mnist", "images/writing", "images/pixels"),
    output:
        "results/{dataset}/images/{split}.zarr/zarr.json",
        names="results/{dataset}/images/{split}.csv",
    log:
        "logs/{dataset}/read_mnist_{split}.log",
    benchmark:
        "logs/{dataset}/read_mnist_{split}.tsv"
    wildcard_constraints:
        dataset=of("mnist"),
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        mem_mb=1500,
        runtime=240,
    params:
        settings=image_settings("n", "N", "channels"),
        stored=image_settings("n", "N", "channels", "on_error"),
    script:
        "../scripts/read_mnist.py"


rule read_celeba:
    input:
        unpack(celeba_files),
        code=code("images/celeba", "images/writing", "images/pixels", "images/splits"),
    output:
        "results/{dataset}/images/{split}.zarr/zarr.json",
        names="results/{dataset}/images/{split}.csv",
    log:
        "logs/{dataset}/read_celeba_{split}.log",
    benchmark:
        "logs/{dataset}/read_celeba_{split}.tsv"
    wildcard_constraints:
        dataset=of("celeba"),
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        mem_mb=1500,
        runtime=240,
    params:
        settings=image_settings("train", "test", "N", "channels", "crop"),
        md5=lambda wildcards: counted(wildcards.dataset).get("md5"),
        stored=image_settings("n", "N", "channels", "on_error"),
    script:
        "../scripts/read_celeba.py"


rule read_lsun:
    input:
        lsun_files,
        code=code("images/lsun", "images/writing", "images/pixels", "images/splits"),
    output:
        "results/{dataset}/images/{split}.zarr/zarr.json",
        names="results/{dataset}/images/{split}.csv",
    log:
        "logs/{dataset}/read_lsun_{split}.log",
    benchmark:
        "logs/{dataset}/read_lsun_{split}.tsv"
    wildcard_constraints:
        dataset=of("lsun"),
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        mem_mb=1500,
        runtime=240,
    params:
        settings=image_settings("train", "test", "N", "channels", "crop"),
        drawn=image_settings("splits", "seed"),
        stored=image_settings("n", "N", "channels", "on_error"),
        raw=lambda wildcards: DATASETS[wildcards.dataset].get("raw"),
    script:
        "../scripts/read_lsun.py"


rule read_folder:
    input:
        code=code("images/folder", "images/writing", "images/pixels", "images/splits"),
    output:
        "results/{dataset}/images/{split}.zarr/zarr.json",
        names="results/{dataset}/images/{split}.csv",
    log:
        "logs/{dataset}/read_folder_{split}.log",
    benchmark:
        "logs/{dataset}/read_folder_{split}.tsv"
    wildcard_constraints:
        dataset=of("folder"),
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        mem_mb=1500,
        runtime=240,
    params:
        settings=image_settings("train", "test", "N", "channels", "crop", "seed"),
        path=lambda wildcards: counted(wildcards.dataset)["path"],
        stored=image_settings("n", "N", "channels", "on_error"),
        contents=folder_digest,
    script:
        "../scripts/read_folder.py"


rule read_hdf5:
    input:
        file=lambda wildcards: counted(wildcards.dataset)["path"],
        code=code("images/hdf5", "images/writing", "images/pixels", "images/splits"),
    output:
        "results/{dataset}/images/{split}.zarr/zarr.json",
        names="results/{dataset}/images/{split}.csv",
    log:
        "logs/{dataset}/read_hdf5_{split}.log",
    benchmark:
        "logs/{dataset}/read_hdf5_{split}.tsv"
    wildcard_constraints:
        dataset=of("hdf5"),
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        mem_mb=1500,
        runtime=240,
    params:
        settings=image_settings("key", "labels", "train", "test", "N", "channels", "crop", "seed"),
        stored=image_settings("n", "N", "channels", "on_error"),
    script:
        "../scripts/read_hdf5.py"


# To see what the crop does to one's images, before anything is computed from them.
rule draw_images:
    input:
        images="results/{dataset}/images/{split}.zarr/zarr.json",
        code=code("figures", script="draw_images"),
    output:
        "results/{dataset}/images/{split}.png",
    log:
        "logs/{dataset}/draw_images_{split}.log",
    benchmark:
        "logs/{dataset}/draw_images_{split}.tsv"
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    script:
        "../scripts/draw_images.py"
