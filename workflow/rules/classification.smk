# Classification: affine PCA and SVM on pixels and scattering coefficients, against the training size.
include: "../functions/classification.smk"


rule scatter_padded:
    """Scatter the images of a split, padded to sides that are multiples of 2^J."""
    input:
        "<images>/{split}.zarr/zarr.json",
    output:
        "<dataset>/classification/J{J}_L{L}/{split}.zarr/zarr.json",
    log:
        "<logs>/{dataset}/scatter_padded_J{J}_L{L}_{split}.log",
    benchmark:
        "<logs>/{dataset}/scatter_padded_J{J}_L{L}_{split}.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(4000),
        runtime=grows(120),
    params:
        code=code("classification/scatter_padded"),
    script:
        "../scripts/classification/scatter_padded.py"


rule measure_classifier:
    """Measure the test error of a classifier of some features against the number of training images."""
    input:
        train="<images>/train.zarr/zarr.json",
        test="<images>/test.zarr/zarr.json",
        train_S=padded_stores("train"),
        test_S=padded_stores("test"),
    output:
        errors="<dataset>/classification/{features}_{classifier}.csv",
        mistakes="<dataset>/classification/{features}_{classifier}_mistakes.csv",
    log:
        "<logs>/{dataset}/measure_classifier_{features}_{classifier}.log",
    benchmark:
        "<logs>/{dataset}/measure_classifier_{features}_{classifier}.tsv"
    wildcard_constraints:
        features="|".join(COMPARED_FEATURES),
        classifier="|".join(COMPARED_CLASSIFIERS),
    conda:
        "../../envs/gsn.yaml"
    threads: lambda wildcards: {"svm": 1, "affine": 2}[wildcards.classifier]  # LIBSVM has one
    resources:
        mem_mb=grows(classification_memory),
        runtime=grows(480),
    params:
        code=code("classification/measure_classifier"),
        settings=classified("sizes"),
        seed=lambda wildcards: counted(wildcards.dataset)["seed"],
    script:
        "../scripts/classification/measure_classifier.py"


rule measure_least:
    """Measure the least error: affine PCA of few images, or an SVM, with translations by a pixel."""
    input:
        train="<images>/train.zarr/zarr.json",
        test="<images>/test.zarr/zarr.json",
    output:
        "<dataset>/classification/least.csv",
    log:
        "<logs>/{dataset}/measure_least.log",
    benchmark:
        "<logs>/{dataset}/measure_least.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(classification_memory),
        runtime=grows(240),
    params:
        code=code("classification/measure_least"),
        settings=translated,
        seed=lambda wildcards: counted(wildcards.dataset)["seed"],
    script:
        "../scripts/classification/measure_least.py"


rule tabulate_classifiers:
    """The errors of all classifiers of a data set beside the published ones, as table and curves."""
    input:
        errors=classifiers_of(".csv"),
        least="<dataset>/classification/least.csv",
        mistakes=classifiers_of("_mistakes.csv"),
        images="<images>/test.zarr/zarr.json",
    output:
        table="<dataset>/classification/errors.csv",
        errors=report("<dataset>/classification/errors.png", **drawn_classification("errors")),
        wrong=report("<dataset>/classification/wrong.png", **drawn_classification("wrong")),
    log:
        "<logs>/{dataset}/tabulate_classifiers.log",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(1500),
        runtime=grows(10),
    params:
        code=code("classification/tabulate_classifiers"),
        source=lambda wildcards: counted(wildcards.dataset)["source"],
    script:
        "../scripts/classification/tabulate_classifiers.py"


rule measure_few:
    """Measure the errors from few labels: scattering beside pixels, HOG and a small network."""
    input:
        train="<images>/train.zarr/zarr.json",
        test="<images>/test.zarr/zarr.json",
        train_S=few_store("train"),
        test_S=few_store("test"),
    output:
        table="<dataset>/classification/few.csv",
        figure=report("<dataset>/classification/few.png", **drawn_classification("few")),
    log:
        "<logs>/{dataset}/measure_few.log",
    benchmark:
        "<logs>/{dataset}/measure_few.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(classification_memory),
        runtime=grows(240),
    params:
        code=code("classification/measure_few"),
        settings=few_settings,
        seed=lambda wildcards: counted(wildcards.dataset)["seed"],
    script:
        "../scripts/classification/measure_few.py"


rule measure_moved:
    """Measure the error of affine PCA on images that are rotated and scaled at random."""
    input:
        train="<images>/train.zarr/zarr.json",
        test="<images>/test.zarr/zarr.json",
    output:
        "<dataset>/classification/moved.csv",
    log:
        "<logs>/{dataset}/measure_moved.log",
    benchmark:
        "<logs>/{dataset}/measure_moved.tsv"
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(classification_memory),
        runtime=grows(120),
    params:
        code=code("classification/measure_moved"),
        settings=moved_settings,
        seed=lambda wildcards: counted(wildcards.dataset)["seed"],
    script:
        "../scripts/classification/measure_moved.py"


rule train_network:
    """Train a network that classifies scattering coefficients, or pixels, from its last state if there is one."""
    input:
        train="<images>/train.zarr/zarr.json",
        test="<images>/test.zarr/zarr.json",
        train_S=network_store("train"),
        test_S=network_store("test"),
    output:
        table="<dataset>/classification/networks/{method}.csv",
        network="<dataset>/classification/networks/{method}.pt",
    log:
        "<logs>/{dataset}/train_network_{method}.log",
    benchmark:
        "<logs>/{dataset}/train_network_{method}.tsv"
    wildcard_constraints:
        method="|".join(NETWORKS),
    conda:
        "../../envs/gsn.yaml"
    threads: 8
    resources:
        gpu=GPU,
        mem_mb=grows(classification_memory),
        runtime=grows(480),
    params:
        code=code("classification/train_network"),
        settings=lambda wildcards: counted(wildcards.dataset)["classification"]["networks"],
        seed=lambda wildcards: counted(wildcards.dataset)["seed"],
    script:
        "../scripts/classification/train_network.py"


rule describe_codes:
    """Draw the sparse codes of a network: convergence beside FISTA, sparsity, patches of the atoms."""
    input:
        images="<images>/test.zarr/zarr.json",
        S=network_store("test"),
        network="<dataset>/classification/networks/{method}.pt",
    output:
        table="<dataset>/classification/networks/{method}_codes.csv",
        figure=report(
            "<dataset>/classification/networks/{method}_codes.png", **drawn_classification("codes")
        ),
    log:
        "<logs>/{dataset}/describe_codes_{method}.log",
    wildcard_constraints:
        method="istc|istc_learned|istc_pixels",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(3000),
        runtime=grows(20),
    params:
        code=code("classification/describe_codes"),
        settings=lambda wildcards: counted(wildcards.dataset)["classification"]["networks"],
    script:
        "../scripts/classification/describe_codes.py"


rule classification:
    """Errors of affine PCA and SVM on pixels and scattering coefficients, beside the published table."""
    input:
        tables=of_classified("errors.csv"),
    output:
        table=report(
            "<results>/classification.csv",
            caption="../report/classification.rst",
            category="Classification",
            labels={"shown": "table"},
        ),
        page="<results>/classification.md",
    log:
        "<logs>/classification.log",
    conda:
        "../../envs/gsn.yaml"
    resources:
        mem_mb=grows(500),
        runtime=grows(5),
    params:
        code=code("classification/classification"),
        datasets=config.get("classification", []),
    script:
        "../scripts/classification/classification.py"
