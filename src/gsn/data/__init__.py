"""Sources of data: one module each, which reads a split as a stream of `Item`s.

    items                                            what a source gives: Item, Source
    polygons, mnist, celeba, lsun, folder, hdf5      the sources
    pixels                                           any image to N x N
    splits                                           the images of each split
    files, download                                  files of a known checksum, and their mirrors
    writing                                          items in, a zarr store out

A source is a module with a function `read(files, split, **settings)`, which returns a `Source`.
"""
