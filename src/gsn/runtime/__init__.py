"""Floor 1, the plumbing: how jobs run and how arrays reach the disk.

Every floor above may import it:

    job         the start of a job, and requests to stop it
    log         messages to the log and to the terminal
    progress    rate and time left of long work
    loops       compiled loops
    machine     device, processes, memory
    gpus        one of several GPUs
    streams     work ahead of its use
    files       files that appear whole
    store       zarr stores
    reading     arrays of stores, with every absence named
    rows        arrays that grow row by row
    shards      the sharding format of zarr v3
    view        a store as a dask array
    cluster     where dask computes
    weights     files of torch
    arguments   arguments, or one sentence about what is wrong
    precision   float32, whatever the defaults of torch say
    version     the version of the package
"""
