# The linear baselines of every system that decodes z: from pixels, and from z itself.


rule evaluate_pixel_pca:
    """Measure the PSNR of the linear baseline: pixels projected on d principal components."""
    input:
        pca="<pixel_pca>/pca.zarr/zarr.json",
        images=IMAGES,
    output:
        "<pixel_pca>/d{d}/psnr.csv",
    log:
        "<logs>/{dataset}/evaluate_pixel_pca_d{d}.log",
    benchmark:
        "<logs>/{dataset}/evaluate_pixel_pca_d{d}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        mem_mb=grows(4000),
        runtime=grows(30),
    params:
        code=code("generation/evaluate_pixel_pca"),
        d=setting("d"),
    script:
        "../scripts/generation/evaluate_pixel_pca.py"


rule evaluate_ridge:
    """Measure the PSNR of the linear decoder: a ridge regression from z to pixels."""
    input:
        z=Z,
        images=IMAGES,
    output:
        "<embedding>/ridge_psnr.csv",
    log:
        "<logs>/{dataset}/evaluate_ridge_J{J}_L{L}_d{d}.log",
    benchmark:
        "<logs>/{dataset}/evaluate_ridge_J{J}_L{L}_d{d}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        mem_mb=grows(4000),
        runtime=grows(60),
    params:
        code=code("generation/evaluate_ridge"),
    script:
        "../scripts/generation/evaluate_ridge.py"
