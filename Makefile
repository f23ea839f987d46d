# Two doors for a newcomer: `make table1` and `make test`. Both build .venv first.
# `make paper` makes every table and figure of the paper, `make report` one file to read with all of them.
#
#   PYTHON=python3.12 make env                                            another interpreter (3.11 or later)
#   PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu make env     torch without CUDA

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c envs/constraints.txt
SOURCES := src tests benchmarks studies examples workflow docs

.PHONY: table1 paper report test test-install test-slow test-faults test-slurm env lint format docs bench cluster

table1: env
	$(BIN)/snakemake --cores all
	@cut -d, -f1-11 results/table1.csv | column -s, -t 2>/dev/null || cat results/table1.csv

paper: env
	$(BIN)/snakemake --cores all -- paper

report: paper
	$(BIN)/snakemake --report report.html -- paper
	@echo "open report.html"

test: env
	$(BIN)/pytest

# Into a fresh environment, in some minutes.
test-install: env
	$(BIN)/pytest -n 0 -m install tests/test_environment.py

# The systems that train several networks, through Snakemake.
test-slow: env
	$(BIN)/pytest -m slow

# Kills, stops and full disks in every stage.
test-faults: env
	$(BIN)/pytest -m faults

# On a Slurm of one node, whose packages tests/slurm/install.sh installs; skipped without them. And on
# a queue that stands in for PBS, since `make test` lacks the plugin.
test-slurm: cluster
	$(BIN)/pytest -n 0 -m 'slurm or not slow' -rs tests/slurm tests/test_cluster_generic.py

env: .venv/installed

# Snakemake leaves the interpreter of a script unquoted: no spaces and the like in the path.
.venv/installed: pyproject.toml envs/constraints.txt
	@case "$$PWD" in *[[:space:]{}\'\"\$$\&\;\|\<\>\(\)\*\?\[\]\#!\`\\]*) echo "gsn must lie in a folder without spaces, \
	braces and the like in its path: found $$PWD; move it, or rename the folder." >&2; exit 1;; esac
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "gsn needs Python 3.11 or later: found no \
	$(PYTHON); set PYTHON=, such as \`PYTHON=python3.12 make env\`." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "gsn needs Python 3.11 or later: $(PYTHON) is " + sys.version.split()[0] + "; set PYTHON=")'
	$(PYTHON) -m venv .venv
	$(PIP) -e '.[test]'
	@touch $@

# The executors and the dask cluster backends, for Slurm and the like.
cluster: env
	$(PIP) -e '.[test,cluster]'

lint: env
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/codespell
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy
	$(BIN)/snakemake --lint

format: env
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/snakefmt Snakefile workflow

docs: .venv/docs
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	@echo "open docs/_build/html/index.html"

.venv/docs: .venv/installed
	$(PIP) -e '.[test,docs]'
	@touch $@

bench: env
	$(BIN)/python benchmarks/scattering.py
	$(BIN)/python benchmarks/gradients.py
	$(BIN)/python benchmarks/scattering_store.py
	$(BIN)/python benchmarks/whitening.py
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/descent.py
	$(BIN)/python benchmarks/reconstruction.py
	$(BIN)/python benchmarks/classification.py
