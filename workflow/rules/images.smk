rule draw_polygons:
    input:
        code=code("images/polygons"),
    output:
        "results/{dataset}/images/{split}.zarr/zarr.json",
    params:
        n=n_images,
        N=setting("N"),
        seed=setting("seed"),
    wildcard_constraints:
        dataset="|".join(name for name, chosen in DATASETS.items() if chosen["source"] == "polygons"),
    log:
        "logs/{dataset}/draw_polygons_{split}.log",
    benchmark:
        "logs/{dataset}/draw_polygons_{split}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        mem_mb=1000,
        runtime=30,
    script:
        "../scripts/draw_polygons.py"
