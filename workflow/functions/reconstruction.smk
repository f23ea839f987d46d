# What the rules of the reconstruction share: the settings of a part, and the files that it needs.


def reconstructed(wildcards):
    """The settings of a part of the reconstruction, of which a path names J, L and the order."""
    part = wildcards.get("pictures", "recovery")
    own = RECONSTRUCTION[part]
    try:
        settings.check_scale(part, own["N"], int(wildcards.J))
    except ValueError as error:
        sys.exit(str(error))
    same = {key: RECONSTRUCTION[key] for key in ("tolerance", "seed")}
    numbers = {key: int(wildcards[key]) for key in ("J", "L", "order")}
    return {key: value for key, value in own.items() if key != "J"} | same | numbers


def picture_files(wildcards):
    """The files of the user among the photographs; the others come with scikit-image."""
    if wildcards.pictures != "photographs":
        return []
    names = [name for name in RECONSTRUCTION["photographs"]["images"] if Path(name).suffix]
    if missing := [name for name in names if not Path(name).is_file()]:
        sys.exit(
            "reconstruction.photographs.images must be files, or in scikit-image: found none at "
            f"{missing[0]}; correct it."
        )
    return names


def all_reconstructed(part, file):
    """A file of a part of the reconstruction for each of its scales and orders."""
    return [
        path(file, pictures=part, J=J, L=RECONSTRUCTION[part]["L"], order=order)
        for order in RECONSTRUCTION["orders"]
        for J in RECONSTRUCTION[part]["J"]
    ]


def drawn_reconstruction(name):
    """What the report says of a picture of the reconstruction."""
    return {
        "caption": f"../report/reconstruction_{name}.rst",
        "category": "Reconstruction",
        "labels": {"shown": name},
    }
