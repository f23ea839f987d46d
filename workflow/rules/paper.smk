# Every table and figure of Angles & Mallat 2018, of the data sets of `table1`.
include: "../functions/paper.smk"


rule paper:
    """Every table and figure of Angles & Mallat, what its text claims, and a page on each data set of `table1`."""
    input:
        rules.table1.output,
        rules.figures.input,
        [file for name in config["table1"] for file in shown_of(name)],
        rules.claims.input,
        rules.memory.input,
        rules.comparison.output,
        rules.sweeps.input,
