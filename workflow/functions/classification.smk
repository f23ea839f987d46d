# What the rules of the classification ask of the settings: sizes, scales, and the files of features.
COMPARED_FEATURES = ("pixels", "order1", "order2", "cosine")
COMPARED_CLASSIFIERS = ("affine", "svm")
NETWORKS = ("linear", "mlp", "istc", "istc_learned", "istc_pixels", "convolutions")
CLASSIFIED = {
    "errors": "errors against the number of training images",
    "codes": "sparse codes: convergence, sparsity, atoms",
    "few": "errors from few labels",
    "wrong": "test images that are classified wrongly",
}


def classified(key):
    """A function of the wildcards: the sizes under a key, and the number of subsets."""

    def settings(wildcards):
        own = counted(wildcards.dataset)
        chosen = own["classification"]
        sizes = sorted({n for n in chosen[key] if n < own["train"]} | {own["train"]})
        return {"sizes": sizes, "repeats": chosen["subsets"]}

    return settings


def translated(wildcards):
    """The settings of the least error: sizes, subsets, the largest scale."""
    own = counted(wildcards.dataset)["classification"]
    return classified("least")(wildcards) | {"J": max(own["J"]), "L": own["L"]}


def padded_stores(split):
    """A function of the wildcards: the coefficients of a split at each scale; none for pixels."""

    def files(wildcards):
        if wildcards.features == "pixels":
            return []
        own = counted(wildcards.dataset)["classification"]
        pattern = "<dataset>/classification/J{J}_L{L}/{split}.zarr/zarr.json"
        known = {"dataset": wildcards.dataset, "split": split, "L": own["L"]}
        return [path(pattern, J=J, **known) for J in own["J"]]

    return files


def few_settings(wildcards):
    """The numbers of images a class, and the number of subsets."""
    chosen = counted(wildcards.dataset)["classification"]
    return {"sizes": chosen["few"], "repeats": chosen["subsets"]}


def few_store(split):
    """A function of the wildcards: the coefficients of a split at the largest scale."""

    def file(wildcards):
        own = counted(wildcards.dataset)["classification"]
        pattern = "<dataset>/classification/J{J}_L{L}/{split}.zarr/zarr.json"
        known = {"dataset": wildcards.dataset, "split": split, "L": own["L"]}
        return path(pattern, J=max(own["J"]), **known)

    return file


def network_store(split):
    """A function of the wildcards: the coefficients of a split for the networks, if they see them."""

    def file(wildcards):
        if wildcards.method == "istc_pixels":
            return []
        own = counted(wildcards.dataset)["classification"]
        pattern = "<dataset>/classification/J{J}_L{L}/{split}.zarr/zarr.json"
        known = {"dataset": wildcards.dataset, "split": split, "L": own["L"]}
        return path(pattern, J=own["networks"]["J"], **known)

    return file


def moved_settings(wildcards):
    """The images that are rotated and scaled, and the scales of the transform."""
    own = counted(wildcards.dataset)["classification"]
    return {"scales": own["J"], "L": own["L"]} | own["moved"]


def classification_memory(wildcards):
    """The memory in MB: the features at all scales, twice, in float32."""
    own = counted(wildcards.dataset)
    n, side = own["train"] + own["test"], own["N"]
    chosen = own["classification"]
    each = [
        settings.coefficients(channels=own["channels"], N=side + -side % 2**J, J=J, L=chosen["L"])
        for J in chosen["J"]
    ]
    return 3000 + 8 * n * sum(each) // 10**6


def classifiers_of(ending):
    """A function of the wildcards: a file of each classifier of each kind of features."""

    def files(wildcards):
        pattern = f"<dataset>/classification/{{features}}_{{classifier}}{ending}"
        return [
            path(pattern, dataset=wildcards.dataset, features=features, classifier=classifier)
            for features in counted(wildcards.dataset)["classification"]["features"]
            for classifier in COMPARED_CLASSIFIERS
        ]

    return files


def of_classified(file):
    """A file of each data set of the table."""
    return [
        path(f"<dataset>/classification/{file}", dataset=name)
        for name in config.get("classification", [])
    ]


def drawn_classification(name):
    """What the report says of a picture of the classification."""
    return {
        "caption": f"../report/classification_{name}.rst",
        "category": "Classification",
        "subcategory": "{dataset}",
        "labels": {"shown": CLASSIFIED[name]},
    }
