# What the rules of the comparison share: its methods, their inputs and their settings.

COMPARED = (
    "pixel_pca",
    "ridge",
    "scattering",
    "paper",
    "random_projection",
    "pixels",
    "autoencoder",
    "vae",
    "glo",
)


def kind_of_method(wildcards):
    """The module that fits a method."""
    return {"autoencoder": "encoded", "vae": "encoded", "glo": "free"}.get(
        wildcards.method, "fixed"
    )


def compared_methods(wildcards):
    """The methods of an experiment."""
    return methods_beside(chosen(wildcards)["generator"])


def compared_in_table(name):
    """The methods of the experiment that the settings of a data set describe."""
    return methods_beside(DATASETS[name]["generator"])


def methods_beside(network):
    """The methods beside a network G: the paper's G is one more where G has a linear decoder."""
    return [method for method in COMPARED if network["linear"] or method != "paper"]


def budget(wildcards):
    """The training of every method: that of the experiment, with the epochs of the comparison."""
    own = chosen(wildcards)
    training = {key: value for key, value in own["training"].items() if key != "gpus"}
    return training | {"epochs": own["comparison"].get("epochs", training["epochs"])}


def method_inputs(wildcards):
    """What a method is made from beside the images."""
    pixel_pca = {"pca": "<pixel_pca>/pca.zarr/zarr.json"}
    scattering = {"pca": "<transform>/pca.zarr/zarr.json"}
    stores = expand("<transform>/scattering/{split}.zarr/zarr.json", split=SPLITS)
    needed = {
        "pixel_pca": pixel_pca,
        "pixels": pixel_pca,
        "glo": pixel_pca,
        "ridge": scattering | {"z": Z},
        "scattering": scattering | {"z": Z},
        "paper": scattering | {"z": Z},
        "random_projection": scattering | {"scattering": stores},
    }.get(wildcards.method, {})
    known = {key: value for key, value in wildcards.items() if key != "method"}
    found = {
        name: (
            [path(file, **known) for file in files]
            if isinstance(files, list)
            else path(files, **known)
        )
        for name, files in needed.items()
    }
    if wildcards.method == "random_projection":
        found["shards"] = [file for split in SPLITS for file in shards(split)(wildcards)]
    if wildcards.method == "scattering":
        same = budget(wildcards)["epochs"] == chosen(wildcards)["training"]["epochs"]
        if same:  # the experiment's own
            found["generator"] = path("<experiment>/generator.pt", **known)
            found["history"] = path("<experiment>/training.csv", **known)
    return found


def method_settings(wildcards):
    """The settings that a method depends on."""
    own = chosen(wildcards)
    network = dict(own["generator"])
    if wildcards.method not in ("scattering", "random_projection", "pixels"):
        network["linear"] = False
    needed = {
        "vae": ("beta",),
        "glo": ("test_images", "test_steps"),
    }.get(wildcards.method, ())
    trained = wildcards.method not in ("pixel_pca", "ridge")
    return {
        "network": network if trained else {},
        "training": budget(wildcards) if trained else {},
        **{key: own["comparison"][key] for key in needed},
    }


def of_methods(ending):
    """A function of the wildcards: a file of each method of an experiment."""

    def files(wildcards):
        pattern = f"<experiment>/comparison/{{method}}/{ending}"
        return [path(pattern, method=name, **wildcards) for name in compared_methods(wildcards)]

    return files


def pictured(name):
    """What the report says of a picture of the comparison."""
    return {
        "caption": f"../report/comparison_{name}.rst",
        "category": "Comparison",
        "subcategory": "{dataset}: J = {J}, L = {L}, d = {d}{variant}",
        "labels": {"shown": name},
    }


def size_in_words(name):
    """The sizes of the experiment that the settings of a data set describe, in words."""
    own = DATASETS[name]
    epochs = own["comparison"].get("epochs", own["training"]["epochs"])
    numbers = ", ".join(f"{key} = {own[key]}" for key in ("N", "J", "L", "d", "seed"))
    return f"{numbers}, {epochs} epochs, G of width {own['generator']['width']}"
