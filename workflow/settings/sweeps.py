"""Settings of the sweeps: tables over the values of any settings, an experiment for each."""

from typing import Any, Literal

from pydantic import Field, create_model

from settings.section import Section, field

Measure = Literal["psnr", "embedding", "gaussianity", "detail"]
Value = dict[str, Any]

_With = create_model(  # `with` is a word of Python
    "_With",
    __base__=Section,
    **{"with": (Value, field("Settings of all points by dotted key, {training.epochs: 8}", dict))},
)


class Sweep(_With):
    """One table and its figure."""

    dataset: str = Field(description="Name of the data set whose settings are changed")
    vary: dict[str, list[Any]] = field(
        "Lists of values by dotted key, {train: [256, 1024]}; all combinations are made", dict
    )
    each: list[Value] = field(
        "Mappings of settings that change together, such as {train: 256, training.epochs: 64}, in "
        "all combinations with `vary`",
        list,
    )
    measure: list[Measure] = field("Tables that are read at each point", ["psnr"], min_length=1)
