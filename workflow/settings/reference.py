"""What the classes say of themselves: the reference page of the docs, and the schema for editors.

python -m settings.reference schema|page      in workflow/, or with it on PYTHONPATH
"""

import argparse
import json
from collections.abc import Iterator

from pydantic.json_schema import GenerateJsonSchema

from settings import data
from settings.configuration import PARTS, Configuration
from settings.reconstruction import Reconstruction
from settings.section import Section
from settings.superresolution import Superresolution
from settings.synthesis import Example, Model
from settings.tomography import Tomography

INTRODUCTION = """\
<!-- Made by `python -m settings.reference page` from workflow/settings; edit the classes there. -->

# Reference of the configuration

`config.yaml` names data sets and gives their settings. Another file, given with `--configfile`, is
merged over it. If a data set does not give a key, the key has its value in the mapping `defaults`
of the configuration, or else the default below. Unknown keys are refused. A dot separates the keys
of nested mappings: `training.epochs` is the key `epochs` in the mapping `training`.
"""

SOURCES = """\
## Sources

A data set must give `source` and `N`, and the keys that its source requires. The sources `folder`,
`hdf5` and `npy` use all images if `train` and `test` are left out: for the test, those of the
folder `test` if there is one, or else a fifth of all.

| Source | Required keys | Optional keys | Values of `splits` |
| --- | --- | --- | --- |
"""


class _Untitled(GenerateJsonSchema):
    def field_title_should_be_set(self, schema) -> bool:  # a title would only repeat the key
        return False


def schema() -> dict:
    """Return the JSON schema of the configuration, by which an editor completes and checks it."""
    made = _schema(Configuration)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | made


def page() -> str:
    """Return the reference page of the configuration, in Markdown."""
    blocks = [INTRODUCTION, _table("Configuration", Configuration, depth=1), SOURCES + _sources()]
    blocks += [_table(part.__doc__.splitlines()[0], part, depth=3) for part in PARTS]
    blocks += [_table("Synthesis", Example, prefix="synthesis.NAME.")]
    blocks += [_table("Models of a synthesis", Model, prefix="synthesis.NAME.models.NAME.")]
    blocks += [_table("Reconstruction", Reconstruction, prefix="reconstruction.")]
    blocks += [_table("Super-resolution", Superresolution, prefix="superresolution.")]
    blocks += [_table("Tomography", Tomography, prefix="tomography.")]
    return "\n".join(blocks)


def _schema(model: type[Section]) -> dict:
    return model.model_json_schema(schema_generator=_Untitled)


def _table(heading: str, model: type[Section], *, depth: int = 2, prefix: str = "") -> str:
    whole = _schema(model)
    rows = "".join(_rows(whole, whole, depth=depth, prefix=prefix))
    head = "| Key | Type and bounds | Default | Meaning |\n| --- | --- | --- | --- |\n"
    return f"## {heading}\n\n{head}{rows}"


def _rows(whole: dict, section: dict, *, depth: int, prefix: str = "") -> Iterator[str]:
    """Yield a row for each key of a section, each followed by its own keys if it is a section.

    Args:
        whole: Schema with the definitions.
        section: Schema of the section.
        depth: Number of levels of keys.
        prefix: Path of the section, with a dot at its end.
    """
    for name, key in section["properties"].items():
        default = f"`{_text(key['default'])}`" if "default" in key else ""
        if name in (*section.get("required", ()), *([] if prefix else data.ALWAYS)):
            default = "must be given"
        of = data.sources(name) if not prefix else []
        meaning = f"{key['description']}.{f' Only for {_list(of)}.' if of else ''}"
        yield f"| `{prefix}{name}` | {_accepts(key)} | {default} | {_escape(meaning)} |\n"
        if "$ref" in key and depth > 1:
            inner = whole["$defs"][key["$ref"].rsplit("/", 1)[1]]
            yield from _rows(whole, inner, depth=depth - 1, prefix=f"{prefix}{name}.")


def _accepts(key: dict) -> str:
    """Return the type and the bounds of a key in words."""
    if "accepts" in key:
        return _escape(key["accepts"])
    if "enum" in key:
        return ", ".join(f"`{value}`" for value in key["enum"])
    bounds = {
        "minimum": "at least {}",
        "exclusiveMinimum": "more than {}",
        "maximum": "at most {}",
        "exclusiveMaximum": "less than {}",
        "multipleOf": "a multiple of {}",
    }
    kinds = {"string": "text", "array": "list", "object": "mapping"}
    kind = key.get("type", "object")
    words = [text.format(_text(key[bound])) for bound, text in bounds.items() if bound in key]
    return ", ".join([kinds.get(kind, kind), *words])


def _sources() -> str:
    rows = (
        (
            f"`{name}`",
            _keys(told.required),
            _keys(told.may),
            _keys(told.splits) if "splits" in told.may else "",
        )
        for name, told in data.SOURCES.items()
    )
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _keys(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _list(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _escape(text: str) -> str:
    return text.replace("*", r"\*").replace("|", r"\|")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["schema", "page"])
    print(json.dumps(schema(), indent=2) if parser.parse_args().what == "schema" else page())
