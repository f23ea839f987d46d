# Generation (Angles & Mallat 2018): the generator, its measurements, Table 1 and the figures.
include: "../functions/generation.smk"


rule train_generator:
    """Train G to invert the embedding, from its last state if there is one."""
    input:
        z=Z,
        images=IMAGES,
    output:
        generator="<experiment>/generator.pt",
        history="<experiment>/training.csv",
        machine="<experiment>/machine.txt",
    log:
        "<logs>/{dataset}/train_generator_J{J}_L{L}_d{d}{variant}.log",
    benchmark:
        "<logs>/{dataset}/train_generator_J{J}_L{L}_d{d}{variant}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=lambda wildcards: GPU(wildcards) * chosen(wildcards)["training"]["gpus"],
        # `gpu` without a limit
        wanted=lambda wildcards: GPU(wildcards) * chosen(wildcards)["training"]["gpus"],
        mem_mb=grows(
            lambda wildcards: chosen(wildcards)["training"]["gpus"]
            * (4000 + 4 * chosen(wildcards)["train"] * chosen(wildcards)["N"] ** 2 // 10**6)
        ),
        runtime=2880,
    params:
        code=code("generation/train_generator", "generation/train"),
        generator=setting("generator"),
        training=lambda wildcards: {
            key: value for key, value in chosen(wildcards)["training"].items() if key != "gpus"
        },
        seed=setting("seed"),
    script:
        "../scripts/generation/train_generator.py"


rule evaluate_generator:
    """Measure the PSNR of G(Phi(x)) on both splits, and compare it with the linear baselines."""
    input:
        generator="<experiment>/generator.pt",
        z=Z,
        images=IMAGES,
        ridge="<embedding>/ridge_psnr.csv",
        pixel_pca="<pixel_pca>/d{d}/psnr.csv",
    output:
        "<experiment>/psnr.csv",
    log:
        "<logs>/{dataset}/evaluate_generator_J{J}_L{L}_d{d}{variant}.log",
    benchmark:
        "<logs>/{dataset}/evaluate_generator_J{J}_L{L}_d{d}{variant}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(4000),
        runtime=grows(30),
    params:
        code=code("generation/evaluate_generator"),
    script:
        "../scripts/generation/evaluate_generator.py"


rule measure_sparsity:
    """Measure the share of the activations of G that are zero, layer by layer."""
    input:
        generator="<experiment>/generator.pt",
        z=Z,
    output:
        "<experiment>/sparsity.csv",
    log:
        "<logs>/{dataset}/measure_sparsity_J{J}_L{L}_d{d}{variant}.log",
    benchmark:
        "<logs>/{dataset}/measure_sparsity_J{J}_L{L}_d{d}{variant}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(4000),
        runtime=grows(30),
    params:
        code=code("generation/measure_sparsity"),
    script:
        "../scripts/generation/measure_sparsity.py"


rule measure_embedding:
    """Measure what the paper claims of the embedding, on a sample of the training images."""
    input:
        images="<images>/train.zarr/zarr.json",
        store="<transform>/scattering/train.zarr/zarr.json",
        shards=shards("train"),
        pca="<transform>/pca.zarr/zarr.json",
        z=Z,
    output:
        "<embedding>/embedding.csv",
        **reported(
            "embedding_spectrum", "embedding_distances", "embedding_continuity", at="<embedding>"
        ),
    log:
        "<logs>/{dataset}/measure_embedding_J{J}_L{L}_d{d}.log",
    benchmark:
        "<logs>/{dataset}/measure_embedding_J{J}_L{L}_d{d}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        mem_mb=grows(megabytes(rows=lambda own: 4 * 512, bases=1)),  # the sample, as stored and as float32
        runtime=grows(30),
    params:
        code=code("generation/measure_embedding"),
        d=setting("d"),
        seed=setting("seed"),
    script:
        "../scripts/generation/measure_embedding.py"


rule draw_figures:
    """Draw figures 2 to 5 of the paper and the course of the training."""
    input:
        generator="<experiment>/generator.pt",
        history="<experiment>/training.csv",
        z=Z,
        images=IMAGES,
    output:
        **reported(*FIGURES),
        morphs="<experiment>/figures/figure5_interpolation.webp",
        film=report("<experiment>/figures/figure5_interpolation.html", **said("film")),
    log:
        "<logs>/{dataset}/draw_figures_J{J}_L{L}_d{d}{variant}.log",
    benchmark:
        "<logs>/{dataset}/draw_figures_J{J}_L{L}_d{d}{variant}.tsv"
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(2000),
        runtime=grows(10),
    params:
        code=code("generation/draw_figures"),
        seed=setting("seed"),
    script:
        "../scripts/generation/draw_figures.py"


rule bundle_embedding:
    """Bundle images, z, labels and names of both splits in one HDF5 file, for other tools."""
    input:
        images=IMAGES,
        z=Z,
        names=NAMES,
    output:
        "<embedding>/bundle.h5",
    log:
        "<logs>/{dataset}/bundle_embedding_J{J}_L{L}_d{d}.log",
    benchmark:
        "<logs>/{dataset}/bundle_embedding_J{J}_L{L}_d{d}.tsv"
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(60),
    params:
        code=code("generation/bundle_embedding"),
    script:
        "../scripts/generation/bundle_embedding.py"


rule describe_experiment:
    """Write a page about an experiment: machine, times, PSNR beside the paper's, figures."""
    input:
        psnr="<experiment>/psnr.csv",
        ridge="<embedding>/ridge_psnr.csv",
        pixel_pca="<pixel_pca>/d{d}/psnr.csv",
        history="<experiment>/training.csv",
        machine="<experiment>/machine.txt",
        sparsity="<experiment>/sparsity.csv",
        figures=list(reported(*FIGURES).values()),
        morphs="<experiment>/figures/figure5_interpolation.webp",
    output:
        "<experiment>/README.md",
    log:
        "<logs>/{dataset}/describe_experiment_J{J}_L{L}_d{d}{variant}.log",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(5),
    params:
        code=code("generation/describe_experiment"),
        settings=described,
        benchmarks=benchmarks,
    script:
        "../scripts/generation/describe_experiment.py"


rule table1:
    """Table 1 of Angles & Mallat: PSNR of each data set of `table1`, and of the linear baselines."""
    input:
        generator=[path("<experiment>/psnr.csv", **own(name)) for name in config["table1"]],
        ridge=[path("<embedding>/ridge_psnr.csv", **own(name)) for name in config["table1"]],
        pixel_pca=[path("<pixel_pca>/d{d}/psnr.csv", **own(name)) for name in config["table1"]],
        history=[path("<experiment>/training.csv", **own(name)) for name in config["table1"]],
        machine=[path("<experiment>/machine.txt", **own(name)) for name in config["table1"]],
    output:
        table=report(
            "<results>/table1.csv",
            caption="../report/table1.rst",
            category="Table 1",
            labels={"shown": "all numbers (csv)"},
        ),
        page="<results>/table1.md",
        html=report(
            "<results>/table1.html",
            caption="../report/table1.rst",
            category="Table 1",
            labels={"shown": "PSNR and SSIM"},
        ),
    log:
        "<logs>/table1.log",
    benchmark:
        "<logs>/table1.tsv"
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(500),
        runtime=grows(5),
    params:
        code=code("generation/table1"),
        datasets={name: in_table(name) for name in config["table1"]},
    script:
        "../scripts/generation/table1.py"


rule figures:
    """Figures 2 to 5 and the course of the training, of each data set of `table1`."""
    input:
        [file for name in config["table1"] for file in figures_of(name)],
