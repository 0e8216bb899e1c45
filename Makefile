.DEFAULT_GOAL := notebooks
.PHONY: notebooks exercises bench test verify test-lessons test-mxnet test-pytorch test-tensorflow lint reviewed lab help venv

PYTHON := .venv/bin/python
export PYTHONUTF8 = 1

notebooks: venv  ## execute all notebooks whose inputs changed (`make -B`: all of them)
	@$(PYTHON) -m tools.build $(if $(findstring B,$(firstword -$(MAKEFLAGS))),--force)

exercises: venv  ## the same for the exercises and their solutions only
	@$(PYTHON) -m tools.build exercises solutions

test: lint test-lessons test-mxnet test-pytorch test-tensorflow verify  ## run all tests

test-lessons: venv
	@$(PYTHON) -m pytest tests --ignore=tests/frameworks --ignore=tests/hub

# Each framework in a process of its own: three in one can clash.
test-mxnet test-pytorch test-tensorflow: test-%: venv
	@echo "Testing $*"
	@$(PYTHON) -m pytest tests/frameworks --framework=$*

lint: venv  ## check the style of the code
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check --quiet .

verify: venv  ## execute the committed notebooks anew and compare their outputs
	@$(PYTHON) -m tools.verify

reviewed: venv  ## record that both languages of every line were read side by side
	@$(PYTHON) -m tools.checks --reviewed

bench: venv  ## measure the lessons beside d2l and write the tables (20 minutes)
	@$(PYTHON) -m tools.bench

lab: venv  ## open JupyterLab on the notebooks
	@.venv/bin/jupyter lab --notebook-dir=notebooks

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

venv:
	@sh tools/venv.sh

.PHONY: hub test-hub hub-venv assignment collect grade offline-bundle

hub: hub-venv  ## start the classroom, JupyterHub on this machine (classroom/README.md)
	@.venv-hub/bin/python classroom/start.py

test-hub: hub-venv  ## test the classroom: a class at the same time, and what can fail
	@$(PYTHON) -m pytest tests/hub

hub-venv: venv
	@sh classroom/setup.sh

assignment: venv  ## make the exercises that nbgrader can grade: grading/release
	@$(PYTHON) -m tools.grade assignment

collect: venv  ## fetch the students' exercises from their homes on this machine
	@$(PYTHON) -m tools.grade collect --group $(or $(HUB_GROUP),students)

grade: venv  ## grade what was collected: grading/grades.csv
	@$(PYTHON) -m tools.grade grade

offline-bundle: hub-venv  ## pack all of it for a room without network
	@sh tools/bundle.sh
