"""The page of the targets, from the text of the rules: their docstrings and their output paths."""

import re
from collections.abc import Iterator
from pathlib import Path

INTRODUCTION = """\
<!-- Made from Snakefile and workflow/rules by docs/_ext/targets.py; edit the docstrings there. -->

# Reference of the targets

A target is the name of a file below, after `.venv/bin/snakemake --cores 8`. `{dataset}` is the name
of a data set in the configuration, and `{split}` is `train` or `test`. `{J}`, `{L}` and `{d}` are
numbers. `{i}` is the number of a shard. `{variant}` is nothing, or changed settings of the network
and of its training, such as `@training.epochs=8`. Other settings are changed behind the name of
the data set, such as `polygon5-32@seed=1` ([sweeps](../systems/sweeps.md)). `{example}` and
`{model}` are names under `synthesis` in the configuration. The target of a rule without files of
its own is the name of the rule. [Results](results.md) describes the contents of the files.

"""
RULE = re.compile(r"^(?:use rule \w+ as (\w+) with|rule (\w+)):\n(.*?)(?=^\S|\Z)", re.M | re.S)
LIST = re.compile(r"^([A-Z]+) = \((.*?)\)$", re.M | re.S)
TITLES = {"Snakefile": "The default"}


def page(root: Path) -> str:
    """Return the page in Markdown."""
    snakefile = root / "Snakefile"
    pathvars = _pathvars(snakefile.read_text())
    texts = [file.read_text() for file in sorted((root / "workflow").rglob("*.smk"))]
    lists = {name: _strings(body) for text in texts for name, body in LIST.findall(text)}
    blocks = []
    for file in [snakefile, *sorted((root / "workflow/rules").glob("*.smk"))]:
        text = file.read_text()
        title = TITLES.get(file.stem, file.stem.capitalize().replace("_", " "))
        sections = [_section(*rule) for rule in rules(text, pathvars, lists)]
        if sections:
            blocks.append("\n".join([f"## {title}\n", *sections]))
    return INTRODUCTION + "\n".join(blocks)


def _section(name: str, meaning: str, paths: list[str]) -> str:
    files = "\n".join(["```text", *paths, "```", ""]) if paths else ""
    return f"### {name}\n\n{meaning}\n\n{files}"


def rules(
    text: str, pathvars: dict[str, str], lists: dict[str, list[str]]
) -> Iterator[tuple[str, str, list[str]]]:
    """Yield name, meaning and paths of each rule of a file."""
    for match in RULE.finditer(text):
        reused, name, body = match.groups()
        said = re.search(r'"""(.*?)"""', body, re.S)
        meaning = said[1] if said else re.search(r"# (.*)", body)[1]
        meaning = re.sub(r"\s*\n\s*\n.*", "", meaning, flags=re.S)  # the first paragraph
        output = re.search(r"^    output:\n(.*?)(?=^    \w|\Z)", body, re.M | re.S)
        paths = list(_paths(output[1], lists)) if output else []
        yield name or reused, " ".join(meaning.split()), [_filled(path, pathvars) for path in paths]


def _paths(output: str, lists: dict[str, list[str]]) -> Iterator[str]:
    """Yield the paths in the text of an output: strings with a slash, and the figures by name."""
    figures = re.search(r"reported\((.*?)\)", output, re.S)
    plain = output.replace(figures[0], "") if figures else output
    yield from (path for path in _strings(plain) if "/" in path and not path.startswith("../"))
    if figures:
        starred = re.search(r"\*(\w+)", figures[1])
        names = lists[starred[1]] if starred else _strings(figures[1])
        place = re.search(r'at="(.*?)"', figures[1])
        folder = place[1] if place else "<experiment>"
        yield from (f"{folder}/figures/{name}.png" for name in names if name != folder)


def _strings(text: str) -> list[str]:
    return re.findall(r'"([^"]*)"', text)


def _pathvars(snakefile: str) -> dict[str, str]:
    body = re.search(r"^pathvars:\n(.*?)(?=^\S)", snakefile, re.M | re.S)[1]
    return {"results": "results"} | dict(re.findall(r'(\w+)="(.*?)"', body))


def _filled(path: str, pathvars: dict[str, str]) -> str:
    while "<" in path:
        path = re.sub(r"<(\w+)>", lambda name: pathvars[name[1]], path)
    return path
