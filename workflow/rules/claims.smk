# More measures of generation: what the text of the paper claims of Phi and G.


rule measure_detail:
    """Measure which octaves of frequency G recovers, on train and test."""
    input:
        generator="<experiment>/generator.pt",
        z=Z,
        images=IMAGES,
    output:
        "<experiment>/detail.csv",
        **reported("detail"),
    log:
        "<logs>/{dataset}/measure_detail_J{J}_L{L}_d{d}{variant}.log",
    benchmark:
        "<logs>/{dataset}/measure_detail_J{J}_L{L}_d{d}{variant}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(4000),
        runtime=grows(30),
    params:
        code=code("generation/measure_detail"),
    script:
        "../scripts/generation/measure_detail.py"


rule measure_components:
    """Measure what the components of z hold: images decoded from the first of them."""
    input:
        generator="<experiment>/generator.pt",
        z=Z,
        images=IMAGES,
    output:
        "<experiment>/components.csv",
        **reported("components", "components_kept"),
    log:
        "<logs>/{dataset}/measure_components_J{J}_L{L}_d{d}{variant}.log",
    benchmark:
        "<logs>/{dataset}/measure_components_J{J}_L{L}_d{d}{variant}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(4000),
        runtime=grows(60),
    params:
        code=code("generation/measure_components"),
    script:
        "../scripts/generation/measure_components.py"


rule describe_embedding:
    """Write the paper's claims of Phi and G beside what was measured: distances, continuity, sparsity."""
    input:
        embedding="<embedding>/embedding.csv",
        sparsity="<experiment>/sparsity.csv",
    output:
        "<experiment>/embedding.md",
    log:
        "<logs>/{dataset}/describe_embedding_J{J}_L{L}_d{d}{variant}.log",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(5),
    params:
        code=code("generation/describe_embedding"),
    script:
        "../scripts/generation/describe_embedding.py"


rule claims:
    """What the text of the paper claims, measured for each data set of `table1`: detail, components, embedding."""
    input:
        [
            path(f"<experiment>/{file}", **own(name))
            for name in config["table1"]
            for file in ("detail.csv", "components.csv", "embedding.md")
        ],
