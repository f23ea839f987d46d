# Super-resolution: large images from small ones by their scattering coefficients, beside other methods.
include: "../functions/superresolution.smk"


rule fit_superresolution:
    """Fit the linear estimates of super-resolution by a factor, and train the network beside them."""
    input:
        lambda wildcards: photograph_files("train"),
    output:
        model=f"{SUPERRESOLVED}/model.pt",
        deep=f"{SUPERRESOLVED}/network.pt",
    log:
        "<logs>/superresolution/fit_x{factor}_N{N}_J{J}_L{L}.log",
    benchmark:
        "<logs>/superresolution/fit_x{factor}_N{N}_J{J}_L{L}.tsv"
    wildcard_constraints:
        factor=r"[2-9]|[1-9]\d+",
        N=r"[1-9]\d*",
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(4000),
        runtime=grows(120),
    params:
        code=code("superresolution/fit_superresolution"),
        settings=superresolved,
    script:
        "../scripts/superresolution/fit_superresolution.py"


rule superresolve:
    """Upscale the test images by all methods, and measure them."""
    input:
        lambda wildcards: photograph_files("train", "test"),
        model=f"{SUPERRESOLVED}/model.pt",
        deep=f"{SUPERRESOLVED}/network.pt",
    output:
        table=f"{SUPERRESOLVED}/measures.csv",
        blends=f"{SUPERRESOLVED}/blends.csv",
        posterior=f"{SUPERRESOLVED}/posterior.csv",
        images=f"{SUPERRESOLVED}/images.zarr/zarr.json",
        rows=report(f"{SUPERRESOLVED}/images.png", **drawn_superresolution("images")),
        spread=report(f"{SUPERRESOLVED}/solutions.png", **drawn_superresolution("solutions")),
        photograph=report(f"{SUPERRESOLVED}/photograph.png", **drawn_superresolution("photograph")),
    log:
        "<logs>/superresolution/x{factor}_N{N}_J{J}_L{L}.log",
    benchmark:
        "<logs>/superresolution/x{factor}_N{N}_J{J}_L{L}.tsv"
    wildcard_constraints:
        factor=r"[2-9]|[1-9]\d+",
        N=r"[1-9]\d*",
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(4000),
        runtime=grows(120),
    params:
        code=code("superresolution/superresolve"),
        settings=superresolved,
    script:
        "../scripts/superresolution/superresolve.py"


rule superresolution:
    """Tabulate super-resolution by all factors: PSNR, high frequencies, scattering errors, blends."""
    input:
        measures=all_superresolved("measures.csv"),
        blends=all_superresolved("blends.csv"),
        posterior=all_superresolved("posterior.csv"),
    output:
        table="<results>/superresolution.csv",
        page="<results>/superresolution.md",
        blends=report("<results>/superresolution/blends.png", **drawn_superresolution("blends")),
    log:
        "<logs>/superresolution.log",
    benchmark:
        "<logs>/superresolution.tsv"
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(10),
    params:
        code=code("superresolution/superresolution"),
    script:
        "../scripts/superresolution/superresolution.py"
