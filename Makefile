# Two doors for a newcomer: `make table1` and `make test`. Both build .venv first.
#
#   PYTHON=python3.12 make env                                            another interpreter (3.11 or later)
#   PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu make env     torch without CUDA

PYTHON ?= python3
BIN := .venv/bin
SOURCES := src tests benchmarks workflow/scripts

.PHONY: table1 test env lint bench cluster

table1: env
	$(BIN)/snakemake --cores all
	@awk -F, '{printf "%-13s%-7s%-11s%-7s%-5s%-3s%-3s%-5s%-16s%-14s%s\n", $$1, $$2, $$3, $$4, $$5, $$6, $$7, $$8, $$9, $$10, $$11}' results/table1.csv

test: env
	$(BIN)/pytest

env: .venv/installed

.venv/installed: pyproject.toml envs/constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "gsn needs Python 3.11 or later: $(PYTHON) is " + sys.version.split()[0] + "; set PYTHON=")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c envs/constraints.txt -e '.[test]'
	@touch $@

# The executors and the dask cluster backends, for Slurm and the like.
cluster: env
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c envs/constraints.txt -e '.[test,cluster]'

lint: env
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

bench: env
	$(BIN)/python benchmarks/scattering.py
	$(BIN)/python benchmarks/scattering_store.py
	$(BIN)/python benchmarks/whitening.py
	$(BIN)/python benchmarks/training.py
