.DEFAULT_GOAL := notebooks
.PHONY: notebooks test lint reviewed lab help venv

PYTHON := .venv/bin/python

notebooks: venv  ## execute all notebooks whose inputs changed (`make -B`: all of them)
	@$(PYTHON) -m tools.build $(if $(findstring B,$(firstword -$(MAKEFLAGS))),--force)

test: venv lint  ## run the tests
	@$(PYTHON) -m pytest

lint: venv  ## check the style of the code
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check --quiet .

reviewed: venv  ## record that both languages of every line were read side by side
	@$(PYTHON) -m tools.checks --reviewed

lab: venv  ## open JupyterLab on the notebooks
	@.venv/bin/jupyter lab --notebook-dir=notebooks

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

venv:
	@sh tools/venv.sh
