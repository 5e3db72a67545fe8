# Every target is a command of make.py, which runs without make too: `python make.py book`. `make help` lists them.
# What a command takes stands in ARGUMENTS: make audit ARGUMENTS="--runs 5 04", make test ARGUMENTS="tests/test_cells.py".
PYTHON ?= python3
TARGETS := book serve lab lint test notebooks student solutions slides pdf-slides rehearse data pdf exam problems collect grade feedback portable versions bench audit cards release clean help

.PHONY: $(TARGETS)
.DEFAULT_GOAL := help

$(TARGETS):
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) is missing; install Python 3.11 or newer."; exit 1; }
	@$(PYTHON) make.py $@ $(if $(PORT),--port $(PORT)) $(if $(SETTINGS),--settings $(SETTINGS)) $(if $(SEED),--seed "$(SEED)") $(if $(FROM),--from "$(FROM)") $(ARGUMENTS)
