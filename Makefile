.DEFAULT_GOAL := notebooks
.PHONY: notebooks bench test verify test-lessons test-mxnet test-pytorch test-tensorflow test-web test-latest test-oldest test-slow lint site slides web reviewed lab help venv

PYTHON := .venv/bin/python
export PYTHONUTF8 = 1

notebooks: venv  ## execute all notebooks whose inputs changed (`make -B`: all of them)
	@$(PYTHON) -m weave.build $(if $(findstring B,$(firstword -$(MAKEFLAGS))),--force)

test: lint test-lessons test-web test-mxnet test-pytorch test-tensorflow verify  ## run all tests

test-lessons: venv
	@$(PYTHON) -m pytest tests $(foreach folder,frameworks hub web,--ignore=tests/$(folder))

# Each framework in a process of its own: three in one can clash.
test-mxnet test-pytorch test-tensorflow: test-%: venv
	@echo "Testing $*"
	@$(PYTHON) -m pytest tests/frameworks --framework=$*

site: web  ## make the web edition in site/ (REPOSITORY=owner/name: with links to Binder)
	@.venv-web/bin/python -m web.site --repository="$(REPOSITORY)"

slides: site  ## make the decks, one per language and framework; they are part of site/
	@ls site/*/slides-*.html

test-web: web
	@echo "Testing the web edition"
	@.venv-web/bin/python -m pytest tests/web -rs

web: web/node_modules/.package-lock.json
	@sh tools/venv.sh .venv-web web/requirements.txt

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	@command -v npm >/dev/null || { echo "make: Node.js with npm is needed: install it," \
	    "then run make again." >&2; exit 1; }
	@npm ci --prefix web --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

lint: venv  ## check the style of the code
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check --quiet .

verify: venv  ## execute the committed notebooks anew and compare their outputs
	@$(PYTHON) -m weave.verify

# Too slow for every change; these three need the network.
test-latest: venv  ## run the lessons on the newest releases of everything
	@sh tools/stack.sh latest

test-oldest: venv  ## run the lessons on the oldest releases that pyproject.toml admits
	@sh tools/stack.sh oldest

test-slow: venv  ## kill make at 20 moments, resolve the pins for other platforms
	@$(PYTHON) -m pytest tests -m slow --ignore=tests/frameworks --ignore=tests/web

reviewed: venv  ## record that both languages of every line were read side by side
	@$(PYTHON) -m weave.languages --reviewed

bench: venv  ## measure the lessons beside d2l and write the tables (20 minutes)
	@$(PYTHON) -m tools.bench

lab: venv  ## open JupyterLab on the notebooks
	@$(PYTHON) -m tools.lab

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

venv:
	@sh tools/venv.sh .venv requirements.txt -r requirements-no-deps.txt -e .

.PHONY: hub test-hub hub-venv accounts image test-image assignment collect grade offline-bundle

hub: hub-venv  ## start the classroom, JupyterHub on this machine (classroom/README.md)
	@.venv-hub/bin/python classroom/start.py

test-hub: hub-venv  ## test the classroom: a class at the same time, and what can fail
	@.venv-hub/bin/python -m pip install --quiet --disable-pip-version-check \
	    -c constraints.txt -r classroom/login/requirements.txt -r tests/hub/requirements.txt
	@$(PYTHON) -m pytest tests/hub -rs

accounts:  ## make accounts from a class's list, as root: LIST=list.csv
	@python3 classroom/accounts.py "$(LIST)" $(or $(HUB_GROUP),students)

image:  ## build the image of Containerfile, as root on Debian, without a container engine
	@sh tools/image.sh

test-image: hub-venv  ## try that image out, without network
	@unshare -n sh -c 'ip link set lo up && $(PYTHON) -m pytest tests/hub/test_image.py -m slow'

hub-venv: venv
	@sh classroom/setup.sh

assignment: venv  ## make the exercises that nbgrader can grade: grading/release
	@$(PYTHON) -m classroom.grade assignment

collect: venv  ## fetch the students' exercises from their homes on this machine
	@$(PYTHON) -m classroom.grade collect --group $(or $(HUB_GROUP),students)

grade: venv  ## grade what was collected: grading/grades.csv
	@$(PYTHON) -m classroom.grade grade

offline-bundle: hub-venv  ## pack all of it for a room without network
	@sh tools/bundle.sh
