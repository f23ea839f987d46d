"""The points of a sweep: each an experiment, with the wildcards of its path."""

import itertools
from typing import Any

from settings import changes, errors
from settings.sweeps import Sweep

Values = dict[str, Any]


def points(name: str, sweep: dict, datasets: dict[str, dict]) -> list[dict]:
    """Return the points of a sweep, each with its values and the wildcards of its path.

    Args:
        name: Name of the sweep.
        sweep: Its settings.
        datasets: Complete settings of the data sets by name.

    Returns:
        For each point `varied`, values by dotted key, and `wildcards`: dataset, J, L, d, variant.

    Raises:
        ValueError: The data set or a key is unknown, a value is wrong, or nothing varies.
    """
    where = f"sweeps.{name}"
    if sweep["dataset"] not in datasets:
        known = errors.closest(sweep["dataset"], datasets)
        raise ValueError(f"{where}.dataset must name a data set: got {sweep['dataset']!r}; {known}")
    base = datasets[sweep["dataset"]]
    if not sweep["vary"] and not sweep["each"]:
        raise ValueError(f"{where} must vary a setting: found no vary and no each; add one.")
    for key, values in sweep["vary"].items():
        if not values:
            raise ValueError(f"{where}.vary.{key} must be a list of 1 or more: got []; name one.")
    columns = dict.fromkeys([*(key for each in sweep["each"] for key in each), *sweep["vary"]])
    found = []
    for each in sweep["each"] or [{}]:
        for values in itertools.product(*sweep["vary"].values()):
            varied = each | dict(zip(sweep["vary"], values, strict=True))
            if missing := [key for key in columns if key not in varied]:
                raise ValueError(
                    f"{where}.each must give the same settings in each mapping: found no "
                    f"{missing[0]} in {each}; add it."
                )
            found.append(_point(where, sweep["dataset"], base, sweep["with"], varied))
    return found


def _point(where: str, dataset: str, base: dict, same: Values, varied: Values) -> dict:
    if twice := [key for key in varied if key in same]:
        raise ValueError(f"{where}.with must not fix {twice[0]}, which varies: remove one of them.")
    nested = changes.read(where, same | varied, base)
    flat = changes.flat(nested)
    own, places, network = changes.split(nested)
    numbers = {key: places.get(key, base[key]) for key in changes.PLACES}
    below = changes.changed(dataset, text := changes.spell(own, base), base)
    wildcards = {"dataset": f"{dataset}{text}"} | numbers
    return {
        "varied": {key: flat[key] for key in varied},
        "wildcards": wildcards | {"variant": changes.spell(network, below)},
    }


def sweeps(config: dict, datasets: dict[str, dict]) -> dict[str, dict]:
    """Return the sweeps of a configuration, each with its `points`.

    Args:
        config: Configuration, as `configuration.datasets` accepts it.
        datasets: Complete settings of its data sets by name.

    Raises:
        ValueError: As for `points`.
    """
    found = {}
    for name, given in (config.get("sweeps") or {}).items():
        sweep = Sweep.model_validate(given).model_dump()
        found[name] = sweep | {"points": points(name, sweep, datasets)}
    return found
