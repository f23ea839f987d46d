rule draw_polygons:
    input:
        code=code("images/polygons"),
    output:
        "results/{dataset}/images/{split}.zarr/zarr.json",
    log:
        "logs/{dataset}/draw_polygons_{split}.log",
    benchmark:
        "logs/{dataset}/draw_polygons_{split}.tsv"
    wildcard_constraints:
        dataset="|".join(name for name, chosen in DATASETS.items() if chosen["source"] == "polygons"),
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        n=n_images,
        N=setting("N"),
        seed=setting("seed"),
    script:
        "../scripts/draw_polygons.py"
