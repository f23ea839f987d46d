#!/usr/bin/env bash
# The packages of a real Slurm, for `make test-slurm`; where they cannot be installed, its tests are
# skipped and say so.
set -euo pipefail
needed=(munge slurmctld slurmd slurm-client)
PATH=$PATH:/usr/sbin:/sbin
absent=()
for program in munged slurmctld slurmd sbatch; do
    command -v "$program" >/dev/null || absent+=("$program")
done
[ "${#absent[@]}" -gt 0 ] || exit 0
if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    echo "tests/slurm: not installed: ${needed[*]} (needs apt-get, as root)"
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
{ apt-get update -q && apt-get install -q -y --no-install-recommends "${needed[@]}"; } >/dev/null ||
    echo "tests/slurm: not installed: ${needed[*]}"
