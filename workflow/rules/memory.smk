# Associative memory (Angles & Mallat 2018, section 2.1): corrupted training images recall themselves.


rule measure_memory:
    """Measure how often corrupted training images recall themselves: by z, S, its components, and pixels."""
    input:
        images="<images>/train.zarr/zarr.json",
        store="<transform>/scattering/train.zarr/zarr.json",
        shards=shards("train"),
        pca="<transform>/pca.zarr/zarr.json",
        z="<embedding>/z/train.zarr/zarr.json",
        generator="<experiment>/generator.pt",
    output:
        "<experiment>/memory.csv",
        **reported("memory", "memory_examples"),
    log:
        "<logs>/{dataset}/measure_memory_J{J}_L{L}_d{d}{variant}.log",
    benchmark:
        "<logs>/{dataset}/measure_memory_J{J}_L{L}_d{d}{variant}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        # The queries of a corruption, and blocks of both sides in float64.
        mem_mb=grows(
            megabytes(rows=lambda own: 10 * own["memory"]["queries"] + 4 * 2 * 512, bases=1)
        ),
        runtime=grows(240),
    params:
        code=code("memory/measure_memory"),
        d=setting("d"),
        settings=setting("memory"),
        seed=setting("seed"),
    script:
        "../scripts/memory/measure_memory.py"


rule memory:
    """The associative memory of each data set of `table1`: hit rates, and pictures."""
    input:
        [path("<experiment>/memory.csv", **own(name)) for name in config["table1"]],
