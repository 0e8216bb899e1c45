#!/bin/sh
# Make an environment, or leave it alone if it was made from the same requirements:
# `venv.sh FOLDER REQUIREMENTS [what else pip is to install]`. BASE_PYTHON names
# another interpreter to try first.
set -eu

venv=$1
requirements=$2
shift 2

fail() {
    echo "make: $*" >&2
    exit 1
}

stamp=$venv/made-from
is_current() {
    inputs=$(cat "$requirements" constraints.txt requirements-no-deps.txt | cksum)
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$inputs" ]
}
is_current && exit 0
[ -L "$venv" ] && fail "$venv is a link, and what it leads to was made from other" \
    "requirements: run make there, or delete the link and run make again."
[ -w . ] || fail "there is no environment for these requirements, and this folder" \
    "cannot be written to: copy it to a place of yours and run make there."

is_supported='import sys, venv, ensurepip
sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
python=
# The system's own first: students' accounts can run it, but not one in root's home.
for name in "${BASE_PYTHON:-/usr/bin/python3}" python3 python3.13 python3.12 \
    python3.11 python; do
    if "$name" -c "$is_supported" 2>/dev/null; then
        python=$name
        break
    fi
done

# One at a time. The lock ends with the last process that has the descriptor: a pip
# that outlives a killed make keeps it.
exec 9>"$venv.lock"
"${python:-python3}" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)' 2>/dev/null || :
is_current && exit 0

# One that was complete, of a Python that is still supported, is brought up to date;
# any other is made again.
complete=
[ -f "$stamp" ] && "$venv/bin/python" -c "$is_supported" 2>/dev/null && complete=yes
rm -f "$stamp"
if [ -n "$complete" ]; then
    echo "Bringing $venv up to date."
elif [ -n "$python" ]; then
    echo "Making $venv with $python; this takes some minutes, once."
    "$python" -m venv --clear "$venv"
elif command -v uv >/dev/null; then
    echo "Making $venv with uv; this takes some minutes, once."
    uv venv --clear --seed --python 3.13 "$venv"
else
    fail "Python 3.11, 3.12 or 3.13 is needed: install one (with its venv module) or" \
        "install uv, then run make again."
fi || fail "the environment could not be made (see above)."
# A bundle for rooms without network brings what pip would fetch.
[ -d wheels ] && export PIP_NO_INDEX=1 PIP_FIND_LINKS=wheels
pip="$venv/bin/python -m pip install --quiet --disable-pip-version-check"
incomplete="the environment is incomplete (see above); with the network on, and 9 GB \
of free disk, run make again."
$pip -c constraints.txt -r "$requirements" || fail "$incomplete"
# What else there is has metadata of its own that is not to be heard.
[ $# = 0 ] || $pip --no-deps "$@" || fail "$incomplete"
echo "$inputs" > "$stamp"
