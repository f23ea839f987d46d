# What the rules of tomography share: the settings of a family and a geometry, and the CT.
TOMOGRAMS = "<results>/tomography/{family}/{geometry}_N{N}_J{J}_L{L}"


def tomography_of(wildcards):
    """The settings of one family and geometry, of which a path names N, J and L."""
    geometries = TOMOGRAPHY["geometries"]
    if wildcards.geometry not in geometries:
        known = settings.closest(wildcards.geometry, geometries)
        sys.exit(f"no geometry {wildcards.geometry!r} in tomography.geometries; {known}")
    numbers = {key: int(wildcards[key]) for key in ("N", "J", "L")}
    try:
        settings.check_tomography(numbers["N"], numbers["J"])
    except ValueError as error:
        sys.exit(str(error))
    own = {key: value for key, value in TOMOGRAPHY.items() if key not in ("families", "geometries")}
    return own | numbers | {"geometry": geometries[wildcards.geometry]}


def head_ct(wildcards):
    """The CT, of the user or to be fetched, for the family that needs it."""
    if wildcards.family != "ct":
        return []
    if raw := TOMOGRAPHY["raw"]:
        if not Path(raw).is_file():
            sys.exit(f"tomography: {raw} must exist, as the configuration says: correct `raw`.")
        return raw
    return rules.download_head_ct.output[0]


def all_tomograms(file):
    """A file of each family and geometry."""
    same = {key: TOMOGRAPHY[key] for key in ("N", "J", "L")}
    return [
        path(f"{TOMOGRAMS}/{file}", family=family, geometry=geometry, **same)
        for family in TOMOGRAPHY["families"]
        for geometry in TOMOGRAPHY["geometries"]
    ]


def drawn_tomography(name):
    """What the report says of a picture of tomography."""
    return {
        "caption": f"../report/tomography_{name}.rst",
        "category": "Tomography",
        "labels": {"shown": name},
    }
