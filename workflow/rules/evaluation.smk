rule evaluate_generator:
    input:
        generator="results/{dataset}/J{J}_L{L}/d{d}/generator.pt",
        z=expand("results/{{dataset}}/J{{J}}_L{{L}}/d{{d}}/z/{split}.zarr/zarr.json", split=["train", "test"]),
        images=expand("results/{{dataset}}/images/{split}.zarr/zarr.json", split=["train", "test"]),
        code=code(*GENERATOR, "evaluation", script="evaluate_generator"),
    output:
        "results/{dataset}/J{J}_L{L}/d{d}/psnr.csv",
    log:
        "logs/{dataset}/evaluate_generator_J{J}_L{L}_d{d}.log",
    benchmark:
        "logs/{dataset}/evaluate_generator_J{J}_L{L}_d{d}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=4000,
        runtime=30,
    script:
        "../scripts/evaluate_generator.py"


rule measure_sparsity:
    input:
        generator="results/{dataset}/J{J}_L{L}/d{d}/generator.pt",
        z=expand("results/{{dataset}}/J{{J}}_L{{L}}/d{{d}}/z/{split}.zarr/zarr.json", split=["train", "test"]),
        code=code(*GENERATOR, "evaluation", script="measure_sparsity"),
    output:
        "results/{dataset}/J{J}_L{L}/d{d}/sparsity.csv",
    log:
        "logs/{dataset}/measure_sparsity_J{J}_L{L}_d{d}.log",
    benchmark:
        "logs/{dataset}/measure_sparsity_J{J}_L{L}_d{d}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=4000,
        runtime=30,
    script:
        "../scripts/measure_sparsity.py"


rule evaluate_pixel_pca:
    input:
        pca="results/{dataset}/pixel_pca/pca.zarr/zarr.json",
        images=expand("results/{{dataset}}/images/{split}.zarr/zarr.json", split=["train", "test"]),
        code=code("whitening", "evaluation", script="evaluate_pixel_pca"),
    output:
        "results/{dataset}/pixel_pca/d{d}/psnr.csv",
    log:
        "logs/{dataset}/evaluate_pixel_pca_d{d}.log",
    benchmark:
        "logs/{dataset}/evaluate_pixel_pca_d{d}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        d=setting("d"),
    script:
        "../scripts/evaluate_pixel_pca.py"


SHOWN = ("N", "J", "L", "d", "paper")


rule tabulate:
    input:
        generator=[f"{experiment(name)}/psnr.csv" for name in config["table1"]],
        pixel_pca=[f"results/{name}/pixel_pca/d{DATASETS[name]['d']}/psnr.csv" for name in config["table1"]],
        code=code(script="tabulate"),
    output:
        report(
            "results/table1.csv",
            caption="../report/table1.rst",
            category="Table 1",
            labels={"table": "PSNR"},
        ),
    log:
        "logs/tabulate.log",
    benchmark:
        "logs/tabulate.tsv"
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=500,
        runtime=5,
    params:
        datasets={
            name: {"paper": {}} | {key: DATASETS[name][key] for key in SHOWN if key in DATASETS[name]}
            for name in config["table1"]
        },
    script:
        "../scripts/tabulate.py"
