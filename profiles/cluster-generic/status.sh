#!/bin/sh
# Prints success, running or failed for the number of a job.
# LSF: bjobs -noheader -o stat NUMBER prints DONE, EXIT, or that it waits or runs.
job=$(qstat -x -f "$1" 2>&1) || case $job in
    *Unknown\ Job*) echo failed; exit ;;
    # Without its history PBS never says how a job ended.
    *job_history_enable*) echo "$job" >&2; echo failed; exit ;;
    *) echo running; exit ;;  # the server is busy: Snakemake asks again
esac
case $job in
    *"Exit_status = 0"*) echo success ;;
    *Exit_status*|*"job_state = F"*) echo failed ;;
    *) echo running ;;
esac
