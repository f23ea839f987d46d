EMBEDDING_FIGURES = ["embedding_spectrum", "embedding_distances", "embedding_continuity"]


# What the paper claims of the embedding, measured on a sample of the training images.
rule measure_embedding:
    input:
        images="results/{dataset}/images/train.zarr/zarr.json",
        store="results/{dataset}/J{J}_L{L}/scattering/train.zarr/zarr.json",
        shards=shards("train"),
        pca="results/{dataset}/J{J}_L{L}/pca.zarr/zarr.json",
        z=expand("results/{{dataset}}/J{{J}}_L{{L}}/d{{d}}/z/{split}.zarr/zarr.json", split=["train", "test"]),
        code=code("embedding", "figures", *SCATTERING, script="measure_embedding"),
    output:
        "results/{dataset}/J{J}_L{L}/d{d}/embedding.csv",
        **{
            figure: report(
                f"results/{{dataset}}/J{{J}}_L{{L}}/d{{d}}/figures/{figure}.png",
                caption=f"../report/{figure}.rst",
                category="{dataset}",
                subcategory="J = {J}, L = {L}, d = {d}",
                labels={"figure": figure},
            )
            for figure in EMBEDDING_FIGURES
        },
    log:
        "logs/{dataset}/measure_embedding_J{J}_L{L}_d{d}.log",
    benchmark:
        "logs/{dataset}/measure_embedding_J{J}_L{L}_d{d}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        mem_mb=megabytes(rows=lambda chosen: 4 * 512, bases=1),  # the sample, as it is read and as numbers
        runtime=30,
    params:
        d=setting("d"),
        seed=setting("seed"),
    script:
        "../scripts/measure_embedding.py"
