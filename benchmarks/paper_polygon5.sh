#!/usr/bin/env bash
# The paper's Polygon5 column at its full size, from drawing to PSNR and figures, through the project's own stages and
# without Snakemake. Run it again until it says that all is done: each call works for at most SLICE seconds (570 if not
# set), what is finished is kept, and the training goes on from its last state. Sizes may be given, for a rehearsal:
#
#   benchmarks/paper_polygon5.sh
#   SLICE=60 benchmarks/paper_polygon5.sh --N 32 --train 512 --test 128 --J 3 --d 64 --width 4 --epochs 5 --folder results/rehearsal
#
# It needs Python 3.11, torch, numpy, scipy, zarr 3, dask, numba, scikit-learn, matplotlib and tqdm, and gsn itself only from
# src/. PYTHON names the interpreter: if not set, that of .venv, or else python3.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
export PYTHONPATH="$here/src${PYTHONPATH:+:$PYTHONPATH}"
own="$here/.venv/bin/python"
[ -x "$own" ] || own=python3
status=0
timeout --signal=TERM --kill-after=25 "${SLICE:-570}" "${PYTHON:-$own}" "$here/benchmarks/paper_polygon5.py" "$@" || status=$?
if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then  # stopped by TERM, or by KILL 25 s later
    echo "the slice is over: run it again to go on"
    exit 0
fi
exit "$status"
