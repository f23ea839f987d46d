"""Errors of the configuration, each as one sentence: the key, the requirement, the value found."""

import difflib
from collections.abc import Iterable
from typing import Any, TypeVar, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from settings.section import Section

Model = TypeVar("Model", bound=Section)

REQUIREMENTS = {  # by pydantic's name of the error, whose context has the bounds
    "bool_type": "true or false",
    "int_type": "an integer",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "text",
    "list_type": "a list",
    "dict_type": "a mapping, {{key: value}}",
    "model_type": "a mapping, {{key: value}}",
    "greater_than_equal": "at least {ge:g}",
    "less_than_equal": "at most {le:g}",
    "greater_than": "more than {gt:g}",
    "less_than": "less than {lt:g}",
    "multiple_of": "a multiple of {multiple_of}",
    "too_short": "a list of {min_length} or more",
    "string_pattern_mismatch": "text that matches {pattern}",
}


def read(model: type[Model], value: object, whole: str) -> Model:
    """Read a section from plain values.

    Args:
        model: Class of the section.
        value: Mapping of its keys.
        whole: Name of the section in the sentences.

    Returns:
        The section, with every value checked by itself.

    Raises:
        ValueError: A key is missing, unknown, or has a wrong value.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = error.errors(include_url=False)
    # An unknown key explains a missing one; a factory that was not called is no fault of its own.
    order = {"extra_forbidden": 0, "default_factory_not_called": 2}
    first = min(faults, key=lambda fault: order.get(fault["type"], 1))
    raise ValueError(_sentence(model, first, whole))


def missing(where: str, name: str, found: Iterable[str]) -> str:
    """Return the sentence for a required key that is missing."""
    return f"{where} must have the key {name!r}: found {', '.join(found) or 'none'}; add it."


def closest(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence: the known word that was probably meant, or all of them."""
    known = list(known)
    word = next((name for name in known if name.lower() == word.lower()), word)
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(known)}."


def _sentence(model: type[Section], error: Any, whole: str) -> str:
    place, found, last = error["loc"], error["input"], error["loc"][-1:]
    if error["type"] == "missing":  # the section lacks it, so the error is there
        place = place[:-1]
    elif last == ("[key]",):  # the error is in the name itself, not in what it names
        place = place[:-2]
    path, kind, field = _locate(model, place)
    where = ".".join(path) or whole
    about = f" ({_lower(field.description)})" if field and field.description else ""
    match error["type"]:
        case "extra_forbidden":
            return f"{where} has no key {last[0]!r}; {closest(last[0], kind.model_fields)}"
        case "missing":
            return missing(where, last[0], found)
        case "invalid_key":
            return f"{where} must have keys of text: got {found!r}; put the key in quotes."
        case "string_type" if last == ("[key]",):
            return f"{where} must have names of text: got {found!r}; put the name in quotes."
        case "string_pattern_mismatch" if last == ("[key]",):
            names = f"names that match {error['ctx']['pattern']}"
            return f"{where} must have {names}{about}: got {found!r}; rename it."
    requirement = _requirement(error, field)
    return f"{where} must be {requirement}{about}: got {found!r}{_remedy(error)}."


def _requirement(error: Any, field: FieldInfo | None) -> str:
    extra = (field.json_schema_extra if field else None) or {}
    if "accepts" in extra:
        return extra["accepts"]
    if error["type"] == "literal_error":
        choices = get_args(field.annotation)
        if get_origin(field.annotation) is list:
            choices = get_args(choices[0])
        return f"one of {', '.join(map(str, choices))}"
    if error["type"] in REQUIREMENTS:
        return REQUIREMENTS[error["type"]].format(**error.get("ctx", {}))
    return error["msg"].removeprefix("Input should be ")


def _remedy(error: Any) -> str:
    found = error["input"]
    if error["type"] == "int_type" and isinstance(found, float) and found.is_integer():
        return f"; write {found:.0f}"
    if error["type"] == "string_type" and isinstance(found, bool | int | float):
        return "; put it in quotes"
    if error["type"] == "too_short":
        return "; name one"
    return ""


def _locate(model: type[Section], place: tuple) -> tuple[list[str], Any, FieldInfo | None]:
    """Follow pydantic's place of an error to the innermost key that the classes know.

    Returns:
        The path of the key, its type, and its field, if it is one of a section.
    """
    path, kind, field = [], model, None
    for part in place:
        if get_origin(kind) is dict:
            kind, field = get_args(kind)[1], None
        elif isinstance(kind, type) and part in getattr(kind, "model_fields", {}):
            field = kind.model_fields[part]
            kind = field.annotation
        else:
            break
        path.append(str(part))
    return path, kind, field


def _lower(phrase: str) -> str:
    """Return a phrase without its capital, unless that begins an abbreviation."""
    return phrase if phrase[1:2].isupper() else phrase[:1].lower() + phrase[1:]
