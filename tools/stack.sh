#!/bin/sh
# Verify the notebooks on another stack than the pinned one: `sh tools/stack.sh latest`,
# or `oldest`, as pyproject.toml admits them. A second word names the only framework.
set -eu
stack=$1
fail() {
    echo "make: $*" >&2
    exit 1
}
case $stack in
latest) ;;
oldest)
    .venv/bin/python -c "import sys; sys.exit(sys.version_info >= (3, 13))" ||
        fail "the oldest releases have no wheels for Python 3.13: delete .venv and" \
            "run make with BASE_PYTHON=python3.12, or 3.11."
    ;;
*) fail "there are the stacks latest and oldest, not $stack." ;;
esac
# MXNet has no newer release than the one that is pinned, so its extra has no bounds.
bounded='import tomllib
extras = tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]
print(*(name for name, wants in extras.items() if ">=" in str(wants)))'
if [ $# = 1 ]; then
    for framework in $(.venv/bin/python -c "$bounded"); do
        sh "$0" "$stack" "$framework"
    done
    exit
fi
framework=$2
place=.build/$stack-$framework

bounds='import sys, tomllib
project = tomllib.load(open("pyproject.toml", "rb"))["project"]
wants = project["dependencies"] + project["optional-dependencies"][sys.argv[1]]
print(*(want.replace(">=", "==") for want in wants))'
oldest=
[ "$stack" = oldest ] && oldest=$(.venv/bin/python -c "$bounds" "$framework")

echo "Making $place; this takes some minutes."
.venv/bin/python -m venv --clear "$place"
# shellcheck disable=SC2086 # one word each
"$place/bin/python" -m pip install --quiet --disable-pip-version-check \
    ".[$framework]" $oldest jupyter jupytext jinja2 pyyaml
rm -rf build  # pip leaves it
"$place/bin/python" -m pip list --format=freeze | grep -i -E \
    "^(numpy|matplotlib|ipython|keras|jupyterlab|$framework|torch|tensorflow|jaxlib|optax)=="
# What is installed is complete: away from the checkout.
(cd "$place" && bin/python -c "from common import data; data.load_airfoil()")
"$place/bin/python" -m weave.verify --text "$framework"
