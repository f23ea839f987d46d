# Synthesis: models of stationary processes from one example, their measures and their pictures.
include: "../functions/synthesis.smk"


rule draw_example:
    """Draw an example of a process and further realisations, or read the user's file."""
    input:
        process_files,
    output:
        "<results>/synthesis/{example}/example.zarr/zarr.json",
    log:
        "<logs>/synthesis/{example}/draw_example.log",
    benchmark:
        "<logs>/synthesis/{example}/draw_example.tsv"
    wildcard_constraints:
        example="[A-Za-z0-9_-]+",
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        mem_mb=grows(2000),
        runtime=grows(60),
    params:
        code=lambda wildcards: code("synthesis/draw_example", modules=process_module(wildcards)),
        drawn=of_synthesis("process", "settings", "N", "examples", "real", "seed"),
    script:
        "../scripts/synthesis/draw_example.py"


rule measure_example:
    """Measure an example beside the further realisations, as the models are measured: their floor."""
    input:
        "<results>/synthesis/{example}/example.zarr/zarr.json",
    output:
        "<results>/synthesis/{example}/measured.csv",
    log:
        "<logs>/synthesis/{example}/measure_example.log",
    benchmark:
        "<logs>/synthesis/{example}/measure_example.tsv"
    wildcard_constraints:
        example="[A-Za-z0-9_-]+",
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        mem_mb=grows(synthesis_memory),
        runtime=grows(60),
    params:
        code=code("synthesis/measure_example"),
        process=of_synthesis("process", "settings"),
    script:
        "../scripts/synthesis/measure_example.py"


rule synthesize_model:
    """Fit a model to an example and draw from it by descent, from its last state if there is one."""
    input:
        "<results>/synthesis/{example}/example.zarr/zarr.json",
    output:
        fields="<results>/synthesis/{example}/{model}/fields.zarr/zarr.json",
        losses="<results>/synthesis/{example}/{model}/losses.csv",
        statistic="<results>/synthesis/{example}/{model}/statistic.pt",
    log:
        "<logs>/synthesis/{example}/synthesize_model_{model}.log",
    benchmark:
        "<logs>/synthesis/{example}/synthesize_model_{model}.tsv"
    wildcard_constraints:
        example="[A-Za-z0-9_-]+",
        model="[A-Za-z0-9_-]+",
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(synthesis_memory),
        runtime=1440,
    params:
        code=lambda wildcards: code(
            "synthesis/synthesize_model", modules=statistics_module(wildcards)
        ),
        model=model_of,
        descent=of_synthesis(*DESCENT),
    script:
        "../scripts/synthesis/synthesize_model.py"


rule measure_model:
    """Measure the syntheses of a model: spectrum, structure functions, marginal, concentration."""
    input:
        example="<results>/synthesis/{example}/example.zarr/zarr.json",
        fields="<results>/synthesis/{example}/{model}/fields.zarr/zarr.json",
        statistic="<results>/synthesis/{example}/{model}/statistic.pt",
    output:
        "<results>/synthesis/{example}/{model}/measured.csv",
    log:
        "<logs>/synthesis/{example}/measure_model_{model}.log",
    benchmark:
        "<logs>/synthesis/{example}/measure_model_{model}.tsv"
    wildcard_constraints:
        example="[A-Za-z0-9_-]+",
        model="[A-Za-z0-9_-]+",
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        mem_mb=grows(synthesis_memory),
        runtime=grows(60),
    params:
        code=lambda wildcards: code("synthesis/measure_model", modules=statistics_module(wildcards)),
        process=of_synthesis("process", "settings"),
        border=lambda wildcards: synthesis_of(wildcards)["border"],
    script:
        "../scripts/synthesis/measure_model.py"


rule draw_syntheses:
    """Draw an example beside the syntheses of its models, their spectra, increments and losses."""
    input:
        example="<results>/synthesis/{example}/example.zarr/zarr.json",
        fields=of_models("fields.zarr/zarr.json"),
        losses=of_models("losses.csv"),
    output:
        gallery=report("<results>/synthesis/{example}/gallery.png", **pictured_synthesis("gallery")),
        spectra=report("<results>/synthesis/{example}/spectra.png", **pictured_synthesis("spectra")),
        increments=report(
            "<results>/synthesis/{example}/increments.png", **pictured_synthesis("increments")
        ),
        structure=report(
            "<results>/synthesis/{example}/structure.png", **pictured_synthesis("structure")
        ),
        losses=report("<results>/synthesis/{example}/losses.png", **pictured_synthesis("losses")),
    log:
        "<logs>/synthesis/{example}/draw_syntheses.log",
    wildcard_constraints:
        example="[A-Za-z0-9_-]+",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(2000),
        runtime=grows(10),
    params:
        code=code("synthesis/draw_syntheses"),
        models=lambda wildcards: list(synthesis_of(wildcards)["models"]),
        tolerance=lambda wildcards: synthesis_of(wildcards)["tolerance"],
    script:
        "../scripts/synthesis/draw_syntheses.py"


rule draw_spins:
    """Draw clusters of equal spins and magnetisations, of an Ising example and of its models."""
    input:
        example="<results>/synthesis/{example}/example.zarr/zarr.json",
        fields=of_models("fields.zarr/zarr.json"),
    output:
        clusters=report(
            "<results>/synthesis/{example}/clusters.png", **pictured_synthesis("clusters")
        ),
        magnetisation=report(
            "<results>/synthesis/{example}/magnetisation.png",
            **pictured_synthesis("magnetisation"),
        ),
    log:
        "<logs>/synthesis/{example}/draw_spins.log",
    wildcard_constraints:
        example="[A-Za-z0-9_-]+",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(2000),
        runtime=grows(10),
    params:
        code=code("synthesis/draw_spins"),
        models=lambda wildcards: list(synthesis_of(wildcards)["models"]),
    script:
        "../scripts/synthesis/draw_spins.py"


rule synthesis:
    """Models of each process of the configuration from one example: syntheses, measures, pictures."""
    input:
        examples=[path(f"{EXAMPLE}/measured.csv", example=name) for name in SYNTHESES],
        models=of_syntheses(f"{MODEL}/measured.csv"),
        pictures=[file for name in SYNTHESES for file in drawn_of(name)],
    output:
        table=report(
            "<results>/synthesis.csv",
            caption="../report/synthesis.rst",
            category="Synthesis",
            subcategory="All processes",
            labels={"shown": "table"},
        ),
        page="<results>/synthesis.md",
    log:
        "<logs>/synthesis.log",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(500),
        runtime=grows(5),
    params:
        code=code("synthesis/synthesis"),
        examples={name: list(own["models"]) for name, own in SYNTHESES.items()},
    script:
        "../scripts/synthesis/synthesis.py"
