#!/bin/sh
# Ends the jobs of these numbers. LSF: bkill "$@"
exec qdel "$@"
