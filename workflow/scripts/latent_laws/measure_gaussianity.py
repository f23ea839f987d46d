from gsn.runtime import job

job.start(snakemake.log[0], snakemake.threads)

from pathlib import Path

from gsn.figures import laws
from gsn.runtime import files, store
from gsn.systems.latent_laws import gaussianity

z = {
    split: store.read(Path(path).parent, "z")[...]
    for split, path in zip(("train", "test"), snakemake.input.z, strict=True)
}
components = list(gaussianity.table(z))
files.write_csv(snakemake.output.components, components[0], (row.values() for row in components))
joint = list(gaussianity.joint_table(z, seed=snakemake.params.seed))
files.write_csv(snakemake.output.joint, joint[0], (row.values() for row in joint))
with files.whole_file(snakemake.output.quantiles) as partial:
    laws.qq(gaussianity.panels(z["test"])).savefig(partial)
