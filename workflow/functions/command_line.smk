# The command line, checked before Snakemake looks for rules and executors.
import difflib
import itertools

import snakemake.cli
from snakemake.io import strip_wildcard_constraints


@functools.cache
def command_line():
    """The command line as Snakemake reads it; None in a job, and in other programs."""
    program = Path(sys.argv[0])
    if not workflow.is_main_process or "snakemake" not in (program.stem, program.parent.name):
        return None
    return snakemake.cli.parse_args(sys.argv[1:])[1]


def check_command_line():
    """End the run if it asks for Slurm where there is none, or for a target that no rule makes."""
    if (given := command_line()) is None:
        return
    if given.executor == "slurm" and shutil.which("sbatch") is None:
        sys.exit(
            "profiles/slurm must be used on a machine with Slurm's commands: found no sbatch; log in "
            "to the cluster, or leave the profile out to run on this machine."
        )
    names = {known.name for known in workflow.rules}
    # As Snakemake does: ./results/table1.csv is results/table1.csv.
    for target in map(os.path.normpath, given.targets):
        check_changes(target)
        if target in names or is_made(target):
            continue
        if os.path.isabs(target):
            inside = relative(target)
            if is_made(inside):  # Snakemake would take it for another file
                sys.exit(f"{target}: targets here must be relative paths; use {inside}.")
        if not Path(target).is_file():
            sys.exit(refusal(target, names))


def refusal(target, names):
    """The sentence about a target that no rule makes."""
    if os.path.isabs(target) and not relative(target).startswith(".."):
        target = relative(target)
    place = re.match(rf"{re.escape(workflow.pathvars.get('results'))}/([^/]+)/", target)
    of_all = place and place[1] in settings.FOLDERS  # of no data set
    if place and not of_all and (name := settings.changes.parts(place[1])[0]) not in DATASETS:
        closest = settings.closest(name, DATASETS)
        return (
            f"{target}: no data set {name!r} in the configuration; {closest} Or add --configfile."
        )
    candidates = {*names, *plain_targets()}
    if of_all and place[1] == "synthesis" and SYNTHESES:
        candidates = set(targets_of_syntheses())
    elif of_all and place[1] == "sweeps" and SWEEPS:
        endings = (".csv", ".png")
        candidates = {path(f"<results>/sweeps/{name}{end}") for name in SWEEPS for end in endings}
    elif place and not of_all:
        candidates = set(targets_like(target, place[1]))
    nearest = difflib.get_close_matches(target, sorted(candidates), n=1, cutoff=0)[0]
    return f"{target}: no rule makes it; the nearest target is {nearest}."


def check_changes(target):
    """End the run if the changes of settings in a target are wrong, whatever file it names."""
    inside = (
        rf"{re.escape(workflow.pathvars.get('results'))}/([^/]+)/(?:J(\d+)_L(\d+)/d(\d+)([^/]*))?"
    )
    place = re.match(inside, f"{target}/")
    if place and settings.changes.parts(place[1])[0] in DATASETS:
        dataset(place[1])
        if place[5]:
            numbers = {key: int(place[i]) for i, key in enumerate(("J", "L", "d"), start=2)}
            checked(place[1], place[5], **numbers)


def relative(target):
    """An absolute path as seen from this folder, whatever links lead to either."""
    seen = [(target, os.environ.get("PWD", os.curdir)), (target, os.curdir)]
    seen.append((os.path.realpath(target), os.path.realpath(os.curdir)))
    paths = [os.path.relpath(*pair) for pair in seen]
    return next(filter(is_made, paths), paths[-1])


def is_made(target):
    """Whether a rule makes it."""
    return any(output.match(target) for output in all_outputs())


def all_outputs():
    """The outputs of all rules, with their wildcards."""
    return [output for known in workflow.rules for output in known.output]


def plain_targets():
    """The targets without wildcards, such as results/table1.csv."""
    return [str(output) for output in all_outputs() if "{" not in output]


def targets_like(target, name):
    """The targets of a data set, with the J, L, d and split that a target names, else its own."""
    known = own(name) | {"i": 0, "fit": ""}
    if named := re.search(r"/d\d+(@[^/]+)/", target):
        known["variant"] = named[1]
    for key in ("J", "L", "d"):
        if number := re.search(rf"[/_]{key}([1-9]\d*)", target):
            known[key] = int(number[1])
    for output in all_outputs():
        for split, law, sweep, method in itertools.product(SPLITS, LAW_NAMES, LAW_SWEEPS, COMPARED):
            named = {"split": split, "law": law, "sweep": sweep, "method": method}
            try:
                yield strip_wildcard_constraints(output).format(**known | named)
            except KeyError:  # a wildcard that only other targets have
                continue
