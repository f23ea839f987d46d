from snakemake.utils import min_version

min_version("9.0")


configfile: f"{workflow.basedir}/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/sources.smk"
include: "workflow/rules/images.smk"
include: "workflow/rules/scattering.smk"
include: "workflow/rules/whitening.smk"
include: "workflow/rules/embedding.smk"
include: "workflow/rules/bundle.smk"
include: "workflow/rules/generator.smk"
include: "workflow/rules/evaluation.smk"
include: "workflow/rules/figures.smk"


report: "workflow/report/workflow.rst"


rule all:
    default_target: True
    input:
        "results/table1.csv",
        FIGURES,
