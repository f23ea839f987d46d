# What the rules of the data ask of the configuration: the files and the settings of each source.
from settings import data


def owned(name, *paths):
    """Files that the configuration says the user has."""
    for file in paths:
        # Reading a pipe or a device would wait forever.
        if not (Path(file).is_file() or Path(file).is_dir()):
            sys.exit(
                f"{name}: {file} must exist, as the configuration says: found none; correct `raw`."
            )
    return list(map(str, paths))


def module_of(source):
    """The name of the module in gsn/data that reads a source."""
    return source.replace("-", "_")


def idx_files(name, chosen, split):
    """The images and the labels of MNIST, or of Fashion-MNIST."""
    prefix = {"train": "train", "test": "t10k"}[split]
    names = {"images": f"{prefix}-images-idx3-ubyte.gz", "labels": f"{prefix}-labels-idx1-ubyte.gz"}
    folder = Path(chosen.get("raw", f"data/{chosen['source']}"))
    files = {key: str(folder / file) for key, file in names.items()}
    if "raw" in chosen:
        from gsn.data import idx

        files = {key: str(idx.existing(folder, file)) for key, file in names.items()}
        owned(name, *files.values())
    return files


def cifar10_files(name, chosen, split):
    """The archive of CIFAR-10, or the batches in the folder that was unpacked from it."""
    raw = Path(chosen.get("raw", "data/cifar10/cifar-10-python.tar.gz"))
    files = {"archive": str(raw)}
    if "raw" in chosen:
        from gsn.data import cifar10

        if raw.is_dir():
            files = {batch: str(raw / batch) for batch in cifar10.BATCHES[split]}
        owned(name, *files.values())
    return files


def npy_files(name, chosen, split):
    """The file, and that of the labels if they have one."""
    files = {"file": chosen["path"]}
    if chosen.get("labels", "").endswith(".npy"):
        files["labels"] = chosen["labels"]
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
    "mnist": idx_files,
    "fashion-mnist": idx_files,
    "cifar10": cifar10_files,
    "celeba": celeba_files,
    "lsun": lsun_files,
    "hdf5": lambda name, chosen, split: {"file": chosen["path"]},
    "npy": npy_files,
}


def files_of_source(wildcards):
    """The files that the images of a split are read from."""
    chosen = counted(wildcards.dataset)
    return FILES.get(chosen["source"], lambda *_: {})(wildcards.dataset, chosen, wildcards.split)


def code_of_source(wildcards):
    """A checksum of the code that reads the images."""
    source = counted(wildcards.dataset)["source"]
    return code("data/store_images", modules=[f"data/{module_of(source)}"])


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
    """A digest of a folder of images, which changes with its files; empty for other sources."""
    chosen = counted(wildcards.dataset)
    if chosen["source"] != "folder":
        return ""
    from gsn.data import folder

    asked = {key: settings_of_source(wildcards)[key] for key in ("train", "test", "seed")}
    return folder.digest(Path(chosen["path"]), wildcards.split, **asked)
