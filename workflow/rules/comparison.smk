# Comparison: other embeddings with the same decoder, one number of steps, one d and one seed.
include: "../functions/comparison.smk"


rule fit_method:
    """Fit a method of the comparison, from its last state: an embedding and a decoder of it."""
    input:
        unpack(method_inputs),
        images=IMAGES,
    output:
        z="<experiment>/comparison/{method}/z.zarr/zarr.json",
        decoder="<experiment>/comparison/{method}/decoder.pt",
        fit="<experiment>/comparison/{method}/fit.csv",
    log:
        "<logs>/{dataset}/fit_method_{method}_J{J}_L{L}_d{d}{variant}.log",
    benchmark:
        "<logs>/{dataset}/fit_method_{method}_J{J}_L{L}_d{d}{variant}.tsv"
    wildcard_constraints:
        method="|".join(COMPARED),
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(
            lambda wildcards: 4000
            + 4 * chosen(wildcards)["train"] * chosen(wildcards)["N"] ** 2 // 10**6
        ),
        runtime=2880,
    params:
        code=lambda wildcards: code(
            "comparison/fit_method", modules=(f"systems/comparison/{kind_of_method(wildcards)}",)
        ),
        kind=kind_of_method,
        settings=method_settings,
        d=setting("d"),
        seed=setting("seed"),
    script:
        "../scripts/comparison/fit_method.py"


rule measure_space:
    """Measure the real images in the space in which the draws of all methods are judged."""
    input:
        images=IMAGES,
    output:
        space="<experiment>/comparison/space.zarr/zarr.json",
        real="<experiment>/comparison/real.csv",
    log:
        "<logs>/{dataset}/measure_space_J{J}_L{L}_d{d}{variant}.log",
    benchmark:
        "<logs>/{dataset}/measure_space_J{J}_L{L}_d{d}{variant}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(judging_memory),
        runtime=grows(60),
    params:
        code=code("comparison/measure_space"),
        J=setting("J"),
    script:
        "../scripts/comparison/measure_space.py"


rule measure_method:
    """Measure a method: PSNR of both splits with intervals, and the quality of its draws."""
    input:
        z="<experiment>/comparison/{method}/z.zarr/zarr.json",
        decoder="<experiment>/comparison/{method}/decoder.pt",
        space="<experiment>/comparison/space.zarr/zarr.json",
        images=IMAGES,
    output:
        measured="<experiment>/comparison/{method}/measured.csv",
        shown="<experiment>/comparison/{method}/shown.zarr/zarr.json",
    log:
        "<logs>/{dataset}/measure_method_{method}_J{J}_L{L}_d{d}{variant}.log",
    benchmark:
        "<logs>/{dataset}/measure_method_{method}_J{J}_L{L}_d{d}{variant}.tsv"
    wildcard_constraints:
        method="|".join(COMPARED),
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(judging_memory),
        runtime=grows(120),
    params:
        code=code("comparison/measure_method"),
        J=setting("J"),
        seed=setting("seed"),
        test_images=setting("comparison", "test_images"),
    script:
        "../scripts/comparison/measure_method.py"


rule draw_comparison:
    """Draw the methods of an experiment side by side: reconstructions, draws, measures."""
    input:
        measured=of_methods("measured.csv"),
        shown=of_methods("shown.zarr/zarr.json"),
        real="<experiment>/comparison/real.csv",
        images="<images>/test.zarr/zarr.json",
    output:
        reconstructions=report(
            "<experiment>/comparison/reconstructions.png", **pictured("reconstructions")
        ),
        samples=report("<experiment>/comparison/samples.png", **pictured("samples")),
        measures=report("<experiment>/comparison/measures.png", **pictured("measures")),
        table="<experiment>/comparison/comparison.csv",
    log:
        "<logs>/{dataset}/draw_comparison_J{J}_L{L}_d{d}{variant}.log",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(1500),
        runtime=grows(10),
    params:
        code=code("comparison/draw_comparison"),
        test_images=setting("comparison", "test_images"),
        methods=compared_methods,
    script:
        "../scripts/comparison/draw_comparison.py"


rule comparison:
    """Compare the embeddings of each data set of `table1`: reconstructions, draws, and what they cost."""
    input:
        tables=[
            path("<experiment>/comparison/comparison.csv", **own(name))
            for name in config["table1"]
        ],
        fits=[
            path("<experiment>/comparison/{method}/fit.csv", method=method, **own(name))
            for name in config["table1"]
            for method in compared_in_table(name)
        ],
    output:
        table=report(
            "<results>/comparison.csv",
            caption="../report/comparison.rst",
            category="Comparison",
            subcategory="All data sets",
            labels={"shown": "table"},
        ),
        page="<results>/comparison.md",
    log:
        "<logs>/comparison.log",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(5),
    params:
        code=code("comparison/comparison"),
        methods={name: compared_in_table(name) for name in config["table1"]},
        sizes={name: size_in_words(name) for name in config["table1"]},
    script:
        "../scripts/comparison/comparison.py"
