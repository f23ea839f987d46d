# What the paper shows of a data set, beside Table 1 and the figures of images.
EMBEDDING = ("embedding_spectrum", "embedding_distances", "embedding_continuity")


def shown_of(name):
    """The film and the measurements of the embedding of a data set, and the page about it."""
    names = [f"figures/{figure}.png" for figure in EMBEDDING]
    names += ["figures/figure5_interpolation.html", "embedding.csv", "README.md"]
    return [path(f"<experiment>/{file}", **own(name)) for file in names]
