# What the rules of the laws of z share.
from settings import latent_laws

LAW_NAMES = latent_laws.NAMES
LAW_MODULES = [f"samplers/{name}" for name in LAW_NAMES]  # imported by name


def captioned(name):
    """What the report says of a picture of the laws of an experiment."""
    return {
        "caption": f"../report/laws_{name}.rst",
        "category": "{dataset}",
        "subcategory": "J = {J}, L = {L}, d = {d}" + "{variant}" * (name != "quantiles"),
        "labels": {"figure": f"laws of z: {name}"},
    }


def fitted_laws(ending):
    """A function of the wildcards: the files of the laws that an experiment names."""

    def files(wildcards):
        own = chosen(wildcards)
        if own["d"] < 2 or own["test"] < 20:
            sys.exit(
                f"{wildcards.dataset}: laws of z need d >= 2 and 20 test images: got d={own['d']}, "
                f"test={own['test']}; use a larger d, or more test images."
            )
        pattern = f"<embedding>/latent_laws/{{law}}.{ending}"
        return [path(pattern, law=law, **wildcards) for law in own["latent_laws"]["laws"]]

    return files


def law_settings(wildcards):
    """The settings of one law; those without any have none."""
    return chosen(wildcards)["latent_laws"].get(wildcards.law, {})


def swept_settings(wildcards):
    """The settings of the laws that a sweep changes, by name."""
    laws = chosen(wildcards)["latent_laws"]
    names = {"vae": ["vae"], "images": ["vae", "flow_matching"]}[wildcards.sweep]
    return {name: laws[name] for name in names}


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
