# Laws of z (Ziomek & Farrahi 2022): fitted to an experiment, tested, and judged by their samples.
include: "../functions/latent_laws.smk"


rule fit_law:
    """Fit a law of z: gaussian, mixture, vae, gan, flow or flow_matching, perhaps with another seed."""
    input:
        z="<embedding>/z/train.zarr/zarr.json",
        pca="<transform>/pca.zarr/zarr.json",
    output:
        law="<embedding>/latent_laws/{law}{fit}.pt",
        fit="<embedding>/latent_laws/{law}{fit}.csv",
    log:
        "<logs>/{dataset}/fit_law_{law}{fit}_J{J}_L{L}_d{d}.log",
    benchmark:
        "<logs>/{dataset}/fit_law_{law}{fit}_J{J}_L{L}_d{d}.tsv"
    wildcard_constraints:
        law="|".join(LAW_NAMES),
        fit=r"|_fit[1-9]\d*",
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=lambda wildcards: GPU(wildcards) * (wildcards.law not in ("gaussian", "mixture")),
        mem_mb=grows(8000),
        runtime=grows(480),
    params:
        code=lambda wildcards: code("latent_laws/fit_law", modules=(f"samplers/{wildcards.law}",)),
        settings=law_settings,
        seed=fit_seed,
    script:
        "../scripts/latent_laws/fit_law.py"


rule measure_gaussianity:
    """Measure how far z is from N(0, I): each component, all together, and the dependence of components."""
    input:
        z=Z,
    output:
        quantiles=report("<embedding>/latent_laws/quantiles.png", **captioned("quantiles")),
        components="<embedding>/latent_laws/gaussianity.csv",
        joint="<embedding>/latent_laws/joint.csv",
    log:
        "<logs>/{dataset}/measure_gaussianity_J{J}_L{L}_d{d}.log",
    benchmark:
        "<logs>/{dataset}/measure_gaussianity_J{J}_L{L}_d{d}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        mem_mb=grows(4000),
        runtime=grows(30),
    params:
        code=code("latent_laws/measure_gaussianity"),
        seed=setting("seed"),
    script:
        "../scripts/latent_laws/measure_gaussianity.py"


rule compare_laws:
    """Judge the samples of every law against real images, between the floor and the ceiling."""
    input:
        laws=fitted_laws("pt", every=True),
        inception=inception_weights,
        generator="<experiment>/generator.pt",
        z=Z,
        images=IMAGES,
    output:
        samples=report("<experiment>/latent_laws/samples.png", **captioned("samples")),
        quality=report("<experiment>/latent_laws/quality.csv", **captioned("quality")),
    log:
        "<logs>/{dataset}/compare_laws_J{J}_L{L}_d{d}{variant}.log",
    benchmark:
        "<logs>/{dataset}/compare_laws_J{J}_L{L}_d{d}{variant}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(judging_memory),
        runtime=grows(120),
    params:
        code=code("latent_laws/compare_laws", modules=LAW_MODULES),
        J=setting("J"),
    script:
        "../scripts/latent_laws/compare_laws.py"


rule draw_matrix:
    """Draw G over the first two principal components of S (Figure 1 of the paper)."""
    input:
        generator="<experiment>/generator.pt",
        pca="<transform>/pca.zarr/zarr.json",
    output:
        matrix=report("<experiment>/latent_laws/matrix.png", **captioned("matrix")),
        matrix_deviations=report(
            "<experiment>/latent_laws/matrix_deviations.png", **captioned("matrix_deviations")
        ),
    log:
        "<logs>/{dataset}/draw_matrix_J{J}_L{L}_d{d}{variant}.log",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(2000),
        runtime=grows(10),
    params:
        code=code("latent_laws/draw_matrix"),
    script:
        "../scripts/latent_laws/draw_matrix.py"


rule sweep_laws:
    """Measure what the quality of samples depends on: `vae` or the number of `images`."""
    input:
        generator="<experiment>/generator.pt",
        z=Z,
        pca="<transform>/pca.zarr/zarr.json",
        images=IMAGES,
        laws=swept_laws("pt"),
        fits=swept_laws("csv"),
    output:
        table="<experiment>/latent_laws/sweep_{sweep}.csv",
        picture=report(
            "<experiment>/latent_laws/sweep_{sweep}.png", **captioned("sweep", "sweep: {sweep}")
        ),
    log:
        "<logs>/{dataset}/sweep_{sweep}_J{J}_L{L}_d{d}{variant}.log",
    benchmark:
        "<logs>/{dataset}/sweep_{sweep}_J{J}_L{L}_d{d}{variant}.tsv"
    wildcard_constraints:
        sweep="|".join(LAW_SWEEPS),
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(judging_memory),
        runtime=grows(720),
    params:
        code=code("latent_laws/sweep_laws", modules=LAW_MODULES),
        settings=swept_settings,
        J=setting("J"),
        seed=setting("seed"),
    script:
        "../scripts/latent_laws/sweep_laws.py"


rule describe_laws:
    """Write a page about the laws of z of an experiment: tests, quality, times, pictures."""
    input:
        fits=fitted_laws("csv"),
        gaussianity="<embedding>/latent_laws/gaussianity.csv",
        joint="<embedding>/latent_laws/joint.csv",
        quality="<experiment>/latent_laws/quality.csv",
        vae="<experiment>/latent_laws/sweep_vae.csv",
        images="<experiment>/latent_laws/sweep_images.csv",
        history="<experiment>/training.csv",
        machine="<experiment>/machine.txt",
        pictures=expand(
            "<experiment>/latent_laws/{name}.png",
            name=(
                "samples",
                "matrix",
                "matrix_deviations",
                "sweep_vae",
                "sweep_images",
            ),
            allow_missing=True,
        )
        + ["<embedding>/latent_laws/quantiles.png"],
    output:
        "<experiment>/latent_laws/README.md",
    log:
        "<logs>/{dataset}/describe_laws_J{J}_L{L}_d{d}{variant}.log",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(5),
    params:
        code=code("latent_laws/describe_laws"),
        experiment=sizes_in_words,
    script:
        "../scripts/latent_laws/describe_laws.py"


rule latent_laws:
    """Laws of z of each data set of `table1`: fitted, tested, compared, with a page."""
    input:
        [path("<experiment>/latent_laws/README.md", **own(name)) for name in config["table1"]],
