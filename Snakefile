from snakemake.utils import min_version

min_version("9.12")


configfile: f"{workflow.basedir}/config.yaml"


# The path spells the experiment: a folder depends on the folders above it and on nothing beside it,
# but for a variant of the training, such as d128@training.epochs=8, which depends on d128 beside it.
pathvars:
    dataset="<results>/{dataset}",
    images="<dataset>/images",
    pixel_pca="<dataset>/pixel_pca",
    transform="<dataset>/J{J}_L{L}",
    embedding="<transform>/d{d}",
    experiment="<embedding>{variant}",


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/embedding.smk"
include: "workflow/rules/generation.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/baselines.smk"
include: "workflow/rules/latent_laws.smk"
include: "workflow/rules/memory.smk"
include: "workflow/rules/sweeps.smk"
include: "workflow/rules/comparison.smk"
include: "workflow/rules/synthesis.smk"
include: "workflow/rules/reconstruction.smk"
include: "workflow/rules/classification.smk"
include: "workflow/rules/superresolution.smk"
include: "workflow/rules/tomography.smk"
include: "workflow/rules/paper.smk"
include: "workflow/functions/command_line.smk"
include: "workflow/functions/estimate.smk"


# Behind the rules: Snakemake constrains the wildcards of a pathvar only in rules that it knows.
wildcard_constraints:
    dataset=f"(?:{'|'.join(DATASETS)}){settings.CHANGES}",
    variant=settings.CHANGES,
    split="|".join(SPLITS),
    J=r"[1-9]\d*",
    L=r"[1-9]\d*",
    d=r"[1-9]\d*",
    i=r"0|[1-9]\d*",


report: "workflow/report/workflow.rst"


rule all:
    """Table 1, and the figures of the data sets in it."""
    default_target: True
    input:
        rules.table1.output,
        rules.figures.input,


# Behind everything: it compares the targets with the outputs of the rules.
check_command_line()

# A run has hooks, a dry run has none.
if command_line() and command_line().dryrun and not command_line().quiet:
    tell_size(command_line().targets)


onstart:
    if command_line():
        tell_size(command_line().targets, least=LARGE)
