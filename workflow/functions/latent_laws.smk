# What the rules of the laws of z share.
from settings import latent_laws

LAW_NAMES = latent_laws.NAMES
LAW_MODULES = [f"samplers/{name}" for name in LAW_NAMES]  # imported by name


def captioned(name):
    """What the report says of a picture of the laws of an experiment."""
    return {
        "caption": f"../report/laws_{name}.rst",
        "category": "{dataset}",
        "subcategory": "J = {J}, L = {L}, d = {d}",
        "labels": {"figure": f"laws of z: {name}"},
    }


def fitted_laws(wildcards):
    """The files of the laws that the settings of an experiment name."""
    return [
        path("<experiment>/latent_laws/{law}.pt", law=law, **wildcards)
        for law in chosen(wildcards)["latent_laws"]["laws"]
    ]


def law_settings(wildcards):
    """The settings of one law; those without any have none."""
    return chosen(wildcards)["latent_laws"].get(wildcards.law, {})


def neural_settings(wildcards):
    """The settings of the neural laws by name."""
    laws = chosen(wildcards)["latent_laws"]
    return {name: laws[name] for name in laws if name != "laws"}
