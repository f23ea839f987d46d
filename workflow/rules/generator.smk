GENERATOR = [f"generator/{module}" for module in ("__init__", "convolutions", "normalisation")]
TRAINING = [f"training/{module}" for module in ("__init__", "batches", "checkpoints")]


rule train_generator:
    input:
        z=expand("results/{{dataset}}/J{{J}}_L{{L}}/d{{d}}/z/{split}.zarr/zarr.json", split=["train", "test"]),
        images=expand("results/{{dataset}}/images/{split}.zarr/zarr.json", split=["train", "test"]),
        code=code(*GENERATOR, *TRAINING, script="train"),
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
        gpu=lambda wildcards: GPU * settings(wildcards)["training"]["gpus"],
        wanted=lambda wildcards: GPU * settings(wildcards)["training"]["gpus"],  # what `gpu` would be without a limit
        mem_mb=lambda wildcards: settings(wildcards)["training"]["gpus"]
        * (4000 + 4 * settings(wildcards)["train"] * settings(wildcards)["N"] ** 2 // 10**6),
        runtime=2880,
    params:
        generator=setting("generator"),
        training=lambda wildcards: {
            key: value for key, value in settings(wildcards)["training"].items() if key != "gpus"
        },
        seed=setting("seed"),
    script:
        "../scripts/train_generator.py"
