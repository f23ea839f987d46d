# Sweeps: a table and a figure of what changes with any settings, from experiments by their paths.
include: "../functions/sweeps.smk"


rule tabulate_sweep:
    """Tabulate and draw a sweep of the configuration: a row for each combination of settings."""
    input:
        unpack(tables_of_sweep),
    output:
        table="<results>/sweeps/{sweep_name}.csv",
        picture=report(
            "<results>/sweeps/{sweep_name}.png",
            caption="../report/sweep.rst",
            category="Sweeps",
            labels={"sweep": "{sweep_name}"},
        ),
    log:
        "<logs>/sweeps/{sweep_name}.log",
    benchmark:
        "<logs>/sweeps/{sweep_name}.tsv"
    wildcard_constraints:
        sweep_name="[A-Za-z0-9_-]+",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(1000),
        runtime=grows(5),
    params:
        code=code("sweeps/tabulate_sweep"),
        points=points_of_sweep,
    script:
        "../scripts/sweeps/tabulate_sweep.py"


rule sweeps:
    """All sweeps of the configuration."""
    input:
        [path("<results>/sweeps/{sweep_name}.png", sweep_name=name) for name in SWEEPS],


rule table1_seeds:
    """Table 1 over three seeds, with mean and deviation: all is made again, and images that are drawn are others."""
    input:
        generator=[path("<experiment>/psnr.csv", **own(name)) for name in seeded()],
        ridge=[path("<embedding>/ridge_psnr.csv", **own(name)) for name in seeded()],
        pixel_pca=[path("<pixel_pca>/d{d}/psnr.csv", **own(name)) for name in seeded()],
    output:
        report(
            "<results>/table1_seeds.csv",
            caption="../report/table1_seeds.rst",
            category="Table 1",
            labels={"table": "PSNR over seeds"},
        ),
    log:
        "<logs>/table1_seeds.log",
    benchmark:
        "<logs>/table1_seeds.tsv"
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(500),
        runtime=grows(5),
    params:
        code=code("sweeps/table1_seeds"),
        places=seeded(),
    script:
        "../scripts/sweeps/table1_seeds.py"
