FIGURE_NAMES = [
    "figure2_train",
    "figure3_test",
    "figure4_samples",
    "figure5_interpolation",
    "training",
]
FIGURES = [f"{experiment(name)}/figures/{figure}.png" for name in config["table1"] for figure in FIGURE_NAMES]


rule draw_figures:
    input:
        generator="results/{dataset}/J{J}_L{L}/d{d}/generator.pt",
        history="results/{dataset}/J{J}_L{L}/d{d}/training.csv",
        z=expand("results/{{dataset}}/J{{J}}_L{{L}}/d{{d}}/z/{split}.zarr/zarr.json", split=["train", "test"]),
        images=expand("results/{{dataset}}/images/{split}.zarr/zarr.json", split=["train", "test"]),
        code=code(*GENERATOR, "figures", "samplers/gaussian", script="draw_figures"),
    output:
        **{
            figure: report(
                f"results/{{dataset}}/J{{J}}_L{{L}}/d{{d}}/figures/{figure}.png",
                caption=f"../report/{figure}.rst",
                category="{dataset}",
                subcategory="J = {J}, L = {L}, d = {d}",
                labels={"figure": figure},
            )
            for figure in FIGURE_NAMES
        },
    log:
        "logs/{dataset}/draw_figures_J{J}_L{L}_d{d}.log",
    benchmark:
        "logs/{dataset}/draw_figures_J{J}_L{L}_d{d}.tsv"
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        seed=setting("seed"),
    script:
        "../scripts/draw_figures.py"
