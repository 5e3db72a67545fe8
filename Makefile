# What a newcomer needs: `make book` and `make test`. `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
SITE := _build/html/index.html
SITE_SOURCES := _config.yml _toc.yml $(shell find book notebooks rnnkit/exam rnnkit/show/quizzes rnnkit/show/web -type f -not -name '*.pyc' -not -path '*/.ipynb_checkpoints/*')
PORT ?= 8000

.PHONY: help book serve lab lint test notebooks data exam portable bench audit clean
.DEFAULT_GOAL := help

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

# Two environments in one folder: the site's packages are a subset of everything, without torch.
.venv/pyvenv.cfg:
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) is missing; install Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: Python 3.11 or newer is needed, this is $$($(PYTHON) -V)."; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/site.stamp: .venv/pyvenv.cfg pyproject.toml constraints.txt
	@echo "Installing what the site needs ..."
	@$(PIP) install -q -c constraints.txt -e '.[site]'
	@touch $@

.venv/all.stamp: .venv/site.stamp pyproject.toml constraints.txt
	@echo "Installing what the chapters and the tests need (PyTorch is about 200 MB) ..."
	@$(PIP) install -q -c constraints.txt -e '.[site,notebooks,test]'
	@touch $@

book: $(SITE)  ## build the site and say where to open it
	@echo "The course is in $(SITE): open file://$(CURDIR)/$(SITE), or run 'make serve' for the live figures."

$(SITE): .venv/site.stamp $(SITE_SOURCES)
	@$(BIN)/jupyter-book build . --quiet -W -n --keep-going
	@touch $@

serve: .venv/site.stamp  ## serve the site at localhost:8000, rebuilt when a file changes
	@$(BIN)/python tools/serve.py --port $(PORT)

lab: .venv/all.stamp  ## open JupyterLab with everything installed
	@[ ! -e .git ] || $(BIN)/pre-commit install >/dev/null || true  # in a checkout: look at every commit
	@$(BIN)/jupyter lab notebooks

lint: .venv/all.stamp  ## check style, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

test: .venv/all.stamp data  ## run all tests
	@$(BIN)/python -m pytest

notebooks: .venv/all.stamp data  ## execute and normalise all chapters in place
	@$(BIN)/python tools/notebooks.py

data: .venv/all.stamp  ## fetch the data archives, once
	@$(BIN)/python -m rnnkit.data

# Both versions and their marking schemes into exam/; SEED=2027 ARGUMENTS="--chapters 1-4 --points 60".
exam: .venv/site.stamp  ## write an exam, versions A and B, for SEED
	@$(BIN)/python -m rnnkit exam $(if $(SEED),--seed "$(SEED)") $(ARGUMENTS)

# What other processors would compute; SETTINGS=other runs one, ARGUMENTS="--seeds 4 --ranges 05" looks at one chapter.
portable: .venv/all.stamp data  ## run all that trains as other processors would, half an hour
	@$(BIN)/python tools/portable.py $(if $(SETTINGS),--settings $(SETTINGS)) $(ARGUMENTS)

# torch picks its kernels for this processor; numpy's OpenBLAS shall do so too.
bench: .venv/all.stamp  ## time numpy against torch, in pairs
	@env -u OPENBLAS_CORETYPE $(BIN)/python -m pytest benchmarks -q -n 0

# Medians of five: ARGUMENTS="--runs 5"; one chapter: ARGUMENTS=04.
audit: .venv/all.stamp $(SITE)  ## judge every page with Lighthouse and the newest axe (needs Node, nothing else does)
	@$(BIN)/python tools/audit.py $(ARGUMENTS)

clean:  ## remove the built site (not the environment)
	@rm -rf _build && echo "Removed _build."
