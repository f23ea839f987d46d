"""Values of a NetCDF variable in its unit."""

from collections.abc import Mapping

import numpy as np


def physical(x: np.ndarray, attributes: Mapping) -> np.ndarray:
    """Return values in the unit of a NetCDF variable, with NaN where they are missing.

        x scale_factor + add_offset

    Args:
        x: Stored values, of any shape and real dtype.
        attributes: Attributes of the variable. Those that count are `scale_factor`, `add_offset`,
            and `_FillValue` and `missing_value`, which stand for a missing value.

    Returns:
        Values in float64, or x itself where there are no such attributes.

    References:
        NetCDF Climate and Forecast (CF) Metadata Conventions, sections 2.5.1 and 8.1.

    Example:
        >>> import numpy as np
        >>> from gsn.data.fields.units import physical
        >>> physical(np.array([1, 2, -9]), {"scale_factor": 0.5, "_FillValue": -9}).tolist()
        [0.5, 1.0, nan]
    """
    known = {"scale_factor", "add_offset", "_FillValue", "missing_value"} & set(attributes)
    if not known:
        return x
    values = x.astype(np.float64)
    for name in known & {"_FillValue", "missing_value"}:
        values[x == np.ravel(attributes[name])[0]] = np.nan
    scale, offset = (
        np.ravel(attributes.get(name, default))[0]
        for name, default in (("scale_factor", 1), ("add_offset", 0))
    )
    return values * scale + offset
