"""The configuration: defaults merged into each data set, and every fault told in one sentence.

Only the workflow knows the configuration; the stages take keywords.
"""

import copy
import difflib
from collections.abc import Iterable, Iterator

import jsonschema

COLOURS = 3
REQUIRED = ("source", "N", "train", "test", "J", "L", "d")


def datasets(config: dict, schema: dict) -> dict[str, dict]:
    """The settings of each data set, complete and checked.

    Args:
        config: as read from config.yaml.
        schema: the JSON schema that it has to satisfy.

    Returns:
        name -> settings, with the defaults merged in and `rank` set.

    Raises:
        ValueError: naming the key, what was required, what was found, what to do.
    """
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(config))
    if error:
        raise ValueError(_sentence(error))
    merged = {}
    for name, own in config["datasets"].items():
        settings = _merge(config["defaults"], own)
        for key in REQUIRED:
            if key not in settings:
                raise ValueError(f"datasets.{name} must say {key}: found neither it nor a default; add it.")
        settings.setdefault("rank", settings["d"])
        check(name, settings)
        merged[name] = settings
    for name in config["table1"]:
        if name not in merged:
            raise ValueError(f"table1 must name data sets: got {name!r}; {_closest(name, merged)}")
    return merged


def check(name: str, settings: dict) -> None:
    """Refuse numbers that no stage can work with.

    Raises:
        ValueError: naming the data set, what was required, what was found, what to do.
    """
    for message in _faults(**settings):
        raise ValueError(f"{name}: {message}")


def coefficients(*, N: int, J: int, L: int) -> int:
    """Scattering coefficients of orders 0 to 2 of a colour image: p = c (1 + L J + L^2 J (J - 1) / 2) (N / 2^J)^2."""
    return COLOURS * (1 + L * J + L * L * J * (J - 1) // 2) * (N // 2**J) ** 2


def _faults(*, N: int, J: int, L: int, d: int, rank: int, train: int, training: dict, **_) -> Iterator[str]:
    if N % 2**J:
        crop, largest = N - N % 2**J, (N & -N).bit_length() - 1
        remedies = [f"crop to {crop}"] * (crop >= 4) + [f"use J={largest}"] * (largest >= 1)
        yield f"N must be a multiple of 2**J: got N={N}, J={J}; {' or '.join(remedies) or 'use an even N'}."
    if N % 2 ** (N.bit_length() - 3):
        yield f"N must be s * 2**m with s from 4 to 7 (the generator doubles m times): got N={N}; resize the images."
    if d > rank:
        yield f"d must be at most the rank of the PCA: got d={d}, rank={rank}; set rank: {d}."
    if rank >= train:
        yield (
            f"d and rank must be less than the number of training images: got d={d}, rank={rank}, train={train}; "
            "use more images or a smaller rank."
        )
    p = min(coefficients(N=N, J=J, L=L), COLOURS * N * N)
    if rank > p:
        yield (
            f"d and rank must be at most the number of coefficients and of pixel values, {p} at N={N}, J={J}, L={L}: "
            f"got d={d}, rank={rank}; use a smaller rank."
        )
    if training.get("batch", 0) > train:
        yield f"training.batch must be at most the number of training images: got {training['batch']}, train={train}."


def _merge(below: dict, above: dict) -> dict:
    merged = copy.deepcopy(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else copy.deepcopy(value)
    return merged


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
            requirement = f"of type {error.validator_value}"
            if isinstance(error.instance, str) and _is_number(error.instance):
                found += f" (YAML reads that as text; write {float(error.instance)})"
        case "minimum":
            requirement = f"at least {error.validator_value}"
        case "maximum":
            requirement = f"at most {error.validator_value}"
        case "exclusiveMinimum":
            requirement = f"more than {error.validator_value}"
        case "enum":
            requirement = f"one of {', '.join(map(str, error.validator_value))}"
        case _:
            return f"{where}: {error.message}."
    about = f" ({error.schema['description']})" if "description" in error.schema else ""
    return f"{where} must be {requirement}{about}: {found}."


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _closest(word: str, known: Iterable[str]) -> str:
    known = list(known)
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(known)}."
