"""Settings of the classification: training sizes, subsets, scales, and what is compared."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from settings.section import Integer, Part, Section, field, read_integer

Size = Annotated[int, Field(ge=10), BeforeValidator(read_integer)]
Few = Annotated[int, Field(ge=1), BeforeValidator(read_integer)]
Scale = Annotated[int, Field(ge=1), BeforeValidator(read_integer)]


class Classification(Section):
    """Classification."""

    sizes: list[Size] = field(
        "Numbers of training images; those above `train` are left out, and `train` is added",
        [300, 1000, 2000, 5000, 10000, 20000, 40000, 60000],
        min_length=1,
    )
    subsets: Integer = field("Number of random subsets of each size up to 5,000", 10, ge=1)
    J: list[Scale] = field(
        "Scales, as log2, of which cross-validation chooses one", [2, 3], min_length=1
    )
    L: Integer = field("Number of angles", 8, ge=1)


class Settings(Part):
    """Classification"""

    classification: Classification = field("Classification", Classification)
