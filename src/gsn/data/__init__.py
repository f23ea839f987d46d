"""Sources of data: one module each, which reads a split as a stream of `Item`s.

    items                                            what a source gives: Item, Source
    polygons, mnist, fashion_mnist, cifar10, celeba, lsun   the sources by name
    folder, hdf5, npy                                the images of the user
    idx, encoded, folder_listing                     what lies in a file, an archive, a folder
    hdf5_storage, npy_storage, stack                 what lies in an array
    pixels, metadata, scale                          any image to N x N
    splits                                           the images of each split
    files, download                                  files of a known checksum, and their mirrors
    shapes, photographs                              images drawn from a seed, or by a name
    crops                                            crops of photographs
    phantoms, head_ct                                for tomography: ellipses, and a real head
    corruptions                                      noise, occlusion, translation of images
    writing                                          items in, a zarr store out
    fields                                           stationary processes, and fields of the user

A source of images is a module with a function `read(files, split, **settings)`, which returns a
`Source`.
"""
