"""Settings that the path of a target changes: `polygon5-32@seed=1`, `d128@training.epochs=8`.

Those of the network and of its training stand behind d, and J, L and d in their own places. All
others stand behind the name of the data set. One spelling is right: sorted, with no value that is
the base's anyway. So each experiment has one path.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from settings import errors
from settings.configuration import DataSet, completed, merge

# Without a comma, at which Snakemake splits the wildcards of a job that it sends to a cluster.
CHANGES = r"(?:@[A-Za-z_][A-Za-z0-9_.]*=[A-Za-z0-9_.+-]+)*"
PLACES = ("J", "L", "d")  # keys that the path has anyway
NETWORK = ("generator", "training")  # sections whose changes stand behind d


def parts(name: str) -> tuple[str, str]:
    """Return the name without its changes, and the changes.

    Example:
        >>> parts("polygon5-32@seed=1")
        ('polygon5-32', '@seed=1')
    """
    plain, sign, changes = name.partition("@")
    return plain, sign + changes


def changed(name: str, text: str, base: dict) -> dict:
    """Return the settings of a data set with the changes behind its name, complete and checked.

    Raises:
        ValueError: As for `applied`, or a key is not for the source of the data set.
    """
    merged = applied(name, text, base, network=False)
    own = {part.split("=")[0].split(".")[0] for part in text.split("@")[1:]}
    return completed(f"{name}{text}", merged, dict.fromkeys(own)) if own else merged


def applied(before: str, text: str, base: dict, *, network: bool) -> dict:
    """Return the settings of a data set with the changes of a path.

    Args:
        before: Part of the path before the changes: the name of a data set, or d128.
        text: Changes, as in a path; none is the empty text.
        base: Settings of the data set without them.
        network: Whether they stand behind d.

    Raises:
        ValueError: A key is unknown or in the wrong place, a value is wrong, or the changes are
            spelled in another way than `spell` does.
    """
    whole, flat = f"{before}{text}", {}
    for change in filter(None, re.split("[@,]", text)):
        key, sign, value = change.partition("=")
        if not sign or not value or key in flat:
            raise ValueError(
                f"{whole} must change each setting once, by @key=value: got {change!r}; correct it."
            )
        flat[key] = value
    nested = read(whole, flat, base)
    for key in flat:
        if _behind_d(key) != network:
            raise ValueError(f"{whole} must have {key} {place(key)}: found it elsewhere; move it.")
    right = spell(nested, base)
    if right != text:
        raise ValueError(
            f"{whole} must name changed settings only, sorted, each value in its shortest form: "
            f"use {before}{right}."
        )
    return merge(base, nested)


def read(whole: str, flat: Mapping[str, Any], base: dict) -> dict:
    """Return changes by dotted keys as nested settings, each value of the type of its key.

    Args:
        whole: Where they stand, in the sentences.
        flat: Values by dotted key.
        base: Settings that they change.

    Raises:
        ValueError: A key is unknown, or has a wrong value.
    """
    nested: dict = {}
    for key, value in flat.items():
        *sections, last = key.split(".")
        inner = nested
        for section in sections:
            inner = inner.setdefault(section, {})
            if not isinstance(inner, dict):
                raise ValueError(f"{whole}: {section} must be a section: got {inner!r}; remove it.")
        if isinstance(value, list | dict):
            raise ValueError(
                f"{whole}: {key} must be one number or word: got {value!r}; give the data set a "
                "name of its own for it."
            )
        inner[last] = {"true": True, "false": False}.get(value, value)
    try:
        typed = errors.read(DataSet, nested, "a data set").model_dump(exclude_unset=True)
    except ValueError as error:
        raise ValueError(f"{whole}: {error}") from error
    if "source" in typed and typed["source"] != base["source"]:
        raise ValueError(f"{whole}: source must be the data set's own: name another data set.")
    return typed


def spell(nested: dict, base: dict) -> str:
    """Return changes as they stand in a path, without those that the base has anyway.

    Example:
        >>> spell({"train": 256, "training": {"ema": 0.0}}, {"train": 64, "training": {"ema": 0.9}})
        '@train=256@training.ema=0'
    """
    different = {key: value for key, value in flat(nested).items() if flat(base).get(key) != value}
    return "".join(f"@{key}={_text(value)}" for key, value in sorted(different.items()))


def split(nested: dict) -> tuple[dict, dict, dict]:
    """Return changes of the data set, of J, L and d, and of the network, each nested."""
    own = {key: value for key, value in nested.items() if key not in (*PLACES, *NETWORK)}
    places = {key: nested[key] for key in PLACES if key in nested}
    return own, places, {key: nested[key] for key in NETWORK if key in nested}


def place(key: str) -> str:
    """Return where a setting stands in a path, in words."""
    if key in PLACES:
        return "in its own place, .../J{J}_L{L}/d{d}/"
    return "behind d, as in d128@key=value" if _behind_d(key) else "behind the name of the data set"


def flat(nested: dict) -> dict[str, Any]:
    """Return nested settings by dotted keys."""
    return dict(_leaves("", nested))


def _leaves(prefix: str, nested: dict) -> Iterator[tuple[str, Any]]:
    for key, value in nested.items():
        if isinstance(value, dict):
            yield from _leaves(f"{prefix}{key}.", value)
        else:
            yield f"{prefix}{key}", value


def _behind_d(key: str) -> bool | None:
    """Return whether a key stands behind d; None if it has a place of its own."""
    return None if key in PLACES else key.split(".")[0] in NETWORK


def _text(value: Any) -> str:
    """Return a value as it stands in a path."""
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
    if not re.fullmatch("[A-Za-z0-9_.+-]+", text):
        raise ValueError(
            f"a value in a path must be a number or a word: got {text!r}; add a data set with it "
            "to the configuration."
        )
    return text
