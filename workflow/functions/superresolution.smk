# What the rules of super-resolution share: the settings of a factor, and the files that it needs.
SUPERRESOLVED = "<results>/superresolution/x{factor}_N{N}_J{J}_L{L}"


def superresolved(wildcards):
    """The settings of super-resolution by one factor, of which a path names factor, N, J and L."""
    numbers = {key: int(wildcards[key]) for key in ("factor", "N", "J", "L")}
    try:
        settings.check_side(numbers["factor"], numbers["N"], numbers["J"])
    except ValueError as error:
        sys.exit(str(error))
    return {key: value for key, value in SUPERRESOLUTION.items() if key != "factors"} | numbers


def photograph_files(*keys):
    """The photographs that are files of the user; the others come with packages."""
    names = [name for key in keys for name in SUPERRESOLUTION[key] if Path(name).suffix]
    if missing := [name for name in names if not Path(name).is_file()]:
        sys.exit(
            "superresolution.train and superresolution.test must be files, or come with packages: "
            f"found none at {missing[0]}; correct it."
        )
    return names


def all_superresolved(file):
    """A file of each factor."""
    same = {key: SUPERRESOLUTION[key] for key in ("J", "L")}
    return [
        path(f"{SUPERRESOLVED}/{file}", factor=factor, N=N, **same)
        for factor, N in SUPERRESOLUTION["factors"].items()
    ]


def drawn_superresolution(name):
    """What the report says of a picture of super-resolution."""
    return {
        "caption": f"../report/superresolution_{name}.rst",
        "category": "Super-resolution",
        "labels": {"shown": name},
    }
