"""What every section of the configuration is made of: strict fields, each with its meaning."""

import contextlib
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticKnownError

NAME = "^[A-Za-z0-9][A-Za-z0-9_-]*$"  # of what becomes a folder in results/


class Section(BaseModel):
    """A mapping of known keys, whose values are converted only from text to numbers."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Part(Section):
    """The keys of a data set that one part of the workflow reads.

    Each module of a part has a subclass called `Settings`; `configuration.DataSet` has the keys of
    all. The first line of its docstring is its heading on the reference page.
    """

    @classmethod
    def complete(cls, settings: dict) -> None:
        """Change what depends on other keys, in the complete settings of a data set."""

    @classmethod
    def omissions(cls, settings: dict, own: dict) -> Iterator[str]:
        """Yield keys that are missing, or that must not be given, as `must ...: found ...`.

        Args:
            settings: Complete settings of a data set.
            own: Settings that the data set itself gives, without the defaults.
        """
        yield from ()

    @classmethod
    def faults(cls, settings: dict) -> Iterator[str]:
        """Yield numbers that no stage can work with, as `N must ...: got ...`.

        Args:
            settings: Complete settings of a data set, with `train` and `test`.
        """
        yield from ()


def read_integer(value: object) -> object:
    """Convert text to an integer; refuse other numbers and booleans, which would pass for one."""
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            return int(value)
    if isinstance(value, bool | float):
        raise PydanticKnownError("int_type")
    return value


def read_number(value: object) -> object:
    """Convert text to a number: YAML's 4e-3 is text, and so may be the values of --config."""
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            return float(value)
    return value


Integer = Annotated[int, BeforeValidator(read_integer)]
Number = Annotated[float, BeforeValidator(read_number)]


def absent() -> None:
    """Return the value of a key that was not given, which `model_dump(exclude_none=True)` omits."""


def field(meaning: str, default: Any = absent, *, accepts: str | None = None, **bounds: Any) -> Any:
    """Return the field of a key that may be left out.

    Args:
        meaning: Noun phrase with the unit.
        default: Value of the key if it is left out, or the function that makes it, of the values of
            the keys above. Without it the key is then absent.
        accepts: Values of the key in words, where type and bounds say too little.
        bounds: Bounds of the value, as in pydantic's `Field`.
    """
    known = {"description": meaning, "json_schema_extra": {"accepts": accepts} if accepts else None}
    if callable(default):
        return Field(default_factory=default, **known, **bounds)
    return Field(default, **known, **bounds)


Seed = Annotated[
    int,
    Field(ge=0, description="Seed of everything that is drawn at random"),
    BeforeValidator(read_integer),
]
