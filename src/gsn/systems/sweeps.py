"""Sweeps: one row for each experiment of a series, from the tables of that experiment.

A table is a list of rows, mappings from column to text, as `gsn.runtime.files.read_csv` returns.
"""

from collections.abc import Callable

Table = list[dict[str, str]]
Row = dict[str, float | int | str]


def row(varied: dict, tables: dict[str, Table], *, n: int, d: int) -> Row:
    """Return the row of one experiment: what varies, and then the measures.

    Args:
        varied: Values of the settings that vary.
        tables: Tables by name, of READERS; those of another name are read as long tables.
        n: Number of training images.
        d: Dimension of z.

    Returns:
        The varied settings, `n`, and the measures, named by table, measure and split.

    Example:
        >>> psnr = [{"split": "test", "psnr_pooled_db": "26.3", "psnr_mean_db": "27.4"}]
        >>> row({"train": 64}, {"psnr": psnr}, n=64, d=8)
        {'train': 64, 'n': 64, 'psnr_test': 26.3, 'psnr_mean_test': 27.4}
    """
    found = dict(varied) | {"n": n}
    for name, table in tables.items():
        found |= READERS[name](table, d) if name in READERS else long(table, d)
    return found


def long(table: Table, d: int, *, at: bool = True) -> Row:
    """Return the numbers of a long table as one row, `measure_split_at`.

    Args:
        table: Rows with the columns measure and value, and if there are split, d and at.
        d: Dimension of z; rows of another d are left out.
        at: Whether rows with a value of `at` are kept.

    Example:
        >>> long([{"measure": "alpha", "split": "train", "d": "8", "at": "", "value": "3"}], 8)
        {'alpha_train': 3.0}
    """
    kept = [
        line for line in table if line.get("d", "") in ("", str(d)) and (at or not line.get("at"))
    ]
    return {
        "_".join(filter(None, (line["measure"], line.get("split"), line.get("at")))): float(
            line["value"]
        )
        for line in kept
    }


def _psnr(name: str) -> Callable[[Table, int], Row]:
    def read(table: Table, d: int) -> Row:
        found: Row = {f"{name}_{line['split']}": float(line["psnr_pooled_db"]) for line in table}
        if name == "psnr":
            found |= {f"psnr_mean_{line['split']}": float(line["psnr_mean_db"]) for line in table}
        return found

    return read


def _training(table: Table, d: int) -> Row:
    return {"seconds": float(table[-1]["seconds"])}


def _gaussianity(table: Table, d: int) -> Row:
    """Return the shares of the components that are rejected, of all images of each split."""
    largest = {line["split"]: int(line["n"]) for line in table}  # the last of a split has all
    return {
        f"rejected_{line['test'].replace('-', '_')}_{line['split']}": int(line["rejected_0.05"])
        / int(line["d"])
        for line in table
        if int(line["n"]) == largest[line["split"]]
    }


def _joint(table: Table, d: int) -> Row:
    names = ("energy", "energy_p", "dependence", "dependence_p")
    return {f"{name}_{line['split']}": float(line[name]) for line in table for name in names}


def _detail(table: Table, d: int) -> Row:
    """Return the energy kept and the error of the finest octave."""
    finest = max(float(line["at"]) for line in table)
    return {
        f"{line['measure']}_finest_{line['split']}": float(line["value"])
        for line in table
        if line["measure"] in ("energy_kept", "error") and float(line["at"]) == finest
    }


READERS: dict[str, Callable[[Table, int], Row]] = {
    "psnr": _psnr("psnr"),
    "ridge": _psnr("ridge"),
    "pixel_pca": _psnr("pixel_pca"),
    "training": _training,
    "embedding": lambda table, d: long(table, d, at=False),
    "gaussianity": _gaussianity,
    "joint": _joint,
    "detail": _detail,
}
