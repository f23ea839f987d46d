GENERATOR = [f"generator/{module}" for module in ("__init__", "convolutions", "normalisation")]
TRAINING = [f"training/{module}" for module in ("__init__", "batches", "checkpoints")]


rule train_generator:
    input:
        z="results/{dataset}/J{J}_L{L}/d{d}/z/train.zarr/zarr.json",
        images="results/{dataset}/images/train.zarr/zarr.json",
        code=code(*GENERATOR, *TRAINING),
    output:
        generator="results/{dataset}/J{J}_L{L}/d{d}/generator.pt",
        history="results/{dataset}/J{J}_L{L}/d{d}/training.csv",
    log:
        "logs/{dataset}/train_generator_J{J}_L{L}_d{d}.log",
    benchmark:
        "logs/{dataset}/train_generator_J{J}_L{L}_d{d}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=lambda wildcards: 4000 + 4 * settings(wildcards)["train"] * settings(wildcards)["N"] ** 2 // 10**6,
        runtime=2880,
    params:
        generator=setting("generator"),
        training=setting("training"),
        seed=setting("seed"),
    script:
        "../scripts/train_generator.py"
