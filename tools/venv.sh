#!/bin/sh
# Make .venv, or leave it alone if it was made from the same requirements.
set -eu

inputs=$(cat requirements.txt constraints.txt | cksum)
stamp=.venv/made-from
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$inputs" ] && exit 0

is_311='import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))'
for python in python3.11 python3 python; do
    if "$python" -c "$is_311" 2>/dev/null; then
        echo "Making .venv with $python; this takes some minutes, once."
        "$python" -m venv --clear .venv
        break
    fi
done
if ! .venv/bin/python -c "$is_311" 2>/dev/null; then
    if command -v uv >/dev/null; then
        echo "Making .venv with uv; this takes some minutes, once."
        uv venv --clear --seed --python 3.11 .venv
    else
        echo "make: Python 3.11 is needed: install it (with its venv module) or" \
             "install uv, then run make again." >&2
        exit 1
    fi
fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check \
    -r requirements.txt -e . ||
    { echo "make: the environment is incomplete (see above); with the network" \
           "on, run make again." >&2; exit 1; }
echo "$inputs" > "$stamp"
