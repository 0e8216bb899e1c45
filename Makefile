.DEFAULT_GOAL := notebooks
.PHONY: notebooks exercises test verify test-lessons test-mxnet test-pytorch test-tensorflow test-latest test-oldest test-slow lint reviewed lab help venv

PYTHON := .venv/bin/python
export PYTHONUTF8 = 1

notebooks: venv  ## execute all notebooks whose inputs changed (`make -B`: all of them)
	@$(PYTHON) -m tools.build $(if $(findstring B,$(firstword -$(MAKEFLAGS))),--force)

exercises: venv  ## the same for the exercises and their solutions only
	@$(PYTHON) -m tools.build exercises solutions

test: lint test-lessons test-mxnet test-pytorch test-tensorflow verify  ## run all tests

test-lessons: venv
	@$(PYTHON) -m pytest tests --ignore=tests/frameworks

# Each framework in a process of its own: three in one can clash.
test-mxnet test-pytorch test-tensorflow: test-%: venv
	@echo "Testing $*"
	@$(PYTHON) -m pytest tests/frameworks --framework=$*

lint: venv  ## check the style of the code
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check --quiet .

verify: venv  ## execute the committed notebooks anew and compare their outputs
	@$(PYTHON) -m tools.verify

# Too slow for every change; these three need the network.
test-latest: venv  ## run the lessons on the newest releases of everything
	@sh tools/stack.sh latest

test-oldest: venv  ## run the lessons on the oldest releases that pyproject.toml admits
	@sh tools/stack.sh oldest

test-slow: venv  ## kill make at 20 moments, resolve the pins for other platforms
	@$(PYTHON) -m pytest tests -m slow --ignore=tests/frameworks

reviewed: venv  ## record that both languages of every line were read side by side
	@$(PYTHON) -m tools.checks --reviewed

lab: venv  ## open JupyterLab on the notebooks
	@$(PYTHON) -m tools.lab

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

venv:
	@sh tools/venv.sh
