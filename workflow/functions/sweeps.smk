# The files that a sweep reads, by measure and by point.
TABLES = {
    "psnr": {
        "psnr": "<experiment>/psnr.csv",
        "ridge": "<embedding>/ridge_psnr.csv",
        "pixel_pca": "<pixel_pca>/d{d}/psnr.csv",
        "training": "<experiment>/training.csv",
    },
    "embedding": {"embedding": "<embedding>/embedding.csv"},
    "detail": {"detail": "<experiment>/detail.csv"},
    "gaussianity": {
        "gaussianity": "<embedding>/latent_laws/gaussianity.csv",
        "joint": "<embedding>/latent_laws/joint.csv",
    },
}


def sweep_of(name):
    """The settings of a sweep, whose points are checked."""
    if name not in SWEEPS:
        known = settings.closest(name, SWEEPS) if SWEEPS else "add it under `sweeps`."
        sys.exit(f"no sweep {name!r} in the configuration; {known}")
    for point in SWEEPS[name]["points"]:
        checked(
            **{
                "name" if key == "dataset" else key: value
                for key, value in point["wildcards"].items()
            }
        )
    return SWEEPS[name]


def tables_of_sweep(wildcards):
    """The tables of a sweep by name, each a list over the points."""
    sweep = sweep_of(wildcards.sweep_name)
    return {
        name: [path(pattern, **point["wildcards"]) for point in sweep["points"]]
        for measure in sweep["measure"]
        for name, pattern in TABLES[measure].items()
    }


def points_of_sweep(wildcards):
    """The varied settings of each point, and the numbers of its images and of its components."""
    return [
        {
            "varied": point["varied"],
            "n": counted(point["wildcards"]["dataset"])["train"],
            "d": point["wildcards"]["d"],
        }
        for point in sweep_of(wildcards.sweep_name)["points"]
    ]


@functools.cache
def seeded():
    """The data sets of Table 1 at three seeds, by the names in their paths: name and seed of each."""
    found = {}
    for name in config["table1"]:
        base = DATASETS[name]
        for seed in range(base["seed"], base["seed"] + 3):
            found[name + settings.changes.spell({"seed": seed}, base)] = (name, seed)
    return found
