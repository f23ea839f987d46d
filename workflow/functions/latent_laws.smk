# What the rules of the laws of z share.
from importlib.util import find_spec

from settings import latent_laws

LAW_NAMES = latent_laws.NAMES
LAW_SWEEPS = ("vae", "images")
LAWS_OF_SWEEP = {"vae": ("vae",), "images": ("gaussian", "mixture", "vae", "flow_matching")}
LAW_MODULES = [f"samplers/{name}" for name in LAW_NAMES]  # imported by name
FID_PACKAGES = ("torchmetrics", "torch_fidelity", "torchvision")


def captioned(name, label=None):
    """What the report says of a picture or a table of the laws of an experiment."""
    return {
        "caption": f"../report/laws_{name}.rst",
        "category": "Laws of z",
        "subcategory": "{dataset}: J = {J}, L = {L}, d = {d}" + "{variant}" * (name != "quantiles"),
        "labels": {"shown": label or name.replace("_", ", ")},
    }


def fitted_laws(ending, every=False):
    """A function of the wildcards: the first fit of each law of an experiment, or every one."""

    def files(wildcards):
        own = chosen(wildcards)
        if own["d"] < 2 or own["test"] < 20:
            sys.exit(
                f"{wildcards.dataset}: laws of z need d >= 2 and 20 test images: got d={own['d']}, "
                f"test={own['test']}; use a larger d, or more test images."
            )
        laws = own["latent_laws"]
        pattern = f"<embedding>/latent_laws/{{law}}{{fit}}.{ending}"
        return [
            path(pattern, law=law, fit=f"_fit{i}" * (i > 0), **wildcards)
            for law in dict.fromkeys(laws["laws"])
            # N(0, I) has nothing that a seed could change.
            for i in range(laws["fits"] if every and law != "gaussian" else 1)
        ]

    return files


def swept_laws(ending):
    """A function of the wildcards: the laws of an experiment that a sweep need not fit again."""
    files = fitted_laws(ending)
    return lambda wildcards: [
        file for file in files(wildcards) if Path(file).stem in LAWS_OF_SWEEP[wildcards.sweep]
    ]


def inception_weights(wildcards):
    """The file of the weights of the Inception network, if the experiment names one."""
    weights = chosen(wildcards)["latent_laws"].get("inception")
    missing = [name for name in FID_PACKAGES if not find_spec(name)]
    if weights and missing:
        sys.exit(
            f"{wildcards.dataset}: latent_laws.inception needs {', '.join(missing)}: not "
            "installed; run `pip install 'generative-scattering[fid]'`, or leave the key out."
        )
    if weights and not Path(weights).is_file():
        sys.exit(
            f"{wildcards.dataset}: latent_laws.inception must be the path of a file: found no "
            f"{weights}; copy it there, or leave the key out."
        )
    return weights or []


def fit_seed(wildcards):
    """The seed of a fit: that of the experiment, and the next ones."""
    return chosen(wildcards)["seed"] + int(wildcards.fit.removeprefix("_fit") or 0)


def law_settings(wildcards):
    """The settings of one law; those without any have none."""
    return chosen(wildcards)["latent_laws"].get(wildcards.law, {})


def swept_settings(wildcards):
    """The settings of the laws that a sweep changes, by name."""
    laws = chosen(wildcards)["latent_laws"]
    return {name: laws[name] for name in LAWS_OF_SWEEP[wildcards.sweep] if name in laws}


def judging_memory(wildcards):
    """The memory of the features of all images, and of the libraries, in MB."""
    own = chosen(wildcards)
    features = own["channels"] * 217 * 5  # of order 2 at a scale of at most 3
    return 3000 + 3 * 4 * features * (own["train"] + own["test"]) // 10**6


def sizes_in_words(wildcards):
    """The sizes of an experiment, in words."""
    own = chosen(wildcards)
    images = f"{own['train']:,} + {own['test']:,} images of {own['N']} x {own['N']}"
    numbers = ", ".join(f"{key} = {own[key]}" for key in ("J", "L", "d", "seed"))
    return f"{images}, {numbers}, G of width {own['generator']['width']}"
