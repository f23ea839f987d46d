#!/usr/bin/env bash
# The paper's Polygon5 column at its full size, from drawing to a page with PSNR, times and figures,
# on one machine with a GPU, in slices: run it again until it says that all is done.
#
#   runs/polygon5.sh
#   SLICE=60 TARGET=results/polygon5-32-paper/J3_L8/d128/README.md runs/polygon5.sh --until fit_pca
#
# SLICE is the time limit of one call, in seconds; without it the call runs to the end. At the limit
# the training saves its state and the next call continues it; any other job starts again, so a
# slice must be longer than each of them. Further arguments go to Snakemake.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${TARGET:-results/polygon5/J4_L8/d512/README.md}
snakemake=${SNAKEMAKE:-.venv/bin/snakemake}
status=0
if [ -n "${SLICE:-}" ]; then
    # INT: Snakemake ends in order and releases its lock, and the training saves its state.
    timeout --signal=INT --kill-after=60 "$SLICE" \
        "$snakemake" --workflow-profile profiles/workstation "$target" "$@" || status=$?
else
    "$snakemake" --workflow-profile profiles/workstation "$target" "$@" || status=$?
fi
if [ "$status" -eq 137 ]; then  # it was killed, a minute after INT: its lock is still there
    "$snakemake" --unlock
fi
if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
    echo "the slice is over: run it again to continue"
    exit 0
fi
[ "$status" -eq 0 ] || exit "$status"
[ -e "$target" ] && echo "all is done: $target" || echo "done as far as asked"
