"""Sources of data: one module each, which reads a split as a stream of `Item`s.

    items                                            what a source gives: Item, Source
    polygons, mnist, celeba, lsun, folder, hdf5      the sources
    folder_listing, hdf5_storage, encoded            what lies in a folder, an HDF5 file, an archive
    pixels, metadata, scale                          any image to N x N
    splits                                           the images of each split
    files, download                                  files of a known checksum, and their mirrors
    corruptions                                      noise, occlusion, translation of images
    writing                                          items in, a zarr store out

A source is a module with a function `read(files, split, **settings)`, which returns a `Source`.
"""
