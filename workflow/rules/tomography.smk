# Tomography: images from sinograms of few angles or a limited view, beside other methods.
include: "../functions/tomography.smk"


rule download_head_ct:
    """Fetch the CT of a head from Debian, 19 MB, and verify it."""
    output:
        update("data/head-ct/invesalius-examples_3.1.99998-4_all.deb"),
    log:
        "<logs>/download_head_ct.log",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(500),
        runtime=grows(60),
    script:
        "../scripts/tomography/download_head_ct.py"


rule reconstruct_tomograms:
    """Fit tomography to a family of images and a geometry, and compare all methods on test images."""
    input:
        head_ct,
    output:
        model=f"{TOMOGRAMS}/model.pt",
        table=f"{TOMOGRAMS}/measures.csv",
        spread=f"{TOMOGRAMS}/spread.csv",
        images=f"{TOMOGRAMS}/images.zarr/zarr.json",
        rows=report(f"{TOMOGRAMS}/images.png", **drawn_tomography("images")),
        map=report(f"{TOMOGRAMS}/spread.png", **drawn_tomography("spread")),
    log:
        "<logs>/tomography/{family}_{geometry}_N{N}_J{J}_L{L}.log",
    benchmark:
        "<logs>/tomography/{family}_{geometry}_N{N}_J{J}_L{L}.tsv"
    wildcard_constraints:
        family="ellipses|textured|ct",
        N=r"[1-9]\d*",
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(6000),
        runtime=grows(120),
    params:
        code=code("tomography/reconstruct_tomograms"),
        settings=tomography_of,
    script:
        "../scripts/tomography/reconstruct_tomograms.py"


rule tomography:
    """Tabulate tomography from few angles and a limited view, with a scattering prior and without."""
    input:
        measures=all_tomograms("measures.csv"),
        spread=all_tomograms("spread.csv"),
    output:
        table="<results>/tomography.csv",
        page="<results>/tomography.md",
    log:
        "<logs>/tomography.log",
    benchmark:
        "<logs>/tomography.tsv"
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(10),
    params:
        code=code("tomography/tomography"),
    script:
        "../scripts/tomography/tomography.py"
