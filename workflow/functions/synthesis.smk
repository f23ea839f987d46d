# What the rules of the synthesis ask of the configuration: an example of a process, and its models.
EXAMPLE = "<results>/synthesis/{example}"
MODEL = f"{EXAMPLE}/{{model}}"
# What a model depends on beside its statistics.
DESCENT = ("n", "mixture", "modulus", "border", "steps", "tolerance", "method", "seed")
SHOWN = {
    "gallery": "the example, and a synthesis of each model",
    "spectra": "power spectra",
    "increments": "histograms of increments",
    "structure": "structure functions",
    "losses": "losses of the descents",
    "clusters": "sizes of the clusters",
    "magnetisation": "law of the magnetisation",
}
OF_SPINS = ("clusters", "magnetisation")


def synthesis_of(wildcards):
    """The settings of an example."""
    name = wildcards.example
    if name not in SYNTHESES:
        known = settings.closest(name, SYNTHESES) if SYNTHESES else "add it under `synthesis`."
        sys.exit(f"no synthesis {name!r} in the configuration; {known}")
    return SYNTHESES[name]


def model_of(wildcards):
    """The statistics of a model, and their settings."""
    models = synthesis_of(wildcards)["models"]
    if wildcards.model not in models:
        known = settings.closest(wildcards.model, models)
        sys.exit(f"no model {wildcards.model!r} in synthesis.{wildcards.example}; {known}")
    return models[wildcards.model]


def of_synthesis(*keys):
    """A function of the wildcards: some settings of an example."""
    return lambda wildcards: {key: synthesis_of(wildcards)[key] for key in keys}


def synthesis_memory(wildcards):
    """Memory in MB: the descent holds about 90 times the fields, and the bands of some of them."""
    own = synthesis_of(wildcards)
    return 4000 + (own["n"] + own["real"] + 8) * 500 * own["N"] ** 2 // 10**6


def process_files(wildcards):
    """The file of the user that an example is read from."""
    own = synthesis_of(wildcards)
    file = own.get("path")
    if file and not Path(file).is_file():
        sys.exit(
            f"synthesis.{wildcards.example}.path must be a file: found none at {file}; correct it."
        )
    return [file] if file else []


def process_module(wildcards):
    """The module that draws an example, which its script imports by its name."""
    return [f"data/fields/{synthesis_of(wildcards)['process']}"]


def statistics_module(wildcards):
    """The module of the statistics of a model, which its scripts import by its name."""
    return [f"transforms/statistics/{model_of(wildcards)['statistics']}"]


def of_models(ending):
    """A function of the wildcards: a file of each model of an example."""

    def files(wildcards):
        names = synthesis_of(wildcards)["models"]
        return [path(f"{MODEL}/{ending}", model=name, **wildcards) for name in names]

    return files


def of_syntheses(pattern):
    """A file of each model of each example, in the order of the configuration."""
    return [
        path(pattern, example=name, model=model)
        for name, own in SYNTHESES.items()
        for model in own["models"]
    ]


def drawn_of(name):
    """The pictures of an example, some of which are of Ising only."""
    spins = SYNTHESES[name]["process"] == "ising"
    shown = [one for one in SHOWN if spins or one not in OF_SPINS]
    return [path(f"{EXAMPLE}/{one}.png", example=name) for one in shown]


def pictured_synthesis(name):
    """What the report says of a picture of an example."""
    return {
        "caption": "../report/synthesis_pictures.rst",
        "category": "Synthesis",
        "subcategory": "{example}",
        "labels": {"shown": SHOWN[name]},
    }


def targets_of_syntheses():
    """The targets of all examples of the configuration."""
    for output in map(strip_wildcard_constraints, all_outputs()):
        for name, own in SYNTHESES.items() if "{example}" in output else ():
            for model in own["models"]:
                yield output.format(example=name, model=model)
