.DEFAULT_GOAL := notebooks
.PHONY: pins test-cpus notebooks bench test verify test-lessons test-frameworks test-web test-latest test-oldest test-slow lint site slides web reviewed lab help venv

PYTHON := .venv/bin/python
FRAMEWORKS := $(shell sed -n 's/^\([a-z0-9]*\):.*/\1/p' lessons/frameworks.yml)
export PYTHONUTF8 = 1
unexport PYTHONWARNINGS

notebooks: venv  ## execute all notebooks whose inputs changed (`make -B`: all of them)
	@$(PYTHON) -m weave.build $(if $(findstring B,$(firstword -$(MAKEFLAGS))),--force)

# The web edition first: a test of the lessons makes one, too, where it can.
test: lint test-web test-lessons test-frameworks verify  ## run all tests
	@[ -z "$$(ls .build/untested 2>/dev/null)" ] || echo "make: the web edition was not tested in $$(ls \
	    .build/untested | paste -sd' '): install Debian's packages of these names, then run make test-web."

test-lessons: venv
	@$(PYTHON) -m pytest tests -n 2 \
	    $(foreach folder,frameworks hub web,--ignore=tests/$(folder))

# Each framework in a process of its own: several in one can clash. Two at a time.
test-frameworks: venv
	@$(MAKE) --no-print-directory -j2 \
	    $(if $(filter output-sync,$(.FEATURES)),-Otarget) $(FRAMEWORKS:%=test-%)
$(FRAMEWORKS:%=test-%): test-%: venv
	@echo "Testing $*"
	@$(PYTHON) -m pytest lessons tests/frameworks --framework=$*

# Node.js comes with the environment: none is needed on the machine.
web site slides test-web: export PATH := $(CURDIR)/.venv-web/bin:$(PATH)

site: web  ## make the web edition in site/ (REPOSITORY=owner/name: links to Binder and Colab)
	@.venv-web/bin/python -m web.site --repository="$(REPOSITORY)" --address="$(ADDRESS)"

slides: site  ## make the decks, one per lesson, language and framework; they are part of site/
	@ls site/*/slides-*.html

test-web: web
	@echo "Testing the web edition"
	@rm -rf .build/untested
	@.venv-web/bin/python -m pytest tests/web -n 2 -rs

web:
	@sh tools/venv.sh .venv-web web/requirements.txt
	@$(MAKE) --silent web/node_modules/.package-lock.json

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	@npm ci --prefix web --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

test-cpus: venv  ## the same tests as other processors round (hours)
	@$(PYTHON) -m tools.cpus

lint: venv  ## check the style of the code
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check --quiet .

verify: venv  ## execute the committed notebooks anew and compare their outputs
	@$(PYTHON) -m weave.verify

# Too slow for every change; the first two need the network.
test-latest: venv  ## run the lessons on the newest releases of everything
	@sh tools/stack.sh latest

test-oldest: venv  ## run the lessons on the oldest releases that pyproject.toml admits
	@sh tools/stack.sh oldest

test-slow: venv  ## kill make at 20 moments
	@$(PYTHON) -m pytest tests -m slow $(foreach folder,frameworks hub web,--ignore=tests/$(folder))

pins: venv  ## renew constraints.txt: the newest releases of all requirements
	@.venv/bin/uv pip compile --universal --python-version 3.11 --upgrade --quiet \
	    --no-annotate --custom-compile-command "make pins" --output-file constraints.txt \
	    requirements.txt web/requirements.txt classroom/requirements.txt

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

.PHONY: hub test-hub hub-venv accounts image test-image
.PHONY: assignment collect grade grades feedback offline-bundle

hub: hub-venv  ## start the classroom, JupyterHub on this machine (classroom/README.md)
	@.venv-hub/bin/python classroom/start.py

test-hub: hub-venv  ## test the classroom: a class at the same time, and what can fail
	@.venv-hub/bin/python -m pip install --quiet --disable-pip-version-check \
	    -c constraints.txt -r tests/hub/requirements.txt
	@$(PYTHON) -m pytest tests/hub tests/classroom -rs

accounts:  ## make accounts from a class's list, as root: LIST=list.csv
	@[ -n "$(LIST)" ] || { echo "make: name the list: make accounts LIST=list.csv" >&2; exit 1; }
	@python3 classroom/accounts.py "$(LIST)" $(or $(HUB_GROUP),students)

image:  ## build the image of Containerfile, as root on Debian, without a container engine
	@sh tools/image.sh

test-image: hub-venv  ## try that image out, without network
	@unshare -n sh -c 'ip link set lo up && $(PYTHON) -m pytest tests/hub/test_image.py -m slow'

hub-venv: venv
	@sh classroom/setup.sh

GRADING = $(PYTHON) -m classroom.grading
GROUP = --group $(or $(HUB_GROUP),students)

assignment: venv  ## make the exercises that nbgrader can grade: grading/release
	@$(GRADING) assignment

collect: venv  ## fetch the students' exercises from their homes on this machine
	@$(GRADING) collect $(GROUP)

grade: venv  ## grade what was collected: grading/grades.csv (STUDENT=name: one alone)
	@$(GRADING) grade $(if $(STUDENT),--student "$(STUDENT)")

grades: venv  ## write grades.csv, moodle.csv and canvas.csv anew from the gradebook
	@$(GRADING) grades

feedback: venv  ## write each student a page, as root into the homes
	@$(GRADING) feedback $(GROUP)

offline-bundle: hub-venv  ## pack all of it for a room without network
	@sh tools/bundle.sh
