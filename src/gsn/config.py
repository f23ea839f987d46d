"""The configuration: defaults merged into each data set, and every fault told in one sentence.

Only the workflow knows the configuration; the stages take keywords.
"""

import contextlib
import copy
import difflib
import functools
import operator
import os
from collections.abc import Iterable, Iterator

import jsonschema

REQUIRED = (
    *("source", "N", "channels", "J", "L", "d", "scattering.dtype", "scattering.shard", "seed", "on_error"),
    *("whitening.solver", "whitening.scheduler", "whitening.workers"),
    *("generator.width", "generator.kernel", "generator.normalisation", "generator.padding"),
    *("training.epochs", "training.batch", "training.learning_rate", "training.warmup"),
    *("training.ema", "training.noise", "training.gpus"),
)
COUNTED = ("folder", "hdf5")  # sources that take all images where train and test are left out
OWN = {  # what each source must be told of itself, and what it may be
    "polygons": ((), ("polygon",)),
    "mnist": ((), ("raw",)),
    "celeba": ((), ("splits", "raw", "md5", "crop")),
    "lsun": ((), ("splits", "raw", "release", "crop")),
    "folder": (("path",), ("crop",)),
    "hdf5": (("path", "key"), ("labels", "crop")),
}
SPLITS = {"celeba": ("first_n", "official"), "lsun": ("first_n", "sample")}
PAPER = {"N": 128, "train": 65536, "test": 16384, "J": 4, "L": 8, "d": 512}  # what its Table 1 is about


def datasets(config: dict, schema: dict) -> dict[str, dict]:
    """The settings of each data set, complete and checked.

    Args:
        config: as read from config.yaml.
        schema: the JSON schema that it has to satisfy.

    Returns:
        name -> settings, with the defaults merged in and `rank` set; the paper's PSNR stays only at the paper's sizes.
        Sources that are COUNTED may lack `train` and `test`. `check` has still to be called on what is used.

    Raises:
        ValueError: naming the key, what was required, what was found, what to do.
    """
    for name in config.get("datasets") or ():
        if not isinstance(name, str):  # such as 2024, or no
            raise ValueError(f"datasets must have names of text: got {name!r}; put the name in quotes.")
    config = _read_numbers(config, schema)
    error = jsonschema.exceptions.best_match(_Validator(schema).iter_errors(config))
    if error:
        while error.parent:  # the whole choice, not its likeliest branch
            error = error.parent
        raise ValueError(_sentence(error))
    merged = {}
    for name, own in config["datasets"].items():
        settings = _merge(config["defaults"], own)
        for message in _missing(settings, own):
            raise ValueError(f"datasets.{name} {message}")
        settings.setdefault("rank", settings["d"])
        settings |= {key: os.path.expanduser(settings[key]) for key in ("path", "raw") if key in settings}
        if any(settings.get(key) != value for key, value in PAPER.items()):
            settings.pop("paper", None)
        merged[name] = settings
    for name in config["table1"]:
        if name not in merged:
            raise ValueError(f"table1 must name data sets: got {name!r}; {_closest(name, merged)}")
    return merged


def _missing(settings: dict, own: dict) -> Iterator[str]:
    source = settings.get("source")
    counts = () if source in COUNTED else ("train", "test")
    for key in (*REQUIRED, *counts, *OWN.get(source, [()])[0]):
        *parents, last = key.split(".")
        if last not in functools.reduce(lambda place, part: place.get(part, {}), parents, settings):
            yield f"must say {key}: found neither it nor a default; add it."
    if source in SPLITS and settings["splits"] not in SPLITS[source]:
        yield f"must have splits: {' or '.join(SPLITS[source])}, for {source}: got {settings['splits']}."
    if "md5" in own and "raw" not in own:
        yield "must say md5 only of a zip at raw: found no raw; take md5 out, or add raw."
    background = settings.get("polygon", {}).get("background", "random")
    if background != "random" and len(background) != settings["channels"]:
        yield f"must give polygon.background {settings['channels']} values, one for each channel: got {background}."
    for key in own:
        sources = [name for name, (must, may) in OWN.items() if key in (*must, *may)]
        if sources and source not in sources:
            yield f"must not say {key}, which is for {' and '.join(sources)}: its source is {source}; take it out."


def check(name: str, settings: dict) -> None:
    """Refuse numbers that no stage after the images can work with.

    Args:
        name: of the data set.
        settings: complete, with `train` and `test`.

    Raises:
        ValueError: naming the data set, what was required, what was found, what to do.
    """
    for message in _faults(**settings):
        raise ValueError(f"{name}: {message}")


def coefficients(*, channels: int, N: int, J: int, L: int) -> int:
    """Scattering coefficients of orders 0 to 2 of an image: p = c (1 + L J + L^2 J (J - 1) / 2) (N / 2^J)^2."""
    return channels * (1 + L * J + L * L * J * (J - 1) // 2) * (N // 2**J) ** 2


def _faults(
    *, channels: int, N: int, J: int, L: int, d: int, rank: int, train: int, training: dict, **_: object
) -> Iterator[str]:
    if N % 2**J:
        side, largest = N - N % 2**J, (N & -N).bit_length() - 1
        remedies = [f"N={side}"] * (side >= 4) + [f"J={largest}"] * (largest >= 1)
        yield f"N must be a multiple of 2**J: got N={N}, J={J}; use {' or '.join(remedies) or 'an even N'}."
    step = 2 ** (N.bit_length() - 3)
    if N % step:
        side = N - N % step
        yield (
            f"N must be s * 2**m with s from 4 to 7 (the generator doubles m times): got N={N}; "
            f"use N={side} or N={side + step}, to which the images are resized."
        )
    if max(d, rank) >= train:
        yield (
            f"d and rank must be less than the number of training images: got d={d}, rank={rank}, train={train}; "
            "use more images or a smaller d and rank."
        )
    p = min(coefficients(channels=channels, N=N, J=J, L=L), channels * N * N)
    if max(d, rank) > p:
        yield (
            f"d and rank must be at most the number of coefficients and of pixel values, {p} at N={N}, J={J}, L={L}: "
            f"got d={d}, rank={rank}; use a smaller d and rank."
        )
    if d > rank:
        yield f"d must be at most the rank of the PCA: got d={d}, rank={rank}; ask for less, or set rank: {d}."
    if training["batch"] > train:
        yield (
            f"training.batch must be at most the number of training images: got {training['batch']}, train={train}; "
            "use a smaller one."
        )
    if training["batch"] % training["gpus"]:
        yield (
            f"training.batch must be a multiple of training.gpus, which share it: got {training['batch']} and "
            f"{training['gpus']}; change one of them."
        )


def _merge(below: dict, above: dict) -> dict:
    merged = copy.deepcopy(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else copy.deepcopy(value)
    return merged


# An integer is written as one: YAML's 4e3 and 32.0 are not.
_Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)


def _read_numbers(config: dict, schema: dict) -> dict:
    """Numbers that came as text, as those of --config and YAML's 4e-3 do, where the schema wants numbers."""
    config = copy.deepcopy(config)
    for error in list(_Validator(schema).iter_errors(config)):
        kind = {"integer": int, "number": float}.get(error.validator_value if error.validator == "type" else None)
        if kind and isinstance(error.instance, str):
            *parents, key = error.absolute_path
            with contextlib.suppress(ValueError):
                functools.reduce(operator.getitem, parents, config)[key] = kind(error.instance)
    return config


def _sentence(error: jsonschema.ValidationError) -> str:
    """What the schema requires and what the configuration has, without the schema's own words for it."""
    where = ".".join(str(part) for part in error.absolute_path) or "the configuration"
    found = f"got {error.instance!r}"
    match error.validator:
        case "additionalProperties":
            known = error.schema.get("properties", {})
            unknown = next(key for key in error.instance if key not in known)
            return f"{where} has no key {unknown!r}; {_closest(unknown, known)}"
        case "required":
            missing = next(key for key in error.validator_value if key not in error.instance)
            return f"{where} must have the key {missing!r}: found {', '.join(error.instance) or 'none'}; add it."
        case "type":
            kind = {"object": "a mapping, {key: value}", "array": "a list"}.get(error.validator_value)
            requirement = kind or f"of type {error.validator_value}"
            if isinstance(error.instance, float):
                found += f"; write {error.instance:.0f}"
        case "multipleOf":
            requirement = f"a multiple of {error.validator_value}"
        case "minimum":
            requirement = f"at least {error.validator_value}"
        case "maximum":
            requirement = f"at most {error.validator_value}"
        case "exclusiveMinimum":
            requirement = f"more than {error.validator_value}"
        case "exclusiveMaximum":
            requirement = f"less than {error.validator_value}"
        case "oneOf":
            return f"{where} must be {error.schema['description']}: {found}."
        case "pattern":
            requirement = f"text that matches {error.validator_value}"
        case "enum":
            requirement = f"one of {', '.join(map(str, error.validator_value))}"
        case _:
            return f"{where}: {error.message}."
    about = f" ({error.schema['description']})" if "description" in error.schema else ""
    return f"{where} must be {requirement}{about}: {found}."


def _closest(word: str, known: Iterable[str]) -> str:
    known = list(known)
    word = next((name for name in known if name.lower() == word.lower()), word)
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(known)}."
