# What the rules of generation share: their inputs, the figures of the report, the times of jobs.
from settings import generation

IMAGES = expand("<images>/{split}.zarr/zarr.json", split=SPLITS)
NAMES = expand("<images>/{split}.csv", split=SPLITS)
Z = expand("<embedding>/z/{split}.zarr/zarr.json", split=SPLITS)


# The headings of the report, and the name of each figure under them.
HEADINGS = {
    "figure2_train": ("Reconstructions", "Figure 2: training images"),
    "figure3_test": ("Reconstructions", "Figure 3: test images"),
    "figure4_samples": ("Samples", "Figure 4: samples"),
    "figure5_interpolation": ("Samples", "Figure 5: interpolations"),
    "film": ("Samples", "Figure 5, moving"),
    "training": ("Training", "loss, PSNR, learning rate"),
    "embedding_spectrum": ("The embedding", "spectrum"),
    "embedding_distances": ("The embedding", "equation 2: distances"),
    "embedding_continuity": ("The embedding", "equation 3: displacements"),
    "detail": ("Reconstructions", "octaves of frequency"),
    "components": ("The embedding", "components of z"),
    "components_kept": ("The embedding", "first components of z"),
    "memory": ("Memory", "hit rates"),
    "memory_examples": ("Memory", "queries and what they recall"),
}


def said(name, at="<experiment>"):
    """What the report says of a figure: its caption, its heading, its data set, its name."""
    heading, label = HEADINGS[name]
    return {
        "caption": f"../report/{name}.rst",
        "category": heading,
        "subcategory": "{dataset}: J = {J}, L = {L}, d = {d}"
        + "{variant}" * (at == "<experiment>"),
        "labels": {"shown": label},
    }


def reported(*names, at="<experiment>"):
    """Figures of an experiment, or of its embedding, by name, with headings and captions."""
    return {name: report(f"{at}/figures/{name}.png", **said(name, at)) for name in names}


FIGURES = ("figure2_train", "figure3_test", "figure4_samples", "figure5_interpolation", "training")


def described(wildcards):
    """The settings of an experiment, without the paper's PSNR at other sizes than the paper's."""
    described = dict(chosen(wildcards))
    generation.Settings.complete(described)
    return described


def benchmarks(wildcards):
    """The benchmark files of the jobs of an experiment, by rule."""
    timed = ["store_images", "create_scattering_store", "scatter_images", "fit_pca"]
    timed += ["fit_pixel_pca", "whiten_scattering", "train_generator", "evaluate_generator"]
    timed += ["evaluate_ridge", "evaluate_pixel_pca", "measure_sparsity", "draw_figures"]
    found = {}
    for name in timed:
        pattern, known = str(getattr(rules, name).benchmark), dict(wildcards.items())
        jobs = [known | {"split": split} for split in SPLITS] if "{split}" in pattern else [known]
        if "{i}" in pattern:
            jobs = [
                job | {"i": i} for job in jobs for i in range(count_shards(wildcards, job["split"]))
            ]
        found[name] = [pattern.format(**job) for job in jobs]
    return found


def figures_of(name):
    """The figures of the experiment that the settings of a data set describe."""
    return [path(f"<experiment>/figures/{figure}.png", **own(name)) for figure in FIGURES]


def in_table(name):
    """The settings of a data set that Table 1 shows, and the paper's PSNR."""
    shown = ("N", "J", "L", "d", "paper")
    return {"paper": {}} | {key: DATASETS[name][key] for key in shown if key in DATASETS[name]}
