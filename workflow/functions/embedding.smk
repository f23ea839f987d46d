# What the rules of the embedding compute from the settings: shards and memory.


def count_shards(wildcards, split):
    """The number of shards of the coefficients of a split."""
    return -(-chosen(wildcards)[split] // chosen(wildcards)["scattering"]["shard"])


def shards(split=None):
    """A function of the wildcards for input: every shard of the coefficients of a split."""

    def files(wildcards):
        name = split or wildcards.split
        known = dict(wildcards.items()) | {"split": name}
        store = path("<transform>/scattering/{split}.zarr", **known)
        return [f"{store}/S/c/{i}/0/0/0" for i in range(count_shards(wildcards, name))]

    return files


def megabytes(*, rows, bases=0, workers=False):
    """A function of the wildcards for mem_mb: libraries, rows of coefficients, bases of 2 rank rows.

    With `workers`, all of that for each process of dask too, if the whitening uses processes.
    """

    def memory(wildcards):
        own = chosen(wildcards)
        p = settings.coefficients(**{key: own[key] for key in ("channels", "N", "J", "L")})
        whitening = own["whitening"]
        copies = (
            1 + whitening["workers"] if workers and whitening["scheduler"] == "processes" else 1
        )
        each = 35 if bases and whitening["solver"] == "incremental" else bases
        return copies * (1500 + 4 * p * (rows(own) + each * 2 * own["rank"]) // 10**6)

    return memory
