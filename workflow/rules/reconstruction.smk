# Reconstruction: x from S_J x by descent, for sparse shapes and photographs, and the recovery of Diracs.
include: "../functions/reconstruction.smk"


rule reconstruct_images:
    """Reconstruct shapes or photographs from S_J of one order, and measure the PSNR after alignment."""
    input:
        picture_files,
    output:
        table="<results>/reconstruction/{pictures}/J{J}_L{L}_m{order}/psnr.csv",
        images="<results>/reconstruction/{pictures}/J{J}_L{L}_m{order}/images.zarr/zarr.json",
    log:
        "<logs>/reconstruction/{pictures}_J{J}_L{L}_m{order}.log",
    benchmark:
        "<logs>/reconstruction/{pictures}_J{J}_L{L}_m{order}.tsv"
    wildcard_constraints:
        pictures="shapes|photographs",
        order="1|2",
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(4000),
        runtime=grows(120),
    params:
        code=code("reconstruction/reconstruct_images"),
        settings=reconstructed,
    script:
        "../scripts/reconstruction/reconstruct_images.py"


rule recover_diracs:
    """Count how often k Diracs are recovered exactly from S_J of one order."""
    output:
        "<results>/reconstruction/recovery/J{J}_L{L}_m{order}.csv",
    log:
        "<logs>/reconstruction/recovery_J{J}_L{L}_m{order}.log",
    benchmark:
        "<logs>/reconstruction/recovery_J{J}_L{L}_m{order}.tsv"
    wildcard_constraints:
        order="1|2",
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(4000),
        runtime=grows(120),
    params:
        code=code("reconstruction/recover_diracs"),
        settings=reconstructed,
    script:
        "../scripts/reconstruction/recover_diracs.py"


rule reconstruction:
    """Reconstruct images from S_J x alone: PSNR against J, order and coefficients; recovery of Diracs."""
    input:
        **{
            part: all_reconstructed(
                part, "<results>/reconstruction/{pictures}/J{J}_L{L}_m{order}/psnr.csv"
            )
            for part in ("shapes", "photographs")
        },
        recovered=all_reconstructed(
            "recovery", "<results>/reconstruction/recovery/J{J}_L{L}_m{order}.csv"
        ),
    output:
        table="<results>/reconstruction.csv",
        page="<results>/reconstruction.md",
        recovered="<results>/reconstruction/recovery.csv",
        psnr=report("<results>/reconstruction/psnr.png", **drawn_reconstruction("psnr")),
        recovery=report("<results>/reconstruction/recovery.png", **drawn_reconstruction("recovery")),
        shapes=report("<results>/reconstruction/shapes.png", **drawn_reconstruction("shapes")),
        photographs=report(
            "<results>/reconstruction/photographs.png", **drawn_reconstruction("photographs")
        ),
    log:
        "<logs>/reconstruction.log",
    benchmark:
        "<logs>/reconstruction.tsv"
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(1500),
        runtime=grows(10),
    params:
        code=code("reconstruction/reconstruction"),
        threshold=RECONSTRUCTION["recovery"]["psnr"],
    script:
        "../scripts/reconstruction/reconstruction.py"
