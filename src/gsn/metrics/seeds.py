"""Mean and deviation of measures over seeds."""

import statistics
from collections.abc import Iterable, Sequence


def summarised(rows: Iterable[dict], numbers: Sequence[str]) -> list[dict]:
    """Return rows of several seeds, and behind them their mean and standard deviation.

    Args:
        rows: Rows with a `seed` and the numbers; rows that agree in all else belong together.
        numbers: Names of the numbers.

    Returns:
        For each group its rows, one with `mean` as seed, and one with `sd`, that of a sample, if
        there are several.

    Example:
        >>> rows = [{"seed": 0, "psnr": 1.0}, {"seed": 1, "psnr": 3.0}]
        >>> summarised(rows, ["psnr"])[2:]  # doctest: +ELLIPSIS
        [{'seed': 'mean', 'psnr': 2.0}, {'seed': 'sd', 'psnr': 1.414...}]
    """
    groups: dict[tuple, list[dict]] = {}
    for one in rows:
        key = tuple(value for name, value in one.items() if name not in ("seed", *numbers))
        groups.setdefault(key, []).append(one)
    found = []
    for group in groups.values():
        found += group
        summaries = {"mean": statistics.mean} | ({"sd": statistics.stdev} if len(group) > 1 else {})
        for name, summary in summaries.items():
            values = {key: summary([one[key] for one in group]) for key in numbers}
            found.append(group[0] | {"seed": name} | values)
    return found
