# Images: from the network, or from the files of the user, to one zarr store for each split.
from settings import data


def owned(name, *paths):
    """Files that the configuration says the user has."""
    for file in paths:
        if not Path(file).exists():
            sys.exit(
                f"{name}: {file} must exist, as the configuration says: found none; correct `raw`."
            )
    return list(map(str, paths))


def mnist_files(name, chosen, split):
    prefix = {"train": "train", "test": "t10k"}[split]
    names = {"images": f"{prefix}-images-idx3-ubyte.gz", "labels": f"{prefix}-labels-idx1-ubyte.gz"}
    files = {key: f"{chosen.get('raw', 'data/mnist')}/{file}" for key, file in names.items()}
    if "raw" in chosen:
        owned(name, *files.values())
    return files


def celeba_files(name, chosen, split):
    """The zip and, for the official splits, the partition, which lies beside it."""
    archive = Path(chosen.get("raw", "data/celeba/img_align_celeba.zip"))
    files = {"archive": str(archive)}
    if chosen["splits"] == "official":
        files["partition"] = str(archive.with_name("list_eval_partition.txt"))
    if "raw" in chosen:
        owned(name, *files.values())
    return files


def lsun_files(name, chosen, split):
    """One file of the folder of LSUN; none of a folder that the user has."""
    if "raw" in chosen:
        owned(name, chosen["raw"])
        return {}
    if chosen["release"] == "lmdb":
        return {"lmdb": "data/lsun/bedroom_train_lmdb/data.mdb"}
    return {"sample": "data/lsun/sample/files.txt"}


FILES = {
    "mnist": mnist_files,
    "celeba": celeba_files,
    "lsun": lsun_files,
    "hdf5": lambda name, chosen, split: {"file": chosen["path"]},
}


def files_of_source(wildcards):
    """The files that the images of a split are read from, and the modules that read them."""
    chosen = counted(wildcards.dataset)
    files = FILES.get(chosen["source"], lambda *_: {})(wildcards.dataset, chosen, wildcards.split)
    return files | {"code": code("data/store_images", modules=[f"data/{chosen['source']}"])}


def settings_of_source(wildcards):
    """What the images of a split depend on."""
    chosen = counted(wildcards.dataset)
    known = chosen | {"n": chosen[wildcards.split]}
    if wildcards.split == "train":
        known["test"] = 0  # the training images do not depend on the number of test images
    return {key: known.get(key) for key in data.needs(chosen["source"])}


def stored_settings(wildcards):
    chosen = counted(wildcards.dataset)
    return {"n": chosen[wildcards.split]} | {
        key: chosen[key] for key in ("N", "channels", "on_error")
    }


def contents(wildcards):
    """A digest of a folder of images, by which a change of its files is seen; empty for the other sources."""
    chosen = counted(wildcards.dataset)
    if chosen["source"] != "folder":
        return ""
    from gsn.data import folder

    asked = {key: settings_of_source(wildcards)[key] for key in ("train", "test", "seed")}
    return folder.digest(Path(chosen["path"]), wildcards.split, **asked)


rule download:
    """Fetch a file of a source from its mirrors, once for all data sets.

    An existing file, even one that the user put there, is verified and kept: hence `update`, without which Snakemake
    would delete it before it runs the rule.
    """
    output:
        update("data/{source}/{file}"),
    log:
        "<logs>/download_{source}_{file}.log",
    wildcard_constraints:
        source="mnist|celeba|lsun",
        file=r"(train|t10k)-(images-idx3|labels-idx1)-ubyte\.gz|img_align_celeba\.zip|list_eval_partition\.txt"
        r"|bedroom_train_lmdb\.zip",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=500,
        runtime=2880,
    script:
        "../scripts/data/download.py"


rule download_lsun_sample:
    """Fetch the public sample of LSUN bedrooms, 4.8 GB of parquet files at a pinned revision."""
    output:
        "data/lsun/sample/files.txt",
    log:
        "<logs>/download_lsun_sample.log",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=500,
        runtime=1440,
    script:
        "../scripts/data/download_lsun_sample.py"


rule unpack_lsun:
    """Unpack the original LMDB of LSUN bedrooms, after its checksum."""
    input:
        "data/lsun/bedroom_train_lmdb.zip",
    output:
        "data/lsun/bedroom_train_lmdb/data.mdb",
    log:
        "<logs>/unpack_lsun.log",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=500,
        runtime=240,
    script:
        "../scripts/data/unpack_lsun.py"


rule store_images:
    """Store the images of a split, and a table of their names, from whatever source the data set has."""
    input:
        unpack(files_of_source),
    output:
        store="<images>/{split}.zarr/zarr.json",
        names="<images>/{split}.csv",
    log:
        "<logs>/{dataset}/store_images_{split}.log",
    benchmark:
        "<logs>/{dataset}/store_images_{split}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        mem_mb=1500,
        runtime=240,
    params:
        source=lambda wildcards: counted(wildcards.dataset)["source"],
        settings=settings_of_source,
        stored=stored_settings,
        contents=contents,
    script:
        "../scripts/data/store_images.py"


rule draw_images:
    """Draw 32 images of a split, to see what the crop does before anything is computed from them."""
    input:
        images="<images>/{split}.zarr/zarr.json",
        code=code("data/draw_images"),
    output:
        "<images>/{split}.png",
    log:
        "<logs>/{dataset}/draw_images_{split}.log",
    benchmark:
        "<logs>/{dataset}/draw_images_{split}.tsv"
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    script:
        "../scripts/data/draw_images.py"
