# The way out, for those who work in other tools: images, z and labels of both splits in one HDF5 file.
rule bundle_embedding:
    input:
        images=expand("results/{{dataset}}/images/{split}.zarr/zarr.json", split=["train", "test"]),
        z=expand("results/{{dataset}}/J{{J}}_L{{L}}/d{{d}}/z/{split}.zarr/zarr.json", split=["train", "test"]),
        names=names_of_images,
        code=code(script="bundle_embedding"),
    output:
        "results/{dataset}/J{J}_L{L}/d{d}/bundle.h5",
    log:
        "logs/{dataset}/bundle_embedding_J{J}_L{L}_d{d}.log",
    benchmark:
        "logs/{dataset}/bundle_embedding_J{J}_L{L}_d{d}.tsv"
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=1000,
        runtime=60,
    script:
        "../scripts/bundle_embedding.py"
