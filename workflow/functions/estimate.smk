# What a run takes, told at its start: bytes on the disk, and hours where a rate was measured.
from settings import sizes

LARGE = 10 * 10**9  # bytes; a run of more tells its size, and a dry run always
# RGB images/s of the transform at L = 8, by J and N, in the first table of docs/performance.md.
RATES = {(2, 28): 691.0, (3, 32): 354.5, (4, 64): 98.3, (4, 128): 40.8}
WHERE = "2 cores of an AMD EPYC without a GPU (docs/performance.md)"


def tell_size(targets, *, least=0):
    """Print what the data sets take that the targets concern, if all of it is at least some bytes."""
    experiments = set(concerned(targets))
    stored = bytes_of(experiments)
    if sum(stored.values()) < max(least, 1):
        return
    for name in sorted({name for _, name, *_ in stored}):
        sizes_of = {}
        for (what, owner, *_), size in stored.items():
            if owner == name:
                sizes_of[what] = sizes_of.get(what, 0) + size
        listed = ", ".join(f"{what} {amount(size)}" for what, size in sizes_of.items())
        tell(f"{name}, before compression: {listed}.")
    tell(
        f"In all {amount(sum(stored.values()))}, which includes what exists already; the disk "
        f"has {amount(free_bytes())} free. {hours(experiments)}"
    )


def concerned(targets):
    """The data sets that the targets concern, each with the J, L and d that they need, or None."""
    targets = set(map(os.path.normpath, targets)) or {"all"}
    named = {"all", "table1", "figures", "latent_laws", "claims", "memory", "paper", "comparison"}
    results = workflow.pathvars.get("results")
    tables = ("table1.csv", "table1.md", "comparison.csv", "comparison.md")
    if targets & (named | {f"{results}/{name}" for name in tables}):
        for name in config["table1"]:
            yield tuple(own(name)[key] for key in ("dataset", "J", "L", "d"))
    points = [] if not targets & {"sweeps", "paper"} else list(SWEEPS)
    points += [name for name in SWEEPS if f"{results}/sweeps/{name}" in map(no_ending, targets)]
    for point in (point for name in points for point in SWEEPS[name]["points"]):
        yield tuple(point["wildcards"][key] for key in ("dataset", "J", "L", "d"))
    if targets & {"table1_seeds", f"{results}/table1_seeds.csv"}:
        for place in seeded():
            yield tuple(own(place)[key] for key in ("dataset", "J", "L", "d"))
    inside = r"([^/]+)/(?:J(\d+)_L(\d+)/(?=scattering/|pca\.zarr/|d\d)(?:d(\d+)[^/]*/)?)?"
    for target in targets:
        place = re.match(f"{re.escape(results)}/{inside}", target)
        if place and settings.changes.parts(place[1])[0] in DATASETS:
            yield (place[1], *(number and int(number) for number in place.groups()[1:]))


def no_ending(file):
    return os.path.splitext(file)[0]


def bytes_of(experiments):
    """The bytes of what experiments store, by its kind and the numbers that it depends on."""
    stored = {}
    for name, J, L, d in sorted(experiments, key=str):
        numbers = {key: value for key, value in (("J", J), ("L", L), ("d", d)) if value}
        known = checked(name, **numbers) if numbers else counted(name)
        stored["images", name] = sizes.images(known)
        if J:
            stored["coefficients", name, J, L] = sizes.scattering(known)
        if d:
            stored["z", name, J, L, d] = sizes.embeddings(known)
    return stored


def hours(experiments):
    """The sentence about the time: of the transform, where it was measured at this size."""
    seconds = {}
    for name, J, L, _ in experiments:
        known = counted(name)
        if L == 8 and known["channels"] == 3 and (J, known["N"]) in RATES:
            seconds[name, J] = (known["train"] + known["test"]) / RATES[J, known["N"]]
    if not seconds:
        return "Hours are left out: docs/performance.md has no rate at these sizes."
    known = sum(seconds.values()) / 3600
    return (
        f"The transform takes {f'{known:.2g} h' if known >= 0.1 else 'less than 0.1 h'} on {WHERE}; "
        "hours of the PCA and of the training are left out, since no rate is known."
    )


def free_bytes():
    """The free bytes of the disk of the results, or of the folder in which they will be."""
    results = Path(workflow.pathvars.get("results")).absolute()
    return shutil.disk_usage(next(p for p in (results, *results.parents) if p.exists())).free


def amount(size):
    """Bytes in words."""
    units = (("GB", 10**9), ("MB", 10**6), ("kB", 10**3), ("bytes", 1))
    unit, factor = next(pair for pair in units if size >= pair[1] or pair[1] == 1)
    return f"{size / factor:.3g} {unit}"


def tell(sentence):
    print(sentence, file=sys.stderr)
