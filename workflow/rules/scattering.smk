SCATTERING = [f"scattering/{module}" for module in ("__init__", "filters", "compiled")]


rule create_scattering_store:
    input:
        images="results/{dataset}/images/{split}.zarr/zarr.json",
        code=code(*SCATTERING),
    output:
        "results/{dataset}/J{J}_L{L}/scattering/{split}.zarr/zarr.json",
    log:
        "logs/{dataset}/create_scattering_store_J{J}_L{L}_{split}.log",
    benchmark:
        "logs/{dataset}/create_scattering_store_J{J}_L{L}_{split}.tsv"
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        scattering=setting("scattering"),
    script:
        "../scripts/create_scattering_store.py"


# One shard is one job and one file: a lost or failed one is made again alone.
rule scatter_images:
    input:
        images="results/{dataset}/images/{split}.zarr/zarr.json",
        store="results/{dataset}/J{J}_L{L}/scattering/{split}.zarr/zarr.json",
        code=code(*SCATTERING),
    output:
        "results/{dataset}/J{J}_L{L}/scattering/{split}.zarr/S/c/{i}/0/0/0",
    log:
        "logs/{dataset}/scatter_images_J{J}_L{L}_{split}_{i}.log",
    benchmark:
        "logs/{dataset}/scatter_images_J{J}_L{L}_{split}_{i}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=4000,
        runtime=60,
    script:
        "../scripts/scatter_images.py"
