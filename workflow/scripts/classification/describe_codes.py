from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path


from gsn.figures import codes as figures
from gsn.runtime import files, store, weights
from gsn.systems.classification import codes, networks, trained

SOME, ATOMS = 1024, (6, 10)
method, given = snakemake.wildcards.method, snakemake.params.settings
folder = Path(snakemake.input.images).parent
images = store.read(folder, "x")
x = images if method == "istc_pixels" else store.read(Path(snakemake.input.S).parent, "S")
state = weights.load(snakemake.input.network, "the weights of the network")
classes = len(state["linear.bias"])  # the test images may lack one
network = networks.new(method, x.shape[1:], classes, given).eval()
network.load_state_dict(state)
some = x[:SOME]
rows = codes.convergence(network, some[:64])
table = ([row[column] for column in codes.COLUMNS] for row in rows)
files.write_csv(snakemake.output.table, codes.COLUMNS, table)
atoms = codes.patches(
    network, some, images[:SOME], atoms=ATOMS[0] * ATOMS[1], side=min(12, images.shape[-1])
)
columns = min(ATOMS[1], len(atoms))
atoms = atoms[: len(atoms) // columns * columns].reshape(-1, columns, *atoms.shape[1:])
shares = trained.sparsity(network, some)
figure = figures.panels(rows, shares, atoms, title=f"{snakemake.wildcards.dataset}, {method}")
with files.whole_file(snakemake.output.figure) as partial:
    figure.savefig(partial)
