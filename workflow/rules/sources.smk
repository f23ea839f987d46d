# What the rules of images.smk ask of the configuration: which data sets are theirs, and where the files are.


def of(source):
    """What the wildcard `dataset` may be, in the rule that makes the images of a source."""
    return "|".join(name for name, chosen in DATASETS.items() if chosen["source"] == source) or "(?!)"


def image_settings(*keys):
    """A function of the wildcards for params: what the images of a split, n of them, depend on."""

    def chosen(wildcards):
        known = counted(wildcards.dataset) | {"n": counted(wildcards.dataset)[wildcards.split]}
        if wildcards.split == "train":
            known["test"] = 0  # the training images do not depend on how many test images there are
        return {key: known.get(key) for key in keys}

    return chosen


def names_of_images(wildcards):
    """The tables that say which image of a source each row is; polygons are drawn in the order of their numbers."""
    if DATASETS[wildcards.dataset]["source"] == "polygons":
        return []
    return [f"results/{wildcards.dataset}/images/{split}.csv" for split in ("train", "test")]


def owned(wildcards, *paths):
    """Files that the user is to have."""
    for path in paths:
        if not Path(path).exists():
            sys.exit(f"{wildcards.dataset}: {path} must be there, as the configuration says: found none; mend `raw`.")
    return list(map(str, paths))


def data(wildcards, *files):
    """Where files of a source are: in the folder that the user has, or where they are downloaded to."""
    chosen = DATASETS[wildcards.dataset]
    if "raw" in chosen:
        return owned(wildcards, *[Path(chosen["raw"], file) for file in files])
    return [f"data/{chosen['source']}/{file}" for file in files]


def mnist_files(wildcards):
    prefix = {"train": "train", "test": "t10k"}[wildcards.split]
    return data(wildcards, f"{prefix}-images-idx3-ubyte.gz", f"{prefix}-labels-idx1-ubyte.gz")


def celeba_files(wildcards):
    """The zip, and the official partition, which lies beside it, where it decides."""
    chosen = DATASETS[wildcards.dataset]
    archive = Path(chosen.get("raw", "data/celeba/img_align_celeba.zip"))
    files = {"archive": archive}
    if chosen["splits"] == "official":
        files["partition"] = archive.with_name("list_eval_partition.txt")
    if "raw" in chosen:
        owned(wildcards, *files.values())
    return {name: str(file) for name, file in files.items()}


def lsun_files(wildcards):
    """What has to be there before LSUN is read; of a folder that the user has, nothing is asked."""
    chosen = DATASETS[wildcards.dataset]
    if "raw" in chosen:
        owned(wildcards, chosen["raw"])
        return []
    release = chosen.get("release", "parquet")
    return {"parquet": "data/lsun/sample/files.txt", "lmdb": "data/lsun/bedroom_train_lmdb/data.mdb"}[release]


def folder_digest(wildcards):
    from gsn.images import folder

    asked = image_settings("train", "test", "seed")(wildcards)
    return folder.digest(Path(counted(wildcards.dataset)["path"]), wildcards.split, **asked)
