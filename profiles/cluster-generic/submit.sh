#!/bin/sh
# Submits a job script and prints the number of the job, and nothing else.
#   submit.sh RULE CORES MEGABYTES MINUTES GPUS SCRIPT
# LSF: bsub -J gsn-$1 -n $2 -M $3 -W $4 -gpu num=$5 -oo logs/cluster/%J.out "$6" | tr -dc 0-9
set -eu
queue=      # -q NAME
account=    # -A NAME
gpus=
if [ "$5" -gt 0 ]; then gpus=":ngpus=$5"; fi  # without this line no job asks for a GPU
mkdir -p logs/cluster
# shellcheck disable=SC2086  # an option that is left empty is none
exec qsub -V -N "gsn-$1" -j oe -o logs/cluster/ $queue $account \
    -l "select=1:ncpus=$2:mem=$3mb$gpus" -l "walltime=$(($4 * 60))" "$6"
