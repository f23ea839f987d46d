# What the paper shows of a data set, beside Table 1 and the figures of images.
EMBEDDING = ("embedding_spectrum", "embedding_distances", "embedding_continuity")


def shown_of(name):
    """The measurements of the embedding of a data set, and the page about its experiment."""
    names = [f"figures/{figure}.png" for figure in EMBEDDING] + ["embedding.csv", "README.md"]
    return [path(f"<experiment>/{file}", **own(name)) for file in names]
