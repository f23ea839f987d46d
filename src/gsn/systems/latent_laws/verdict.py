"""Which law to use, said from the numbers of the comparison."""

from gsn.systems.latent_laws import comparison

Table = list[dict[str, str]]

ERRORS = 2  # deviations that two numbers must be apart
COPIES = 0.1  # `nearer` above that of the best that G allows, from which copies are suspected


def verdict(quality: Table) -> str:
    """Return sentences about which law to use.

    A law is better than another in a distance if the two differ by more than two deviations, those
    of both together. The deviations are over samples, and half the range over fits if that is more.
    The law to use is that of the smallest Frechet distance of those that are better than N(0, I)
    in both distances. Laws that are not worse by as much are named beside it.

    Args:
        quality: Rows of the table of `comparison.compare`, as text.

    Example:
        >>> from gsn.systems.latent_laws.verdict import verdict
        >>> names = ("law", "frechet", "frechet_sd", "mmd", "mmd_sd")
        >>> rows = [("gaussian", "9", "1", "3", "0.1"), ("vae", "4", "1", "1", "0.1")]
        >>> verdict([dict(zip(names, row)) for row in rows]).split(". ")[0]
        '**Use `vae`.** Its Frechet distance is 4 and its kernel distance 1, of N(0, I) 9 and 3.'
    """
    laws = {row["law"]: row for row in quality if row.get("frechet_sd")}
    normal = laws.pop(comparison.NORMAL, None)
    if normal is None:
        return "N(0, I) was not compared, so that nothing is said of which law to use."
    better = [
        name
        for name, row in laws.items()
        if _below("frechet", row, normal) and _below("mmd", row, normal)
    ]
    rest = [f"`{name}`" for name in laws if name not in better]
    if not better:
        return (
            "**Use `gaussian`.** No law is better than N(0, I) in both distances by more than "
            f"{ERRORS} deviations."
        )
    best = min(better, key=lambda name: float(laws[name]["frechet"]))
    said = [
        f"**Use `{best}`.** Its Frechet distance is {_numbers(laws[best])}, "
        f"of N(0, I) {_numbers(normal, ' and ')}."
    ]
    equal = [
        f"`{name}`"
        for name in better
        if name != best and not _below("frechet", laws[best], laws[name])
    ]
    if equal:
        said.append(f"Not told from it by the Frechet distance: {', '.join(equal)}.")
    if rest:
        said.append(f"Not better than N(0, I) in both distances: {', '.join(rest)}.")
    ceiling = next((row for row in quality if row["law"] == comparison.CEILING), {})
    nearer = float(laws[best].get("nearer") or 0)
    if nearer > max(0.5, float(ceiling.get("nearer") or 1)) + COPIES:
        said.append(
            f"Its `nearer` of {nearer:.2f} is above that of the test images: look for copies, or "
            "for images that are all alike."
        )
    return " ".join(said)


def _below(measure: str, row: dict[str, str], other: dict[str, str]) -> bool:
    return float(row[measure]) + ERRORS * _error(measure, row, other) < float(other[measure])


def _error(measure: str, *rows: dict[str, str]) -> float:
    """Return the deviation of the difference of a measure of two rows."""
    total = 0.0
    for row in rows:
        least, most = (float(row.get(f"{measure}_{end}") or 0) for end in ("least", "most"))
        total += max(float(row[f"{measure}_sd"]), (most - least) / 2) ** 2
    return total**0.5


def _numbers(row: dict[str, str], between: str = " and its kernel distance ") -> str:
    return f"{float(row['frechet']):.4g}{between}{float(row['mmd']):.3g}"
